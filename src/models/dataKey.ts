import { Schema } from 'mongoose';

/** A key, encrypted under one master key. */
export interface WrappedKey {
  masterKeyId: string;
  /** In no GraphQL type. */
  text: string;
}

/** A rotation of the master key that is not finished. */
export interface MasterKeyRotation {
  from: string;
  to: string;
  /** The data key that everything is encrypted under when it is done. */
  dataKey: string;
  startedAt: Date;
}

/**
 * A key under which secrets are encrypted, itself encrypted under the master key; while that is rotated, under the old
 * and the new one. The record `root` is what keys for one purpose each are derived from: it never changes.
 */
export interface DataKey {
  /** `root`, or what ciphertexts name: `k1`, `k2`; `v1`: the key of ciphertexts that name none. */
  _id: string;
  wraps: WrappedKey[];
  /** From then on it encrypts, until a later one does; processes learn of it before. */
  activatesAt: Date;
  /** On `root` only. */
  rotation?: MasterKeyRotation | null;
}

export const dataKeySchema = new Schema<DataKey>(
  {
    _id: { type: String, required: true },
    wraps: {
      type: [
        new Schema<WrappedKey>(
          { masterKeyId: { type: String, required: true }, text: { type: String, required: true } },
          { _id: false },
        ),
      ],
      required: true,
    },
    activatesAt: { type: Date, required: true },
    rotation: {
      type: new Schema<MasterKeyRotation>(
        {
          from: { type: String, required: true },
          to: { type: String, required: true },
          dataKey: { type: String, required: true },
          startedAt: { type: Date, required: true },
        },
        { _id: false },
      ),
      default: undefined,
    },
  },
  { collection: 'dataKeys', versionKey: false, strict: 'throw' },
);
