import { AppError } from '../errors.js';
import { helpWithReset } from '../identity/accounts/helpedReset.js';
import { ownerOf } from '../identity/accounts/letters.js';
import type { Deps } from '../identity/deps.js';
import type { User } from '../models/user.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { findUser } from './findUser.js';
import { print } from './output.js';
import { withHouse } from './withHouse.js';

export interface ResetOptions extends CommonOptions {
  readonly print?: boolean;
}

/** Mails or texts a link that sets a new password to its owner, or prints it. Answers the exit code. */
export async function resetUserPassword(reference: string, options: ResetOptions): Promise<number> {
  const handOver = options.print === true;
  const told = await withHouse(options.config, async (deps, { actor, origin }) => {
    const user = await findUser(deps, reference);
    if (!handOver) assertCanSend(deps, user);
    return { id: user._id, ...(await helpWithReset(deps, { userId: user._id, handOver }, actor, origin)) };
  });
  print(
    options.json,
    told,
    'url' in told ? `${told.url}\nworks until ${told.expiresAt.toISOString()}` : `sent by ${told.sentTo}`,
  );
  return EXIT.ok;
}

/** A letter in the outbox of a process that ends with the command would reach nobody. */
function assertCanSend({ config }: Pick<Deps, 'config'>, user: User): void {
  const channel = ownerOf(user)?.channel;
  if (channel === 'email' && !config.mail.smtpUrl) {
    throw new AppError('CONFLICT', 'without mail.smtpUrl no letter can be sent: give --print');
  }
  if (channel === 'phone' && !config.sms.twilio) {
    throw new AppError('CONFLICT', 'without sms.twilio no message can be sent: give --print');
  }
}
