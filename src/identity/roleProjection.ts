import { isDuplicateKey } from '../models/duplicateKey.js';
import type { Role, StoredRule } from '../models/role.js';
import { canonical } from '../policies/covers.js';
import type { Policy, RoleDefinition, Rule } from '../policies/rule.js';
import type { Deps } from './deps.js';
import { readNewestPolicy } from './policyVersions.js';

/**
 * Brings the collection of roles, which lists and look-ups read, in step with the newest version, which decides.
 * Starts over when a version was published meanwhile, so that the last writer writes the newest state.
 */
export async function projectRoles(deps: Pick<Deps, 'models'>): Promise<void> {
  let written: Policy;
  let newest = await readNewestPolicy(deps);
  do {
    written = newest;
    await writeRoles(deps, written);
    newest = await readNewestPolicy(deps);
  } while (newest.version !== written.version);
}

async function writeRoles({ models }: Pick<Deps, 'models'>, policy: Policy): Promise<void> {
  const stored = new Map((await models.roles.find().lean()).map((role) => [role._id, role]));
  for (const role of policy.roles.values()) {
    const fields = fieldsOf(role);
    const known = stored.get(role.name);
    if (known !== undefined && canonical(comparable(known)) === canonical(fields)) continue;
    await putRole({ models }, role.name, fields);
  }
  const gone = [...stored.keys()].filter((name) => !policy.roles.has(name));
  if (gone.length > 0) await models.roles.deleteMany({ _id: { $in: gone } });
}

/** Of two replicas that insert the same role at once one meets the other's: then it updates. */
async function putRole({ models }: Pick<Deps, 'models'>, name: string, fields: RoleFields): Promise<void> {
  const put = () => models.roles.updateOne({ _id: name }, { $set: fields }, { upsert: true });
  await put().catch((error: unknown) => {
    if (!isDuplicateKey(error)) throw error;
    return put();
  });
}

/** Whether a stored role is what the version says of it; while a new version is being written it may not be yet. */
export function isProjectionOf(stored: Role, role: RoleDefinition): boolean {
  return canonical(comparable(stored)) === canonical(fieldsOf(role));
}

type RoleFields = Pick<Role, 'description' | 'inherits' | 'rules' | 'builtIn'>;

function fieldsOf({ description, inherits, rules, builtIn }: RoleDefinition): RoleFields {
  return { description, inherits: [...inherits], rules: rules.map(storedRule), builtIn };
}

function storedRule(rule: Rule): StoredRule {
  const { id, effect, actions, subject, fields, conditions, requires, reason } = rule;
  return {
    id,
    effect,
    actions: [...actions],
    subject,
    fields: [...fields],
    ...(conditions && { conditions: JSON.stringify(conditions) }),
    ...(requires && { requires: { ...requires } }),
    ...(reason !== undefined && { reason }),
  };
}

function comparable({ description, inherits, rules, builtIn }: Role): RoleFields {
  return { description, inherits, rules, builtIn };
}
