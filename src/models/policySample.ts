import { Schema } from 'mongoose';

/** The decisions of one sampled request, without personal data (`policies/sample.ts`). Removed when `expiresAt` is over. */
export interface StoredPolicySample {
  /** UUID v7. */
  _id: string;
  at: Date;
  expiresAt: Date;
  /** The masked id of the user or client; null for nobody. */
  principalId?: string | null;
  /** JSON of the sample, dates as `{ "$date": ms }`: it holds keys that a document must not. */
  sample: string;
}

export const policySampleSchema = new Schema<StoredPolicySample>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    principalId: { type: String, default: undefined },
    sample: { type: String, required: true },
  },
  { collection: 'policySamples', versionKey: false, strict: 'throw' },
);

policySampleSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
policySampleSchema.index({ principalId: 1, _id: 1 });
