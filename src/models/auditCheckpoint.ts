import { Schema } from 'mongoose';

/** How far the audit chains had come at a moment, signed. Checkpoints are one list for all replicas, without a gap. */
export interface AuditCheckpoint {
  /** Its place in the list, from 1: of two replicas that write at once, one is first. */
  _id: number;
  at: Date;
  /** Compact JWS of the content (`CheckpointContent`). */
  jws: string;
}

export const auditCheckpointSchema = new Schema<AuditCheckpoint>(
  {
    _id: { type: Number, required: true },
    at: { type: Date, required: true },
    jws: { type: String, required: true },
  },
  { collection: 'auditCheckpoints', versionKey: false, strict: 'throw' },
);
