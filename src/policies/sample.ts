import type { Decision } from './decision.js';
import type { Principal } from './principal.js';

/** Stands in for a text, the same for the same text, so that texts can be compared and not read. */
export type Mask = (text: string) => string;

/** One question that the guard asked, how often, and the answer. Objects hold only what conditions look at, texts masked. */
export interface SampledQuestion {
  /** `decide`: on one object; `ever`: whether it could be at all (a list, a filter); `write`: before and after. */
  readonly kind: 'decide' | 'ever' | 'write';
  readonly action: string;
  readonly subject: string;
  /** Null: any field. */
  readonly field: string | null;
  readonly object: object | null;
  /** Of a write, the object as it would be. */
  readonly after: object | null;
  readonly code: Decision['code'];
  readonly count: number;
}

/**
 * The decisions of one request. Holds no personal data: the principal's id, the attributes that conditions name and
 * the values of objects are masked with the installation's key, and nothing that no condition names is there at all.
 */
export interface PolicySample {
  readonly at: Date;
  readonly policyVersion: number;
  readonly operation: string | null;
  readonly principal: Principal;
  /** The ceiling of the client; null where there is none. */
  readonly clientScopes: readonly string[] | null;
  /** What was kept: `User.status`, `attributes.region`. A condition on anything else cannot be replayed. */
  readonly kept: readonly string[];
  readonly questions: readonly SampledQuestion[];
}
