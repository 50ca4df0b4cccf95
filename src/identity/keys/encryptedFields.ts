import type { Model } from 'mongoose';
import type { Models } from '../../models/models.js';
import { subjectKeyContext } from '../audit/subjectKeys.js';
import { totpSeedContext } from '../factors/totp.js';
import { signingKeyContext } from './signingKeyMaterial.js';

/** A field that holds a ciphertext. */
export interface EncryptedField {
  readonly model: keyof Models;
  readonly field: string;
  /** What the ciphertext is bound to, by the id of its document. */
  readonly contextOf: (id: string) => string;
}

/** Everything that `deps.secrets` has encrypted: a rotation of the master key leaves none of it out. */
export const ENCRYPTED_FIELDS: readonly EncryptedField[] = [
  { model: 'signingKeys', field: 'encryptedPrivateJwk', contextOf: signingKeyContext },
  { model: 'subjectKeys', field: 'encryptedKey', contextOf: subjectKeyContext },
  { model: 'factors', field: 'secret', contextOf: totpSeedContext },
];

/** A document, seen as its id and one ciphertext. */
export type Holder = { readonly _id: string } & Readonly<Record<string, string>>;

/** The documents of a field as such. */
export function holdersOf(models: Models, { model }: EncryptedField): Model<Holder> {
  return models[model] as unknown as Model<Holder>;
}
