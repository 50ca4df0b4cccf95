import { hkdfSync } from 'node:crypto';

const ID_BYTES = 9;

/** The name of a master key: 12 characters that tell nothing of the key but which one it is. */
export function masterKeyIdOf(masterKey: Uint8Array): string {
  const id = hkdfSync('sha256', masterKey, '', 'fieldgate:master-key-id', ID_BYTES);
  return Buffer.from(id).toString('base64url');
}
