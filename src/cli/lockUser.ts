import { AppError } from '../errors.js';
import { lockUser, unlockUser } from '../identity/accounts/administratorLock.js';
import { parseIsoDate } from '../policies/isoDate.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { findUser } from './findUser.js';
import { print } from './output.js';
import { withHouse } from './withHouse.js';

export interface LockOptions extends CommonOptions {
  readonly until?: string;
  readonly reason?: string;
}

/** Locks an account and ends its sessions. Answers the exit code. */
export async function lockFromOptions(reference: string, options: LockOptions): Promise<number> {
  const until = options.until === undefined ? null : parseIsoDate(options.until);
  if (options.until !== undefined && until === null) {
    throw new AppError(
      'BAD_USER_INPUT',
      `${options.until} is neither a day nor an ISO 8601 time with its offset`,
    );
  }
  const user = await withHouse(options.config, async (deps, { actor, origin }) => {
    const { _id: userId } = await findUser(deps, reference);
    return lockUser(deps, { userId, until, reason: options.reason ?? null }, actor, origin);
  });
  print(options.json, { id: user._id, status: user.status, lockedUntil: until }, `locked ${user._id}`);
  return EXIT.ok;
}

/** Lifts an administrator's lock and the one of failed sign-ins. Answers the exit code. */
export async function unlockFromOptions(reference: string, { config, json }: CommonOptions): Promise<number> {
  const user = await withHouse(config, async (deps, { actor, origin }) => {
    const { _id: userId } = await findUser(deps, reference);
    return unlockUser(deps, { userId }, actor, origin);
  });
  print(json, { id: user._id, status: user.status }, `unlocked ${user._id}: ${user.status}`);
  return EXIT.ok;
}
