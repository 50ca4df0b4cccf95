import { isDuplicateKey } from '../models/duplicateKey.js';
import type { Policy, RoleDefinition, ScopeDefinition } from '../policies/rule.js';
import type { Deps, PolicyDraft } from './deps.js';
import type { AuditActor } from './ports.js';

type VersionDeps = Pick<Deps, 'models' | 'clock'>;

const NO_POLICY: Policy = { version: 0, roles: new Map(), scopes: new Map() };

/** The newest published version; version 0 without roles and scopes before the first. */
export async function readNewestPolicy({ models }: Pick<Deps, 'models'>): Promise<Policy> {
  const newest = await models.policyVersions.findOne().sort({ _id: -1 }).lean();
  if (newest === null) return NO_POLICY;
  const { roles, scopes } = JSON.parse(newest.snapshot) as PolicyDraft;
  return policyOf(newest._id, { roles, scopes });
}

/** One published version; null where there is none of that number. */
export async function readPolicyVersion(
  { models }: Pick<Deps, 'models'>,
  version: number,
): Promise<Policy | null> {
  const stored = await models.policyVersions.findOne({ _id: version }).lean();
  return stored && policyOf(version, JSON.parse(stored.snapshot) as PolicyDraft);
}

/** The number of the newest version; 0 before the first. */
export async function readNewestVersion({ models }: Pick<Deps, 'models'>): Promise<number> {
  const newest = await models.policyVersions.findOne({}, { _id: 1 }).sort({ _id: -1 }).lean();
  return newest?._id ?? 0;
}

/** Stores the draft as that version. Null: the version exists already, somebody else was faster. */
export async function insertVersion(
  { models, clock }: VersionDeps,
  version: number,
  draft: PolicyDraft,
  by: AuditActor,
  comment: string,
): Promise<Policy | null> {
  try {
    await models.policyVersions.create({
      _id: version,
      snapshot: JSON.stringify(draft),
      publishedBy: by.id ?? null,
      comment,
      createdAt: clock(),
    });
  } catch (error) {
    if (isDuplicateKey(error)) return null;
    throw error;
  }
  // What is decided by is what a reader of the snapshot gets, not what went in.
  return policyOf(version, JSON.parse(JSON.stringify(draft)) as PolicyDraft);
}

/** A policy's roles and scopes as lists, ready to be changed and published. */
export function draftOf(policy: Policy): PolicyDraft {
  return { roles: [...policy.roles.values()], scopes: [...policy.scopes.values()] };
}

/** The draft as what would decide under that number. */
export function policyOf(version: number, { roles, scopes }: PolicyDraft): Policy {
  return { version, roles: byName(roles), scopes: byName(scopes) };
}

function byName<T extends RoleDefinition | ScopeDefinition>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}
