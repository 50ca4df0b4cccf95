import { Schema } from 'mongoose';

/** A policy rule as stored; its meaning is `policies/rule.ts`. */
export interface StoredRule {
  id: string;
  effect: 'allow' | 'deny';
  actions: string[];
  subject: string;
  fields: string[];
  /** A JSON string: a Mongo query may hold `$` keys and dots, which a document must not. */
  conditions?: string | null;
  requires?: { acr?: string | null; maxAgeSeconds?: number | null } | null;
  reason?: string | null;
}

export interface Role {
  /** The role's name: lower case, digits, `-`, `_`, `:`. */
  _id: string;
  description: string;
  inherits: string[];
  rules: StoredRule[];
  builtIn: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export const storedRuleSchema = new Schema<StoredRule>(
  {
    id: { type: String, required: true },
    effect: { type: String, enum: ['allow', 'deny'], required: true },
    actions: { type: [String], required: true },
    subject: { type: String, required: true },
    fields: { type: [String], required: true },
    conditions: String,
    requires: {
      type: new Schema({ acr: String, maxAgeSeconds: Number }, { _id: false }),
      default: undefined,
    },
    reason: String,
  },
  { _id: false },
);

export const roleSchema = new Schema<Role>(
  {
    _id: { type: String, required: true },
    description: { type: String, default: '' },
    inherits: { type: [String], default: [] },
    rules: { type: [storedRuleSchema], default: [] },
    builtIn: { type: Boolean, required: true, default: false },
  },
  { collection: 'roles', timestamps: true, versionKey: false, strict: 'throw' },
);
