import { CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exitCodes.js';
import { printError } from './output.js';
import { fieldgate } from './program.js';

/** Runs what the arguments name, prints its result or what went wrong, and answers with the exit code. Never throws. */
export async function runCommand(args: readonly string[]): Promise<number> {
  try {
    await fieldgate().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    // commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    printError(error, args.includes('--json'));
    return exitCodeOf(error);
  }
}
