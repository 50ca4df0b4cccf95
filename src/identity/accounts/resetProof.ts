import { AppError } from '../../errors.js';
import type { Confirmation } from '../../models/confirmation.js';
import type { Deps } from '../deps.js';
import { parseIdentifier } from './lookup.js';
import { matchProofByCode, type ProofDeps, peekProof, useProof, useProofByToken } from './oneTimeProof.js';

/** By what a password is reset: the link of a letter, or its code and the address or number that it went to. */
export type ResetProof = { readonly token: string } | { readonly contact: string; readonly code: string };

/** A proof that is right, and not used yet. */
export interface OpenReset {
  readonly proof: Confirmation;
  /** Of any number of callers exactly one gets it, the others null. */
  use(): Promise<Confirmation | null>;
}

const KINDS = ['resetPassword'] as const;

/**
 * Judges a proof without using it up, so that a password that is refused costs no new letter. A code costs one of its
 * five attempts each time, right or wrong. Null: nothing waits, whatever the reason.
 */
export async function openReset(
  deps: ProofDeps & Pick<Deps, 'config'>,
  given: ResetProof,
): Promise<OpenReset | null> {
  if ('token' in given) {
    const proof = await peekProof(deps, KINDS, given.token);
    return proof && { proof, use: () => useProofByToken(deps, KINDS, given.token) };
  }
  const contact = parseIdentifier(deps.config, given.contact);
  const proof = await matchProofByCode(deps, KINDS, contact?.value ?? '', given.code);
  return proof && { proof, use: () => useProof(deps, proof) };
}

/** Exactly one of the two ways. @throws AppError BAD_USER_INPUT */
export function resetProofOf(given: {
  readonly token?: string | null | undefined;
  readonly contact?: string | null | undefined;
  readonly code?: string | null | undefined;
}): ResetProof {
  const { token, contact, code } = given;
  if (typeof token === 'string' && !contact && !code) return { token };
  if (!token && typeof contact === 'string' && typeof code === 'string') return { contact, code };
  throw new AppError('BAD_USER_INPUT', 'neither a link nor a code', {
    publicMessage: 'Give either `token`, or `contact` with `code`.',
  });
}
