import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';
import type { User } from '../models/user.js';
import type { Catalog } from '../policies/catalog.js';
import type { Access } from '../policies/decision.js';
import { authenticateCaller } from './caller.js';
import { callerAccess } from './callerAccess.js';
import { meSchema } from './schemas.js';

/** `/auth/me`: the caller's own account, as far as the policy lets them read it. */
export function addMe(app: FastifyInstance, deps: Deps, catalog: Catalog): void {
  app.get('/auth/me', { schema: meSchema }, async (request, reply) => {
    const { principal, user } = await authenticateCaller(deps, request, reply);
    if (!user) {
      throw new AppError('FORBIDDEN', 'the token is about no user', {
        publicMessage: 'This token is about no user.',
      });
    }
    const access = await callerAccess(deps, catalog, principal);
    return reply.header('cache-control', 'no-store').send(readableFields(access, catalog, user));
  });
}

function readableFields(access: Access, catalog: Catalog, user: User): Record<string, unknown> {
  const fields = catalog.subjects.get('User')?.fields ?? new Map<string, never>();
  const answer: Record<string, unknown> = {};
  for (const [name, { path, readable }] of fields) {
    if (path === null || !readable || !access.decide('read', 'User', user, name).allowed) continue;
    answer[name] = valueAt(user, path.split('.')) ?? null;
  }
  return answer;
}

/** Follows a stored path; a list on the way gives the list of what lies behind. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => valueAt(one, path));
  const [first, ...rest] = path;
  if (first === undefined || typeof value !== 'object' || value === null) return value;
  return valueAt((value as Record<string, unknown>)[first], rest);
}
