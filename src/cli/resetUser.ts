import { helpWithReset } from '../identity/accounts/helpedReset.js';
import { ownerOf } from '../identity/accounts/letters.js';
import { assertCanSend } from './assertCanSend.js';
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
    if (!handOver) assertCanSend(deps.config, ownerOf(user)?.channel, 'give --print');
    return { id: user._id, ...(await helpWithReset(deps, { userId: user._id, handOver }, actor, origin)) };
  });
  print(
    options.json,
    told,
    'url' in told ? `${told.url}\nworks until ${told.expiresAt.toISOString()}` : `sent by ${told.sentTo}`,
  );
  return EXIT.ok;
}
