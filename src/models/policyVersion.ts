import { Schema } from 'mongoose';

/** One published state of everything that decides. The highest version is in force. */
export interface PolicyVersion {
  _id: number;
  /** JSON: `{ roles: RoleDefinition[], scopes: ScopeDefinition[] }`. */
  snapshot: string;
  publishedBy?: string | null;
  comment: string;
  createdAt: Date;
}

export const policyVersionSchema = new Schema<PolicyVersion>(
  {
    _id: { type: Number, required: true },
    snapshot: { type: String, required: true },
    publishedBy: { type: String, default: undefined },
    comment: { type: String, default: '' },
    createdAt: { type: Date, required: true },
  },
  { collection: 'policyVersions', versionKey: false, strict: 'throw' },
);
