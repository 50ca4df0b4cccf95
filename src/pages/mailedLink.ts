import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { peekProof } from '../identity/accounts/oneTimeProof.js';
import type { Deps } from '../identity/deps.js';
import type { Confirmation, ConfirmationKind } from '../models/confirmation.js';
import { html, type Safe } from './html.js';

/** The token in the address of a mailed link; empty where there is none, or more than one. */
export function tokenOf(request: FastifyRequest): string {
  const { token } = request.query as Record<string, unknown>;
  return typeof token === 'string' ? token : '';
}

/** From here on the token travels in the form: no address holds it but the one in the letter. */
export function tokenField(token: string): Safe {
  return html`<input type="hidden" name="token" value="${token}">`;
}

/**
 * What a link is for. It stays open: scanners of mail fetch links before their readers do.
 * @throws AppError CODE_INVALID when it is used, expired or was never sent
 */
export async function openLink(
  deps: Deps,
  kinds: readonly ConfirmationKind[],
  token: string,
): Promise<Confirmation> {
  const proof = await peekProof(deps, kinds, token);
  if (!proof) throw new AppError('CODE_INVALID', 'no open link matches');
  return proof;
}
