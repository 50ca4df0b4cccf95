import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  validate,
  visit,
} from 'graphql';
import { AppError } from '../../errors.js';
import type { AuditTrail } from '../../identity/ports.js';
import type { Access, Decision } from '../../policies/decision.js';
import { readingOf } from '../../policies/questions.js';
import { resolveRoles } from '../../policies/roles.js';
import { MaskEffect, type MaskedPath } from '../../schema/accessQuestions.js';
import type { GraphQLContext } from '../context.js';
import type { Asked, DecisionWatch } from '../guard/asked.js';
import { assertAffordable } from '../limits/plugin.js';
import { createLoaders } from '../loaders.js';
import { pathOf } from './recorder.js';
import type { Whose } from './whose.js';

const NO_AUDIT: AuditTrail = { record: () => Promise.resolve(), recordSoon: () => undefined };

/** Counts by path what is seen, refused and out of sight. Keeps no value. */
class MaskWatch implements DecisionWatch {
  readonly sees: Access;
  readonly #counts = new Map<string, MaskedPath>();

  /** `sees`: the rights of who asks, beside which what the other does not see counts as filtered. */
  constructor(sees: Access) {
    this.sees = sees;
  }

  decided(asked: Asked, decision: Decision): void {
    if (asked.info !== null)
      this.#add(asked.info, decision.allowed ? MaskEffect.ALLOWED : MaskEffect.DENIED, 1);
  }

  hidden(info: Pick<GraphQLResolveInfo, 'path'>, count: number): void {
    this.#add(info, MaskEffect.FILTERED, count);
  }

  paths(): MaskedPath[] {
    return [...this.#counts.values()].filter(({ count }) => count > 0);
  }

  #add(info: Pick<GraphQLResolveInfo, 'path'>, effect: MaskEffect, count: number): void {
    const path = pathOf(info)
      .map((level) => (typeof level === 'number' ? '*' : level))
      .join('.');
    const key = `${effect} ${path}`;
    const known = this.#counts.get(key) ?? { path, effect, count: 0 };
    known.count += count;
    this.#counts.set(key, known);
  }
}

/**
 * Runs a query as somebody else and answers with the mask alone. Counts would tell somebody who sees less than the
 * other what they may not know, so who asks must hold, in full, every right to read that the other holds.
 * @throws AppError FORBIDDEN, BAD_USER_INPUT for a document that cannot run, LIMIT_EXCEEDED for one that asks too much
 */
export async function maskOf(
  context: GraphQLContext,
  { principal, access, user, client }: Whose,
  schema: GraphQLSchema,
  query: string,
  variables: Record<string, unknown>,
): Promise<MaskedPath[]> {
  assertSeesAsMuch(context, principal.roles);
  const document = readDocument(schema, query);
  const operation = getOperationAST(document);
  if (operation?.operation !== OperationTypeNode.QUERY) throw wrong('The document must hold one query.');
  assertAffordable(schema, document, operation, variables, context.deps.config.graphql);
  const watch = new MaskWatch(context.access);
  const { refusals: _refusals, ...rest } = context;
  const loaders = createLoaders(context.deps, context.policy);
  await execute({
    schema,
    document,
    variableValues: variables,
    contextValue: {
      ...rest,
      // Nobody is to stand in the audit trail for what another had them do.
      deps: { ...context.deps, audit: NO_AUDIT },
      principal,
      access,
      viewer: user,
      client,
      session: null,
      sample: null,
      loaders,
      watch,
    } satisfies GraphQLContext,
  });
  return watch.paths();
}

function assertSeesAsMuch({ access, policy }: GraphQLContext, roles: readonly string[]): void {
  const rules = readingOf(resolveRoles(policy.roles, roles).flatMap((role) => role.rules));
  const rule = access.firstUncovered(rules);
  if (rule === null) return;
  throw new AppError('FORBIDDEN', `viewAs: rule ${rule.id} is not held`, {
    publicMessage: 'Nobody looks through the eyes of somebody who sees more.',
  });
}

function readDocument(schema: GraphQLSchema, query: string): DocumentNode {
  try {
    const document = parse(query, { maxTokens: 4000 });
    const [fault] = validate(schema, document, undefined, { maxErrors: 1 });
    if (fault !== undefined) throw wrong(fault.message);
    visit(document, {
      Field({ name: { value } }) {
        if (value === 'viewAs') throw wrong('A mask of a mask is not made.');
      },
    });
    return document;
  } catch (error) {
    throw error instanceof GraphQLError ? wrong(error.message) : error;
  }
}

function wrong(publicMessage: string): AppError {
  return new AppError('BAD_USER_INPUT', publicMessage, { path: ['query'], publicMessage });
}
