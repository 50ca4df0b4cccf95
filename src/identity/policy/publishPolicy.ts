import { AppError } from '../../errors.js';
import type { Access } from '../../policies/decision.js';
import { describeDiff, diffPolicies, type PolicyDiff, widens } from '../../policies/diff.js';
import type { Policy } from '../../policies/rule.js';
import type { SimulationResult } from '../../policies/simulate.js';
import type { Deps } from '../deps.js';
import { assertMayChangePolicy } from '../escalation.js';
import { draftOf, readPolicyVersion } from '../policyVersions.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { assertAdministratorRemains, rolesOfAdministrators } from './administratorsLeft.js';
import { applyDraft, type DraftInput, draftTowards } from './draft.js';
import { simulatePolicy } from './simulatePolicy.js';

type PublishDeps = Pick<Deps, 'models' | 'policy' | 'audit' | 'config' | 'clock' | 'samples' | 'secrets'>;

export interface PublishInput {
  readonly draft: DraftInput;
  readonly comment: string;
  readonly acknowledgeWidening?: boolean;
  /** The version that the draft was made for: another one in force is a CONFLICT. */
  readonly basedOn?: number;
}

export interface Published {
  readonly policy: Policy;
  readonly diff: PolicyDiff;
}

/** Sentences of a difference that one audit event holds. */
const AUDITED_CHANGES = 200;

/**
 * Publishes what the draft makes of the newest version, as the next one.
 * @throws AppError BAD_USER_INPUT with the fault's path, or when it widens and that was not acknowledged; CONFLICT for
 * what is built in or in use, another version in force, or no administrator left who may publish; FORBIDDEN when it
 * would give what its publisher does not hold
 */
export function publishPolicy(
  deps: PublishDeps,
  { draft, ...input }: PublishInput,
  access: Access,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<Published> {
  return publish(deps, () => draft, input, 'policy.publish', access, actor, origin);
}

/**
 * Publishes the roles and scopes of an earlier version again, as the next one; those built into this release stay.
 * Checked like any other draft.
 * @throws AppError NOT_FOUND, and whatever `publishPolicy` throws
 */
export async function rollbackPolicy(
  deps: PublishDeps,
  { version, ...input }: Omit<PublishInput, 'draft'> & { readonly version: number },
  access: Access,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<Published> {
  const wanted = await readPolicyVersion(deps, version);
  if (wanted === null) throw new AppError('NOT_FOUND', `no policy version ${version}`, { path: ['version'] });
  const towards = (newest: Policy) => draftTowards(newest, wanted);
  return publish(deps, towards, input, 'policy.rollback', access, actor, origin);
}

async function publish(
  deps: PublishDeps,
  draftFor: (newest: Policy) => DraftInput,
  input: Omit<PublishInput, 'draft'>,
  action: 'policy.publish' | 'policy.rollback',
  access: Access,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<Published> {
  await deps.policy.reload();
  const { removeRoles = [], removeScopes = [] } = draftFor(deps.policy.current());
  await refuseRemovalsInUse(deps, removeRoles, removeScopes);
  const acknowledged = input.acknowledgeWidening === true;
  const newlyAllowed = acknowledged ? 0 : await newlyAllowedBy(deps, draftFor(deps.policy.current()));
  const administrators = await rolesOfAdministrators(deps);
  let diff: PolicyDiff | undefined;
  const policy = await deps.policy.publish(
    (newest) => {
      refuseOtherBase(newest, input.basedOn);
      const after = applyDraft(deps.policy.catalog, newest, draftFor(newest));
      assertMayChangePolicy(newest, access, after);
      assertAdministratorRemains(deps, after, administrators);
      diff = diffPolicies(deps.policy.catalog, newest, after);
      if (!acknowledged) refuseWidening(deps, diff, newlyAllowed);
      return draftOf(after);
    },
    actor,
    input.comment,
  );
  if (diff === undefined) throw new AppError('INTERNAL', 'a version was published without being made');
  const changes = describeDiff(diff).split('\n');
  await deps.audit.record({
    action,
    outcome: 'success',
    actor,
    origin,
    objectType: 'PolicyVersion',
    objectId: String(policy.version),
    fields: ['roles', 'scopes'],
    after: {
      comment: input.comment,
      acknowledgedWidening: acknowledged,
      changes: changes.slice(0, AUDITED_CHANGES),
      changeCount: changes.length,
    },
  });
  return { policy, diff };
}

function refuseOtherBase(newest: Policy, basedOn: number | undefined): void {
  if (basedOn === undefined || basedOn === newest.version) return;
  throw new AppError('CONFLICT', `the draft is of version ${basedOn}, in force is ${newest.version}`, {
    path: ['basedOn'],
    publicMessage: `Version ${newest.version} is in force.`,
  });
}

/** Whether a draft may only be published by somebody who says that it widens: by its rules, or by what was recorded. */
export function needsAcknowledgement(
  { config }: Pick<Deps, 'config'>,
  { rights }: PolicyDiff,
  { newlyAllowed }: Pick<SimulationResult, 'newlyAllowed'>,
): boolean {
  const { acknowledgeRights, acknowledgeDecisions } = config.policy;
  return rights.filter(widens).length > acknowledgeRights || newlyAllowed > acknowledgeDecisions;
}

function refuseWidening(deps: PublishDeps, diff: PolicyDiff, newlyAllowed: number): void {
  if (!needsAcknowledgement(deps, diff, { newlyAllowed })) return;
  const given = diff.rights.filter(widens).length;
  const what = `This draft gives or widens ${given} rights and allows ${newlyAllowed} recorded decisions that were refused.`;
  throw new AppError('BAD_USER_INPUT', what, {
    path: ['acknowledgeWidening'],
    publicMessage: `${what} Acknowledge that to publish it.`,
  });
}

/** How many recorded refusals the draft turns round. */
async function newlyAllowedBy(deps: PublishDeps, draft: DraftInput): Promise<number> {
  return (await simulatePolicy(deps, { draft })).result.newlyAllowed;
}

async function refuseRemovalsInUse(
  { models, config }: PublishDeps,
  roles: readonly string[],
  scopes: readonly string[],
): Promise<void> {
  const inUse = (what: string, path: string) =>
    new AppError('CONFLICT', `${what} is in use`, {
      path: ['draft', path],
      publicMessage: `The ${what} is in use.`,
    });
  for (const name of roles) {
    const isHeld =
      config.accounts.defaultRoles.includes(name) ||
      (await models.users.exists({ 'roleAssignments.role': name })) !== null ||
      (await models.clients.exists({ roles: name })) !== null;
    if (isHeld) throw inUse(`role ${name}`, 'removeRoles');
  }
  for (const name of scopes) {
    if ((await models.clients.exists({ scopes: name })) !== null)
      throw inUse(`scope ${name}`, 'removeScopes');
  }
}
