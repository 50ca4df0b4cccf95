import type { GraphQLResolveInfo } from 'graphql';
import type { Access, Decision } from '../../policies/decision.js';

/** One question that the guard put to the policy, and where in the answer. */
export interface Asked {
  readonly action: string;
  readonly subject: string;
  readonly object: object | null;
  readonly field: string;
  /** Null where a use case asked, not a field. */
  readonly info: GraphQLResolveInfo | null;
}

/** A refusal that the caller is told the id of, so that somebody with the right to can look it up. */
export interface KeptRefusal {
  readonly id: string;
  readonly asked: Asked;
  readonly decision: Decision;
  /** What refused it; signing in replaces the request's own. */
  readonly access: Access;
  /** How often the request was refused the same. */
  count: number;
}

/** Hears of every decision of one request, in the order they are made. Only where somebody asked for it. */
export interface DecisionWatch {
  decided(asked: Asked, decision: Decision, access: Access, refusalId: string | null): void;
  /** Objects that were there and out of sight: known to no caller, only to a mask. */
  hidden(info: Pick<GraphQLResolveInfo, 'path'>, count: number): void;
  /** The rights of whoever a mask is made for: what they see beyond counts as hidden. */
  readonly sees?: Access;
}
