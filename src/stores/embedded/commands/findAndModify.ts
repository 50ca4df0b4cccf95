import { variablesCompiler } from '../aggregate/expressions.js';
import { runPipelineOn } from '../aggregate/pipeline.js';
import { type Doc, isDocument, MISSING } from '../bson/value.js';
import { failedToParse } from '../errors.js';
import { parseQuery } from '../query/parse.js';
import { compileProjection } from '../query/project.js';
import { parseSort } from '../query/sort.js';
import { parseUpdate } from '../update/update.js';
import { assertSimpleCollation, documentOf, flagOf, hintOf, namespaceOf } from './arguments.js';
import type { CommandContext, Commands } from './context.js';
import { runDelete, runUpdate } from './statements.js';

const findAndModifyCommand = {
  fields: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'collation',
    'hint',
    'let',
    'bypassDocumentValidation',
  ],
  run: findAndModify,
};

export const findAndModifyCommands: Commands = {
  findAndModify: findAndModifyCommand,
  findandmodify: findAndModifyCommand,
};

/** Finds and changes one document with nothing in between: of two with one precondition only one succeeds. */
async function findAndModify(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  assertSimpleCollation(request.collation);
  const removing = flagOf(request.remove);
  const upsert = flagOf(request.upsert);
  if (removing && request.update !== undefined)
    throw failedToParse('Cannot specify both an update and remove=true');
  if (!removing && request.update === undefined)
    throw failedToParse('Either an update or remove=true must be specified');
  if (removing && upsert) throw failedToParse('Cannot specify both upsert=true and remove=true ');
  if (removing && flagOf(request.new))
    throw failedToParse(
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  const compileExpression = variablesCompiler(documentOf(request.let, 'let'));
  const query = parseQuery(documentOf(request.query, 'query'), compileExpression);
  const sort = parseSort(documentOf(request.sort, 'sort'));
  const projection = compileProjection(documentOf(request.fields, 'fields'), compileExpression);
  const shown = (document: Doc | null, arrayIndex?: number) =>
    document && projection ? projection(document, arrayIndex) : document;

  if (removing) {
    return storage.write(() => {
      const collection = storage.find(namespace);
      const hint = hintOf(request.hint, collection);
      const [found] = collection ? runDelete(storage, collection, { query, sort, hint, multi: false }) : [];
      return {
        lastErrorObject: { n: found ? 1 : 0 },
        value: shown(found?.document ?? null, found?.arrayIndex),
        ok: 1,
      };
    });
  }

  const runPipeline = (pipeline: readonly unknown[], document: Doc) =>
    runPipelineOn(pipeline, document, compileExpression);
  const update = parseUpdate(request.update, request.arrayFilters, { compileExpression, runPipeline });
  return storage.write(() => {
    const collection = upsert ? storage.ensure(namespace) : storage.find(namespace);
    if (!collection) return { lastErrorObject: { n: 0, updatedExisting: false }, value: null, ok: 1 };
    const hint = hintOf(request.hint, collection);
    const result = runUpdate(storage, collection, {
      query,
      sort,
      hint,
      multi: false,
      update,
      upsert,
      now: context.now(),
    });
    const inserted = result.upsertedId !== MISSING;
    const lastErrorObject = {
      n: result.matched + (inserted ? 1 : 0),
      updatedExisting: result.matched > 0,
      ...(inserted ? { upserted: result.upsertedId } : {}),
    };
    const value = flagOf(request.new) ? result.after : result.before;
    return { lastErrorObject, value: isDocument(value) ? shown(value, result.arrayIndex) : null, ok: 1 };
  });
}
