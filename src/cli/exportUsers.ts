import { exportUsers } from '../identity/accounts/exportUsers.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { withHouse } from './withHouse.js';
import { writeLines } from './writeLines.js';

export interface ExportUsersOptions extends CommonOptions {
  readonly out: string;
  readonly withHashes?: boolean;
}

/**
 * Writes every account to a file for its owner only, or to standard output; how many goes to standard error, with
 * `json` as JSON. Answers the exit code.
 */
export async function exportUsersToFile(options: ExportUsersOptions): Promise<number> {
  const { out, withHashes = false, json } = options;
  let exported = 0;
  await withHouse(options.config, async (deps, { actor, origin }) => {
    const lines = exportUsers(deps, { withHashes }, actor, origin);
    const counted = async function* () {
      for await (const line of lines) {
        exported += 1;
        yield line;
      }
    };
    await writeLines(counted(), out);
  });
  process.stderr.write(json ? `${JSON.stringify({ exported })}\n` : `${exported} users exported\n`);
  return EXIT.ok;
}
