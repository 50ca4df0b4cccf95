import { AppError } from '../errors.js';
import { BUILT_IN_ROLES } from '../policies/builtInRoles.js';
import { BUILT_IN_SCOPES } from '../policies/builtInScopes.js';
import type { Catalog } from '../policies/catalog.js';
import { canonical } from '../policies/covers.js';
import { describeFaults, type Fault } from '../policies/fault.js';
import type { Policy, ScopeDefinition } from '../policies/rule.js';
import { validateRoles, validateScopes } from '../policies/validate.js';
import type { Deps, PolicyDraft, PolicySource } from './deps.js';
import { draftOf, insertVersion, readNewestPolicy, readNewestVersion } from './policyVersions.js';
import { projectRoles } from './roleProjection.js';

const CHANNEL = 'policy';
/** Replicas whose message got lost must still switch within a second. */
const POLL_MILLISECONDS = 800;
const ATTEMPTS = 20;

type SourceDeps = Pick<Deps, 'models' | 'ephemeral' | 'config' | 'logger' | 'clock'> & {
  readonly catalog: Catalog;
};

export interface RunningPolicySource extends PolicySource {
  close(): Promise<void>;
}

/**
 * Loads the policy and keeps it in step with the database, by message and by poll. First it publishes the built-in and
 * configured roles and scopes where the newest version has them otherwise: those that people made stay.
 * @throws AppError INTERNAL that lists every fault of a configured role or scope
 */
export async function createPolicySource(deps: SourceDeps): Promise<RunningPolicySource> {
  const { catalog, config, ephemeral, logger } = deps;
  const declared = declaredPolicy(config);
  let current = await readNewestPolicy(deps);

  const adopt = (policy: Policy): void => {
    if (policy.version <= current.version) return;
    current = policy;
    warnOfFaults(deps, policy);
  };
  const publish: PolicySource['publish'] = async (change, by, comment) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const newest = await readNewestPolicy(deps);
      const published = await insertVersion(deps, newest.version + 1, change(newest), by, comment);
      if (published === null) continue;
      adopt(published);
      await projectRoles(deps);
      await ephemeral
        .publish(CHANNEL, String(published.version))
        .catch((error: unknown) => logger.warn({ err: error }, 'other replicas learn the policy by poll'));
      return published;
    }
    throw new AppError('UNAVAILABLE', `the policy changed ${ATTEMPTS} times while it was being published`);
  };
  const reload = async (): Promise<void> => {
    if ((await readNewestVersion(deps)) > current.version) adopt(await readNewestPolicy(deps));
  };
  const reloadQuietly = (): Promise<void> =>
    reload().catch((error: unknown) => logger.warn({ err: error }, 'the policy was not reloaded'));

  assertSound(catalog, seeded(current, declared));
  if (differs(current, seeded(current, declared))) {
    await publish((newest) => seeded(newest, declared), { kind: 'system' }, 'built-in and configured');
  } else await projectRoles(deps);

  const unsubscribe = await ephemeral.subscribe(CHANNEL, () => void reloadQuietly());
  let polling = Promise.resolve();
  const timer = setInterval(() => {
    polling = polling.then(reloadQuietly);
  }, POLL_MILLISECONDS);
  timer.unref();

  return {
    catalog,
    current: () => current,
    reload,
    publish,
    async close() {
      clearInterval(timer);
      await unsubscribe();
      await polling;
    },
  };
}

/**
 * What is wrong with the configured roles and scopes, under their place in the configuration:
 * `['roles', 0, 'rules', 2, 'fields', 1]`. Looks at nothing but the configuration.
 */
export function declaredFaults(catalog: Catalog, config: Deps['config']): readonly Fault[] {
  const { roles, scopes } = declaredPolicy(config);
  const under = (head: string, builtIn: number, faults: readonly Fault[]) =>
    faults.map(({ path, message }) => ({
      path: [head, Number(path[0]) - builtIn, ...path.slice(1)],
      message,
    }));
  return [
    ...under('roles', BUILT_IN_ROLES.length, validateRoles(catalog, roles)),
    ...under('scopes', BUILT_IN_SCOPES.length, validateScopes(catalog, scopes)),
  ];
}

/** What the release and the configuration declare. The configuration cannot redefine what is built in. */
function declaredPolicy(config: Deps['config']): PolicyDraft {
  return {
    roles: [...BUILT_IN_ROLES, ...config.roles.map((role) => ({ ...role, builtIn: false }))],
    scopes: [...BUILT_IN_SCOPES, ...(config.scopes as ScopeDefinition[])],
  };
}

/** The newest version with what is declared in place of what had its name. */
function seeded(newest: Policy, declared: PolicyDraft): PolicyDraft {
  const kept = draftOf(newest);
  const names = new Set(declared.roles.map((role) => role.name));
  const scopeNames = new Set(declared.scopes.map((scope) => scope.name));
  return {
    // A role of an earlier release that is not built in any more stays, as one that can be changed.
    roles: [
      ...declared.roles,
      ...kept.roles.filter((role) => !names.has(role.name)).map((role) => ({ ...role, builtIn: false })),
    ],
    scopes: [...declared.scopes, ...kept.scopes.filter((scope) => !scopeNames.has(scope.name))],
  };
}

function differs(policy: Policy, draft: PolicyDraft): boolean {
  const inOrder = ({ roles, scopes }: PolicyDraft) =>
    canonical({
      roles: Object.fromEntries(roles.map((role) => [role.name, role])),
      scopes: Object.fromEntries(scopes.map((scope) => [scope.name, scope])),
    });
  return inOrder(draftOf(policy)) !== inOrder(draft);
}

function faultsOf(catalog: Catalog, { roles, scopes }: PolicyDraft): readonly Fault[] {
  const under = (head: string, faults: readonly Fault[]) =>
    faults.map(({ path, message }) => ({ path: [head, nameAt(head, path[0]), ...path.slice(1)], message }));
  const nameAt = (head: string, index: string | number | undefined) =>
    (head === 'roles' ? roles : scopes)[Number(index)]?.name ?? '';
  return [
    ...under('roles', validateRoles(catalog, roles)),
    ...under('scopes', validateScopes(catalog, scopes)),
  ];
}

function assertSound(catalog: Catalog, draft: PolicyDraft): void {
  const faults = faultsOf(catalog, draft);
  if (faults.length > 0)
    throw new AppError('INTERNAL', `roles or scopes are wrong:\n${describeFaults(faults)}`);
}

/** A version of another release may name what this one does not know: such allows give nothing, such denies refuse. */
function warnOfFaults({ catalog, logger }: SourceDeps, policy: Policy): void {
  const faults = faultsOf(catalog, draftOf(policy));
  if (faults.length > 0) {
    logger.warn(
      { version: policy.version, faults: describeFaults(faults) },
      'the policy has rules without effect',
    );
  }
}
