import type { SigningKey } from '../models/signingKey.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { cell, print, table } from './output.js';
import { withHouse } from './withHouse.js';

/** Prints the signing keys, never their secret halves. Answers the exit code. */
export async function listKeys({ config, json }: CommonOptions): Promise<number> {
  const keys = await withHouse(config, ({ models }) =>
    models.signingKeys
      .find()
      .select('algorithm status createdAt activatedAt retiredAt expiresAt')
      .sort({ createdAt: 1, _id: 1 })
      .lean<Omit<SigningKey, 'publicJwk' | 'encryptedPrivateJwk'>[]>(),
  );
  const rows = keys.map(({ _id, algorithm, status, activatedAt, expiresAt }) =>
    [_id, algorithm, status, activatedAt, expiresAt].map(cell),
  );
  const told = keys.map(({ _id: kid, ...key }) => ({ kid, ...key }));
  print(json, { keys: told }, table(['kid', 'algorithm', 'status', 'signs since', 'published until'], rows));
  return EXIT.ok;
}

/** Makes the next signing key the current one, for every replica. Answers the exit code. */
export async function rotateKeys({ config, json }: CommonOptions): Promise<number> {
  const published = await withHouse(config, async (deps, { actor, origin }) => {
    await deps.keys.rotate();
    const kids = deps.keys.publicJwks().keys.flatMap(({ kid }) => kid ?? []);
    const entry = { action: 'keys.rotate', outcome: 'success', actor, origin } as const;
    await deps.audit.record({ ...entry, after: { published: kids } });
    return kids;
  });
  print(json, { published }, `rotated; published keys: ${published.join(', ')}`);
  return EXIT.ok;
}
