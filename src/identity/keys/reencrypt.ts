import type { Deps } from '../deps.js';
import { ENCRYPTED_FIELDS, type EncryptedField, type Holder, holdersOf } from './encryptedFields.js';

type SweepDeps = Pick<Deps, 'models' | 'secrets'>;

const PAGE = 200;

/**
 * Encrypts under the newest data key what is not yet. Each ciphertext is replaced only if it is still the one that was
 * read, so that a writer at the same time wins. Answers how many were replaced; safe to stop and to repeat.
 */
export async function reencrypt(
  deps: SweepDeps,
  dataKey: string,
  onProgress: (done: number) => void,
): Promise<number> {
  let done = 0;
  for (const field of ENCRYPTED_FIELDS) {
    for (let after = ''; ; ) {
      const page = await staleHolders(deps, field, dataKey, after);
      for (const holder of page) done += await replace(deps, field, holder);
      onProgress(done);
      const last = page.at(-1);
      if (!last || page.length < PAGE) break;
      after = last._id;
    }
  }
  return done;
}

/** How many ciphertexts are under another data key. */
export async function countStale({ models }: SweepDeps, dataKey: string): Promise<number> {
  let stale = 0;
  for (const field of ENCRYPTED_FIELDS)
    stale += await holdersOf(models, field).countDocuments(staleFilter(field, dataKey));
  return stale;
}

function staleFilter({ field }: EncryptedField, dataKey: string): object {
  return { [field]: { $type: 'string', $not: new RegExp(`^v2\\.${dataKey}\\.`) } };
}

function staleHolders(
  { models }: SweepDeps,
  field: EncryptedField,
  dataKey: string,
  after: string,
): Promise<Holder[]> {
  return holdersOf(models, field)
    .find({ ...staleFilter(field, dataKey), _id: { $gt: after } })
    .select(`+${field.field}`)
    .sort({ _id: 1 })
    .limit(PAGE)
    .lean<Holder[]>();
}

async function replace(
  { models, secrets }: SweepDeps,
  field: EncryptedField,
  holder: Holder,
): Promise<number> {
  const { _id } = holder;
  const before = holder[field.field];
  if (before === undefined) return 0;
  const context = field.contextOf(_id);
  const after = secrets.encrypt(secrets.decrypt(before, context), context);
  const { modifiedCount } = await holdersOf(models, field).updateOne(
    { _id, [field.field]: before },
    { $set: { [field.field]: after } },
    { timestamps: false },
  );
  return modifiedCount;
}
