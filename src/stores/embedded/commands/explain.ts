import { variablesCompiler } from '../aggregate/expressions.js';
import { type Doc, isDocument, plain, type Value } from '../bson/value.js';
import { CommandError, notSupported } from '../errors.js';
import { type FindRequest, findDocuments, planFind, type Statistics } from '../plan/execute.js';
import type { Plan } from '../plan/planner.js';
import { parseQuery } from '../query/parse.js';
import { parseSort } from '../query/sort.js';
import type { Collection } from '../storage/collection.js';
import { leadingLimit, splitPipeline } from './aggregate.js';
import { countOf, documentOf, documentsOf, hintOf, namespaceOf } from './arguments.js';
import type { CommandContext, Commands } from './context.js';

export const explainCommands: Commands = { explain: { fields: ['verbosity'], run: explain } };

interface Explained {
  readonly filter: Value;
  readonly sort?: Value;
  readonly skip?: Value;
  readonly limit?: Value;
  readonly hint?: Value;
}

/** What each command selects its documents by. */
const SELECTIONS: Readonly<Record<string, (request: Doc) => Explained>> = {
  find: ({ filter, sort, skip, limit, hint }) => ({ filter, sort, skip, limit, hint }),
  count: ({ query, skip, limit, hint }) => ({ filter: query, skip, limit, hint }),
  distinct: ({ query, hint }) => ({ filter: query, hint }),
  update: (request) => firstStatement(request.updates, 'updates'),
  delete: (request) => firstStatement(request.deletes, 'deletes'),
  findAndModify: ({ query, sort, hint }) => ({ filter: query, sort, hint, limit: 1 }),
  aggregate: ({ pipeline, hint }) => {
    const { filter, sort, rest } = splitPipeline(Array.isArray(pipeline) ? pipeline : []);
    return { filter, sort, hint, limit: leadingLimit(rest) };
  },
};

function firstStatement(statements: Value, name: string): Explained {
  const [statement] = documentsOf(statements, name);
  return { filter: statement?.q, hint: statement?.hint };
}

/** How a command would read: a COLLSCAN, or an IXSCAN with the index's name; with statistics of a run on demand. */
function explain(request: Doc, context: CommandContext): Doc {
  if (!isDocument(request.explain)) throw new CommandError(14, 'explain needs a command');
  const [command = ''] = Object.keys(request.explain);
  const select = Object.hasOwn(SELECTIONS, command) ? SELECTIONS[command] : undefined;
  if (!select) throw notSupported(`explain of ${command}`);
  const namespace = namespaceOf(request.explain, context);
  const selection = select(request.explain);
  const collection = context.storage.find(namespace);
  if (!collection)
    return { queryPlanner: { namespace, winningPlan: { stage: 'EOF' }, rejectedPlans: [] }, ok: 1 };
  const find: FindRequest = {
    query: parseQuery(documentOf(selection.filter, 'filter'), variablesCompiler({})),
    sort: parseSort(documentOf(selection.sort, 'sort')),
    skip: countOf(selection.skip, 'skip') ?? 0,
    limit: Math.abs(Number(plain(selection.limit ?? 0))),
    hint: hintOf(selection.hint, collection),
  };
  const winningPlan = describePlan(planFind(context.storage, collection, find), find);
  const queryPlanner = { namespace, winningPlan, rejectedPlans: [] };
  if (request.verbosity === 'queryPlanner') return { queryPlanner, ok: 1 };
  return { queryPlanner, executionStats: measure(context, collection, find), ok: 1 };
}

function describePlan(plan: Plan, find: FindRequest): Doc {
  const scan: Doc = plan.index
    ? {
        stage: 'FETCH',
        inputStage: {
          stage: 'IXSCAN',
          keyPattern: plan.index.spec.key,
          indexName: plan.index.name,
          isMultiKey: plan.index.multikey,
          isUnique: plan.index.unique,
          direction: plan.reverse ? 'backward' : 'forward',
        },
      }
    : { stage: 'COLLSCAN', direction: 'forward' };
  const sorted: Doc = plan.sorted ? scan : { stage: 'SORT', inputStage: scan };
  return (find.limit ?? 0) > 0 ? { stage: 'LIMIT', limitAmount: find.limit, inputStage: sorted } : sorted;
}

function measure(context: CommandContext, collection: Collection, find: FindRequest): Doc {
  const statistics: Statistics = { keysExamined: 0, docsExamined: 0 };
  let nReturned = 0;
  for (const _found of findDocuments(context.storage, collection, find, statistics)) nReturned++;
  return {
    executionSuccess: true,
    nReturned,
    totalKeysExamined: statistics.keysExamined,
    totalDocsExamined: statistics.docsExamined,
  };
}
