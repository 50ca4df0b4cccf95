import { EXIT } from './exitCodes.js';
import { withApp } from './withApp.js';

/** Makes the next signing key the current one, for every replica. Answers the exit code. */
export async function rotateKeys({ config }: { config?: string }): Promise<number> {
  const keys = await withApp(config, async (deps) => {
    await deps.keys.rotate();
    return deps.keys.publicJwks().keys;
  });
  process.stdout.write(`rotated; published keys: ${keys.map((key) => key.kid).join(', ')}\n`);
  return EXIT.ok;
}
