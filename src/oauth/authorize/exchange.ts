import type { AuthorizationRequest } from '../../identity/authorization/request.js';
import type { Client } from '../../models/client.js';
import type { Exchange } from '../endpoint.js';
import type { Parameters } from '../parameters.js';
import type { Receiver } from './respond.js';

/** What the checks of an authorization request find out, in their order. */
export interface AuthorizeExchange extends Exchange {
  parameters: Parameters;
  /** What came more than once and must not. */
  repeated: ReadonlySet<string>;
  client: Client;
  /** Its parameters came over the back channel (RFC 9126). */
  isPushed?: boolean;
  /** Its parameters came in a signed request object (RFC 9101). */
  isSigned?: boolean;
  /** Set once client and redirect URI are proven: from then on the client is told what is wrong. */
  receiver?: Receiver;
  authorization: AuthorizationRequest;
}
