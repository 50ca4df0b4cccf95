import { authorizationCodeGrant } from './authorizationCode.js';
import { clientCredentialsGrant } from './clientCredentials.js';
import { deviceCodeGrant } from './deviceCode.js';
import type { Grant } from './grant.js';
import { passwordGrant } from './password.js';
import { refreshTokenGrant } from './refreshToken.js';
import { tokenExchangeGrant } from './tokenExchange.js';

const ALL: readonly Grant[] = [
  authorizationCodeGrant,
  passwordGrant,
  refreshTokenGrant,
  clientCredentialsGrant,
  deviceCodeGrant,
  tokenExchangeGrant,
];

/** Every grant type that the token endpoint serves; discovery is written from it. */
export const GRANTS: ReadonlyMap<string, Grant> = new Map(ALL.map((grant) => [grant.type, grant]));
