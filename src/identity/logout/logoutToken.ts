import { v4 as uuidv4 } from 'uuid';
import type { Client } from '../../models/client.js';
import type { LogoutDelivery } from '../../models/logoutDelivery.js';
import type { Deps } from '../deps.js';
import { subjectFor } from '../tokens/subject.js';

/** Back-Channel Logout §2.4: RECOMMENDED "preferably at most two minutes in the future". */
const TTL_SECONDS = 120;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * A logout token (OpenID Connect Back-Channel Logout 1.0 §2.4), signed as the client's ID tokens are. It has `sub` and
 * `sid`, and no `nonce`, so that it cannot pass for an ID token; `typ` says what it is.
 */
export function makeLogoutToken(
  deps: Pick<Deps, 'clock' | 'config' | 'keys' | 'secrets'>,
  client: Client,
  { userId, sessionId }: Pick<LogoutDelivery, 'userId' | 'sessionId'>,
): Promise<string> {
  const issuedAt = Math.floor(deps.clock().getTime() / 1000);
  return deps.keys.sign(
    {
      iss: deps.config.issuer,
      aud: client._id,
      iat: issuedAt,
      exp: issuedAt + TTL_SECONDS,
      // One of its own for each attempt: a client that remembers them would refuse a second with the first one's.
      jti: uuidv4(),
      sub: subjectFor(deps, client, userId),
      sid: sessionId,
      events: { [EVENT]: {} },
    },
    { typ: 'logout+jwt', algorithm: client.idTokenSignedResponseAlg },
  );
}
