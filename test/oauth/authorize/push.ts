import type { TestApp } from '../../support/app.js';
import { authorizePath, parametersOf, WEB_SECRET } from './flow.js';

export const WEB: [string, string] = ['web', WEB_SECRET];
export const OTHER: [string, string] = ['other', 'other-secret-0123456789-abcdefghi'];

/** Hands parameters over at `/oauth/par` as the client `web` unless told otherwise. */
export function push(
  app: TestApp,
  form: Record<string, string> | [string, string][],
  basic: [string, string] | null = WEB,
) {
  return app.rest('/oauth/par', { form, ...(basic && { basic }) });
}

/** What a browser carries instead of the request. */
export const pushedPath = (requestUri: string, over: Record<string, string> = {}): string =>
  authorizePath({ client_id: 'web', request_uri: requestUri, ...over });

/** A pushed request that nothing is wrong with. */
export async function pushed(app: TestApp, over: Record<string, string | undefined> = {}) {
  const { parameters, verifier } = parametersOf(over);
  const { body } = await push(app, parameters);
  const requestUri: string = body.request_uri;
  return { requestUri, path: pushedPath(requestUri), verifier };
}
