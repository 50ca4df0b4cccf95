import { variablesCompiler } from '../aggregate/expressions.js';
import { runPipelineOn } from '../aggregate/pipeline.js';
import { type Doc, isDocument, MISSING, plain } from '../bson/value.js';
import { CommandError, failedToParse, notSupported, toCommandError } from '../errors.js';
import { parseQuery } from '../query/parse.js';
import { parseSort } from '../query/sort.js';
import type { Storage } from '../storage/storage.js';
import { parseUpdate } from '../update/update.js';
import { assertSimpleCollation, documentOf, documentsOf, flagOf, hintOf, namespaceOf } from './arguments.js';
import type { CommandContext, Commands } from './context.js';
import { MAX_WRITE_BATCH } from './handshake.js';
import { runDelete, runInsert, runUpdate } from './statements.js';

const UPDATE_FIELDS = new Set([
  'q',
  'u',
  'c',
  'multi',
  'upsert',
  'arrayFilters',
  'collation',
  'hint',
  'sort',
]);
const DELETE_FIELDS = new Set(['q', 'limit', 'collation', 'hint']);

export const writeCommands: Commands = {
  insert: { fields: ['documents', 'ordered', 'bypassDocumentValidation'], run: insert },
  update: { fields: ['updates', 'ordered', 'bypassDocumentValidation', 'let'], run: update },
  delete: { fields: ['deletes', 'ordered', 'let'], run: remove },
};

/**
 * Runs the statements of one command in one transaction. A refused statement writes nothing itself; those before
 * it stand, those after it run unless the command is ordered.
 */
async function runBatch(
  storage: Storage,
  statements: readonly Doc[],
  ordered: boolean,
  run: (statement: Doc, index: number) => void,
): Promise<Doc> {
  if (statements.length === 0 || statements.length > MAX_WRITE_BATCH) {
    throw new CommandError(
      16,
      `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${statements.length} operations.`,
    );
  }
  const writeErrors = await storage.write(() => {
    const errors: Doc[] = [];
    for (const [index, statement] of statements.entries()) {
      try {
        run(statement, index);
      } catch (error) {
        // Only a refusal is known to have written nothing.
        if (!(error instanceof CommandError)) throw error;
        errors.push(writeError(index, error));
        if (ordered) break;
      }
    }
    return errors;
  });
  return writeErrors.length > 0 ? { writeErrors } : {};
}

function writeError(index: number, error: unknown): Doc {
  const { code, message, extra } = toCommandError(error);
  return { index, code, ...extra, errmsg: message };
}

const isOrdered = (request: Doc) => request.ordered === undefined || flagOf(request.ordered);

async function insert(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  let n = 0;
  const outcome = await runBatch(
    storage,
    documentsOf(request.documents, 'documents'),
    isOrdered(request),
    (document) => {
      runInsert(storage, storage.ensure(namespace), document);
      n++;
    },
  );
  return { n, ...outcome, ok: 1 };
}

async function update(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  const compileExpression = variablesCompiler(documentOf(request.let, 'let'));
  const upserted: Doc[] = [];
  let n = 0;
  let nModified = 0;
  const outcome = await runBatch(
    storage,
    documentsOf(request.updates, 'updates'),
    isOrdered(request),
    (statement, index) => {
      assertFields(statement, UPDATE_FIELDS, 'update.updates');
      assertSimpleCollation(statement.collation);
      if (statement.c !== undefined) throw notSupported('constants (c) of a pipeline update');
      const runPipeline = (pipeline: readonly unknown[], document: Doc) =>
        runPipelineOn(pipeline, document, compileExpression);
      const parsed = parseUpdate(statement.u, statement.arrayFilters, { compileExpression, runPipeline });
      const multi = flagOf(statement.multi);
      if (multi && parsed.kind === 'replacement')
        throw failedToParse('multi update is not supported for replacement-style update');
      const upsert = flagOf(statement.upsert);
      const query = parseQuery(documentOf(statement.q, 'q'), compileExpression);
      const collection = upsert ? storage.ensure(namespace) : storage.find(namespace);
      if (!collection) return;
      const hint = hintOf(statement.hint, collection);
      const sort = parseSort(documentOf(statement.sort, 'sort'));
      const result = runUpdate(storage, collection, {
        query,
        sort,
        hint,
        multi,
        update: parsed,
        upsert,
        now: context.now(),
      });
      n += result.matched;
      nModified += result.modified;
      if (result.upsertedId === MISSING) return;
      n++;
      upserted.push({ index, _id: result.upsertedId });
    },
  );
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...outcome, ok: 1 };
}

async function remove(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  const compileExpression = variablesCompiler(documentOf(request.let, 'let'));
  let n = 0;
  const outcome = await runBatch(
    storage,
    documentsOf(request.deletes, 'deletes'),
    isOrdered(request),
    (statement) => {
      assertFields(statement, DELETE_FIELDS, 'delete.deletes');
      assertSimpleCollation(statement.collation);
      const limit = plain(statement.limit);
      if (limit !== 0 && limit !== 1) throw failedToParse('The limit field in delete objects must be 0 or 1');
      const query = parseQuery(documentOf(statement.q, 'q'), compileExpression);
      const collection = storage.find(namespace);
      if (!collection) return;
      n += runDelete(storage, collection, {
        query,
        hint: hintOf(statement.hint, collection),
        multi: limit === 0,
      }).length;
    },
  );
  return { n, ...outcome, ok: 1 };
}

function assertFields(statement: Doc, known: ReadonlySet<string>, where: string): void {
  if (!isDocument(statement)) return;
  const unknown = Object.keys(statement).find((field) => !known.has(field));
  if (unknown) throw new CommandError(40415, `BSON field '${where}.${unknown}' is an unknown field.`);
}
