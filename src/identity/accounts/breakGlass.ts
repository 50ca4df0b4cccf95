import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { RequestOrigin } from '../ports.js';
import { revokeOtherSessions } from '../sessions/sessions.js';
import { ADMINISTRATOR_ROLE, BREAK_GLASS_ID } from './administrators.js';
import { type LetterDeps, notifyOwner, ownerOf, siteOf } from './letters.js';
import { identifierFields } from './newUser.js';

type BreakGlassDeps = Pick<
  Deps,
  'models' | 'config' | 'clock' | 'logger' | 'passwords' | 'audit' | 'denylist'
>;

const SYSTEM = { kind: 'system' } as const;
const AT_START: RequestOrigin = { requestId: 'start', address: '', userAgent: '' };

/**
 * Puts the emergency account into the state that the configuration asks for, at each start: with
 * `admin.breakGlass.password` it is an administrator with that password; without, it is disabled, signed out, and without
 * anything else to sign in or win it back by.
 */
export async function prepareBreakGlass(deps: BreakGlassDeps): Promise<void> {
  const { password } = deps.config.admin.breakGlass;
  await (password === undefined ? disable(deps) : enable(deps, password));
}

async function enable(deps: BreakGlassDeps, password: string): Promise<void> {
  const { models, config, clock, logger } = deps;
  const { username } = config.admin.breakGlass;
  const known = await models.users.findById(BREAK_GLASS_ID).select('+passwordHash').lean();
  const isSame = (await deps.passwords.verify(known?.passwordHash ?? null, password)).matches;
  const fields = {
    ...identifierFields(config, { username }),
    status: 'active' as const,
    roleAssignments: [{ role: ADMINISTRATOR_ROLE }],
    ...(!isSame && { passwordHash: await deps.passwords.hash(password), passwordChangedAt: clock() }),
  };
  try {
    await models.users.updateOne({ _id: BREAK_GLASS_ID }, { $set: fields }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    logger.error({ username }, 'no break-glass account: another account has its username');
    return;
  }
  if (known?.status !== 'active') await record(deps, 'breakGlass.enable');
  logger.warn(
    { username },
    'the break-glass account works: take its password out of the configuration after use',
  );
}

async function disable(deps: BreakGlassDeps): Promise<void> {
  const { modifiedCount } = await deps.models.users.updateOne(
    { _id: BREAK_GLASS_ID, status: { $ne: 'disabled' } },
    {
      $set: { status: 'disabled', emailVerified: false, phoneVerified: false },
      $unset: { email: 1, emailNormalized: 1, phone: 1 },
    },
  );
  if (modifiedCount === 0) return;
  await revokeOtherSessions(deps, BREAK_GLASS_ID, null, 'break-glass account disabled', SYSTEM, AT_START);
  const { factors, recoveryCodes, trustedDevices, knownDevices, confirmations } = deps.models;
  const userId = BREAK_GLASS_ID;
  await factors.deleteMany({ userId });
  await recoveryCodes.deleteMany({ userId });
  await trustedDevices.deleteMany({ userId });
  await knownDevices.deleteMany({ userId });
  await confirmations.deleteMany({ userId });
  await record(deps, 'breakGlass.disable');
}

function record({ audit }: BreakGlassDeps, action: string): Promise<void> {
  return audit.record({
    action,
    outcome: 'success',
    actor: SYSTEM,
    objectType: 'User',
    objectId: BREAK_GLASS_ID,
  });
}

/** Whether the account may sign in: for every other one this asks nothing. */
export function isShutBreakGlass({ config }: Pick<Deps, 'config'>, { _id }: Pick<User, '_id'>): boolean {
  return _id === BREAK_GLASS_ID && config.admin.breakGlass.password === undefined;
}

/** Tells of a sign-in with the emergency account: an audit event, a warning in the log, a mail to every administrator. */
export async function tellOfBreakGlass(
  deps: LetterDeps & Pick<Deps, 'audit' | 'logger' | 'models'>,
  origin: RequestOrigin,
): Promise<void> {
  const { address } = origin;
  await deps.audit.record({
    action: 'breakGlass.signIn',
    outcome: 'success',
    actor: { kind: 'user', id: BREAK_GLASS_ID },
    origin,
    objectType: 'User',
    objectId: BREAK_GLASS_ID,
  });
  deps.logger.warn({ requestId: origin.requestId, address }, 'the break-glass account signed in');
  const administrators = await deps.models.users
    .find({ status: 'active', 'roleAssignments.role': ADMINISTRATOR_ROLE, _id: { $ne: BREAK_GLASS_ID } })
    .limit(100)
    .lean();
  const notice = mails.breakGlassUsed({ site: siteOf(deps.config), address });
  for (const user of administrators) notifyOwner(deps, 'breakGlassUsed', ownerOf(user), notice);
}
