import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { AppError } from '../../errors.js';
import { assertPassphrase } from './sealing.js';

export interface PassphraseOptions {
  readonly passphraseFile?: string;
  readonly passphraseStdin?: boolean;
}

/** The passphrase of an archive, null for none; never from an argument, which other accounts of the machine see. */
export async function passphraseOf(options: PassphraseOptions): Promise<string | null> {
  const { passphraseFile, passphraseStdin } = options;
  if (passphraseFile !== undefined && passphraseStdin) {
    throw new AppError('BAD_USER_INPUT', 'give one of --passphrase-file and --passphrase-stdin');
  }
  if (passphraseFile === undefined && !passphraseStdin) return null;
  const typed =
    passphraseFile === undefined ? await text(process.stdin) : await readFile(passphraseFile, 'utf8');
  const passphrase = typed.replace(/\r?\n$/, '');
  assertPassphrase(passphrase);
  return passphrase;
}
