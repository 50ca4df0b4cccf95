import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AppError } from '../errors.js';
import { readRefreshCookie, setKnownDevice, setRefreshCookie, setSessionCookie } from '../http/cookies.js';
import { assertSameOrigin } from '../http/csrf.js';
import { measureTokenRequest } from '../http/measure.js';
import { provenSender } from '../http/provenSender.js';
import { enforceAddressLimit } from '../http/rateLimit.js';
import { firstPartyClient } from '../identity/clients/firstPartyClient.js';
import type { Deps } from '../identity/deps.js';
import { enter, provedAtOnce } from '../identity/signIn/enter.js';
import { beginSignIn } from '../identity/signIn/signIn.js';
import { issueUserTokens } from '../identity/tokens/issueTokens.js';
import { refreshTokens } from '../identity/tokens/refreshTokens.js';
import { type TokenSet } from '../identity/tokens/tokenGrant.js';
import { type loginBody, loginSchema, type refreshBody, refreshSchema } from './schemas.js';

/** `/auth/login` and `/auth/refresh`, under the built-in first-party client. */
export function addSignIn(app: FastifyInstance, deps: Deps): void {
  app.post<{ Body: z.infer<typeof loginBody> }>('/auth/login', { schema: loginSchema }, (request, reply) =>
    measureTokenRequest(
      deps,
      () => 'password',
      () => login(deps, request, reply),
    ),
  );
  app.post<{ Body: z.infer<typeof refreshBody> }>(
    '/auth/refresh',
    { schema: refreshSchema },
    (request, reply) =>
      measureTokenRequest(
        deps,
        () => 'refresh_token',
        () => refresh(deps, request, reply),
      ),
  );
}

async function login(
  deps: Deps,
  request: FastifyRequest<{ Body: z.infer<typeof loginBody> }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { identifier, password, captcha, scope, cookie = false } = request.body;
  // Else a foreign page could sign the browser in as somebody else.
  if (cookie) assertSameOrigin(request, deps.config);
  await enforceAddressLimit(deps, request, reply, 'signIn');
  const client = await firstPartyClient(deps);
  const scopes = narrow(client.scopes, scope);
  const sender = await provenSender(deps, request, reply);
  const context = { origin: request.origin, binding: request.origin.userAgent };
  const wanted = { clientId: client._id };
  const proved = provedAtOnce(await beginSignIn(deps, { identifier, password, captcha, wanted }, context));
  const opened = await enter(deps, proved, { clientId: client._id, withCookie: cookie }, request.origin);
  const { user } = proved;
  const tokens = await issueUserTokens(deps, { user, session: opened.session, client, scopes, sender });
  if (opened.cookieValue !== null) setSessionCookie(reply, deps.config, opened.cookieValue);
  if (opened.deviceToken !== null) setKnownDevice(reply, deps.config, opened.deviceToken);
  return sendTokens(deps, reply, tokens, cookie);
}

async function refresh(
  deps: Deps,
  request: FastifyRequest<{ Body: z.infer<typeof refreshBody> }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await enforceAddressLimit(deps, request, reply, 'token');
  const inBody = request.body?.refreshToken;
  const refreshToken = inBody ?? readRefreshCookie(request, deps.config);
  if (refreshToken === undefined) throw new AppError('UNAUTHENTICATED', 'no refresh token');
  const client = await firstPartyClient(deps);
  const sender = await provenSender(deps, request, reply);
  const scope = request.body?.scope;
  const tokens = await refreshTokens(
    deps,
    { refreshToken, client, sender, ...(scope !== undefined && { scopes: scope.split(' ') }) },
    request.origin,
  );
  return sendTokens(deps, reply, tokens, inBody === undefined);
}

function sendTokens(deps: Deps, reply: FastifyReply, tokens: TokenSet, inCookie: boolean): FastifyReply {
  const { refreshToken, idToken } = tokens;
  if (inCookie && refreshToken !== null) setRefreshCookie(reply, deps.config, refreshToken);
  return reply.header('cache-control', 'no-store').send({
    accessToken: tokens.accessToken,
    tokenType: tokens.tokenType,
    expiresIn: tokens.expiresInSeconds,
    ...(!inCookie && refreshToken !== null && { refreshToken }),
    ...(idToken !== null && { idToken }),
    scope: tokens.scopes.join(' '),
  });
}

function narrow(allowed: readonly string[], scope: string | undefined): string[] {
  if (scope === undefined) return [...allowed];
  const asked = [...new Set(scope.split(' '))];
  if (asked.every((one) => allowed.includes(one))) return asked;
  throw new AppError('INVALID_SCOPE', 'a scope was asked for that the first-party client may not have', {
    path: ['scope'],
  });
}
