import { Schema } from 'mongoose';

/** The key under which the audit trail keeps what is personal about one user. Destroyed with the account. */
export interface SubjectKey {
  /** The user's id. */
  _id: string;
  /** 32 bytes, encrypted under the master key. In no GraphQL type. Absent: destroyed. */
  encryptedKey?: string | null;
  createdAt: Date;
  /** Stays as a mark, so that no replica makes a new key for somebody who is gone. */
  destroyedAt?: Date | null;
}

export const subjectKeySchema = new Schema<SubjectKey>(
  {
    _id: { type: String, required: true },
    encryptedKey: { type: String, default: undefined },
    createdAt: { type: Date, required: true },
    destroyedAt: { type: Date, default: undefined },
  },
  { collection: 'auditSubjectKeys', versionKey: false, strict: 'throw' },
);
