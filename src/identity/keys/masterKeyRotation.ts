import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import type { DataKey, MasterKeyRotation } from '../../models/dataKey.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { makeKey, numberOf, ROOT, unwrap, wrap } from './dataKeys.js';
import { masterKeyIdOf } from './keyId.js';
import { countStale, reencrypt } from './reencrypt.js';
import { DATA_KEYS_CHANNEL, type RunningSecrets } from './secrets.js';

type RotationDeps = Pick<Deps, 'audit' | 'clock' | 'ephemeral' | 'logger' | 'models'> & {
  secrets: RunningSecrets;
};

export interface RotateMasterKeyInput {
  /** The master key of the installation as it is. */
  readonly present: Uint8Array;
  /** The new one; of a rotation that goes on, the same as when it began. */
  readonly next: Uint8Array;
  /** How long until the new data key encrypts, and how long slow writers may still use the old one. 0: no server runs. */
  readonly settleSeconds: number;
  /** Makes `next` the installation's key, once everything can be opened with both. Answers whether it is. */
  readonly adopt: () => Promise<boolean>;
  readonly onProgress?: (done: number) => void;
}

export interface RotatedMasterKey {
  readonly from: string;
  readonly to: string;
  readonly reencrypted: number;
  /** False: everything opens with both keys still, until the new one is configured and this runs again. */
  readonly finished: boolean;
}

/** The rotation that was begun and not finished. */
export async function rotationUnderWay({ models }: Pick<Deps, 'models'>): Promise<MasterKeyRotation | null> {
  const root = await models.dataKeys.findById(ROOT).lean<DataKey>();
  return root?.rotation ?? null;
}

/**
 * Puts a new master key in the place of the present one, and everything encrypted under a new data key. Beside running
 * servers: they open both keys all the while. Killed at any point, it goes on where it was when it runs again. The
 * replaced data keys stay, encrypted under the new master key, for what a slow writer may yet store; what is derived
 * from the root does not change.
 * @throws AppError CONFLICT when a rotation to another key is under way
 */
export async function rotateMasterKey(
  deps: RotationDeps,
  input: RotateMasterKeyInput,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<RotatedMasterKey> {
  const rotation = await begin(deps, input);
  const { from, to, dataKey } = rotation;
  const entry = { actor, origin, outcome: 'success', objectType: 'MasterKey', objectId: to } as const;
  await deps.audit.record({ ...entry, action: 'masterKey.beginRotation', after: { from, to, dataKey } });
  await wrapForBoth(deps, input, rotation);
  await deps.ephemeral
    .publish(DATA_KEYS_CHANNEL, dataKey)
    .catch((error: unknown) => deps.logger.warn({ err: error }, 'other replicas learn the data key by poll'));
  const adopted = await input.adopt();

  await untilActive(deps, dataKey);
  await deps.secrets.refresh();
  const progress = input.onProgress ?? (() => undefined);
  let reencrypted = await reencrypt(deps, dataKey, progress);
  // Who has not heard of the new key yet writes with the old one: a second look takes what they left.
  await sleep(input.settleSeconds * 1000);
  while ((await countStale(deps, dataKey)) > 0) reencrypted += await reencrypt(deps, dataKey, progress);

  if (adopted) {
    await forgetOthers(deps, to);
    await deps.audit.record({
      ...entry,
      action: 'masterKey.rotate',
      after: { from, to, dataKey, reencrypted },
    });
  }
  return { from, to, reencrypted, finished: adopted };
}

/** Marks the rotation on the root by one conditional update, or finds the mark of the one that goes on. */
async function begin(
  deps: RotationDeps,
  { present, next }: RotateMasterKeyInput,
): Promise<MasterKeyRotation> {
  const [from, to] = [masterKeyIdOf(present), masterKeyIdOf(next)];
  const underWay = await rotationUnderWay(deps);
  if (underWay?.to === to) return underWay;
  if (underWay) throw anotherUnderWay(underWay);
  if (from === to) throw new AppError('BAD_USER_INPUT', `the new master key ${to} is the present one`);
  const records = await deps.models.dataKeys.find().lean<DataKey[]>();
  const root = records.find(({ _id }) => _id === ROOT);
  const key = root && unwrap(present, root);
  if (!key) throw new AppError('INTERNAL', 'the root of derived keys cannot be opened');
  const dataKey = `k${Math.max(...records.map(({ _id }) => numberOf(_id))) + 1}`;
  const rotation: MasterKeyRotation = { from, to, dataKey, startedAt: deps.clock() };
  const marked = await deps.models.dataKeys.findOneAndUpdate(
    { _id: ROOT, rotation: null },
    { $set: { rotation }, $push: { wraps: wrap(next, ROOT, key) } },
  );
  if (!marked) {
    const other = await rotationUnderWay(deps);
    throw anotherUnderWay(other ?? rotation);
  }
  return rotation;
}

/** Every key under both master keys, the new data key among them; only what is missing is written. */
async function wrapForBoth(
  { models, clock }: RotationDeps,
  { present, next, settleSeconds }: RotateMasterKeyInput,
  { to, dataKey }: MasterKeyRotation,
): Promise<void> {
  const key = makeKey();
  // Of a rotation that goes on with the new key in place, the old one is not at hand, and not needed: it was done.
  const masterKeys = masterKeyIdOf(present) === to ? [next] : [present, next];
  const activatesAt = new Date(clock().getTime() + settleSeconds * 1000);
  const wraps = masterKeys.map((masterKey) => wrap(masterKey, dataKey, key));
  await models.dataKeys.create({ _id: dataKey, wraps, activatesAt }).catch((error: unknown) => {
    if (!isDuplicateKey(error)) throw error;
  });
  const lacking = await models.dataKeys.find({ 'wraps.masterKeyId': { $ne: to } }).lean<DataKey[]>();
  for (const record of lacking) {
    const opened = unwrap(present, record);
    if (!opened) throw new AppError('INTERNAL', `the data key ${record._id} cannot be opened`);
    await models.dataKeys.updateOne(
      { _id: record._id, 'wraps.masterKeyId': { $ne: to } },
      { $push: { wraps: wrap(next, record._id, opened) } },
    );
  }
}

async function untilActive({ models, clock }: RotationDeps, dataKey: string): Promise<void> {
  const record = await models.dataKeys.findById(dataKey).lean<DataKey>();
  if (!record) throw new AppError('INTERNAL', `the data key ${dataKey} vanished`);
  await sleep(Math.max(0, record.activatesAt.getTime() - clock().getTime()) + 1);
}

/** The root last: its mark says that there is something left to do. */
async function forgetOthers({ models }: RotationDeps, to: string): Promise<void> {
  const others = { wraps: { masterKeyId: { $ne: to } } };
  await models.dataKeys.updateMany({ _id: { $ne: ROOT } }, { $pull: others });
  await models.dataKeys.updateOne({ _id: ROOT }, { $pull: others, $unset: { rotation: 1 } });
}

function anotherUnderWay({ to, startedAt }: MasterKeyRotation): AppError {
  return new AppError(
    'CONFLICT',
    `a rotation to the master key ${to} was begun at ${startedAt.toISOString()}: finish it with that key first`,
  );
}
