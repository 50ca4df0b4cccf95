import { expect } from 'chai';
import * as cookies from '../../src/http/cookies.js';
import { startHttpServer } from './testServer.js';

const cookiesOf = async (config: Record<string, unknown>, path: string) => {
  const server = await startHttpServer({
    config,
    routes: (app, config) => {
      app.get('/set', (_request, reply) => {
        cookies.setSessionCookie(reply, config, 's');
        cookies.setRefreshCookie(reply, config, 'r');
        return {};
      });
      app.get('/clear', (_request, reply) => {
        cookies.clearSessionCookie(reply, config);
        cookies.clearRefreshCookie(reply, config);
        return {};
      });
    },
  });
  const response = await fetch(`${server.url}${path}`);
  await server.close();
  return response.headers.getSetCookie();
};

describe('the cookies', () => {
  it('are bound to the host, to https and to their path when the issuer is https', async () => {
    const [session, refresh] = await cookiesOf({ issuer: 'https://id.example/a/' }, '/set');
    expect(session).to.match(
      /^__Host-fieldgate_session=s; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(refresh).to.match(
      /^__Secure-fieldgate_refresh=r; Max-Age=\d+; Path=\/a\/auth\/refresh; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('work on plain http for development', async () => {
    const [session, refresh] = await cookiesOf({}, '/set');
    expect(session).to.match(/^fieldgate_session=s; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(refresh).to.match(
      /^fieldgate_refresh=r; Max-Age=\d+; Path=\/auth\/refresh; HttpOnly; SameSite=Strict$/,
    );
  });

  it('are cleared under the attributes that they were set with', async () => {
    const [session, refresh] = await cookiesOf({ issuer: 'https://id.example' }, '/clear');
    expect(session).to.match(/^__Host-fieldgate_session=; .*Path=\/; Expires=Thu, 01 Jan 1970.*Secure/);
    expect(refresh).to.match(
      /^__Secure-fieldgate_refresh=; .*Path=\/auth\/refresh; Expires=Thu, 01 Jan 1970.*Secure/,
    );
  });
});
