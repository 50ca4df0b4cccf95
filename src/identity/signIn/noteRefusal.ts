import { recordRefusal } from '../audit/refusals.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';

/** Counts and audits a first proof that was refused; a null `userId` stands for nobody known. */
export async function noteRefusal(
  deps: Pick<Deps, 'audit' | 'config' | 'ephemeral' | 'metrics'>,
  { userId, origin }: { readonly userId: string | null; readonly origin: RequestOrigin },
  reason: string,
): Promise<void> {
  deps.metrics.failedSignIn(reason);
  await recordRefusal(deps, {
    action: 'user.signIn',
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin,
    ...(userId !== null && { objectType: 'User', objectId: userId }),
    reason,
  });
}
