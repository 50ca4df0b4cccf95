import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { Agent, fetch } from 'undici';
import type { TestApp } from '../../support/app.js';
import { storeUser } from '../../support/deps.js';
import { freePort } from '../../support/freePort.js';
import { discover } from '../clients/discover.js';
import { type Issued, issue } from './authority.js';
import { change, MACHINE, makeHolder, proofOf, startParties } from './parties.js';

const DN = 'CN=machine one,O=Acme';
const NAMES = {
  commonName: 'machine one',
  organization: 'Acme',
  dns: 'machine.example',
  uri: 'https://machine.example/id',
};

describe('mutual TLS', () => {
  let folder: string;
  let authority: Issued;
  let foreignAuthority: Issued;
  let good: Issued;
  let self: Issued;
  let otherSelf: Issued;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-mtls-'));
    authority = await issue({ commonName: 'Acme CA' });
    foreignAuthority = await issue({ commonName: 'Acme CA' });
    good = await issue(NAMES, authority);
    self = await issue(NAMES);
    otherSelf = await issue(NAMES);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const byName = (name: Record<string, string>) => ({
    tokenEndpointAuthMethod: 'tls_client_auth',
    tlsClientAuthSubjectDn: null,
    tlsClientAuthSanDns: null,
    tlsClientAuthSanUri: null,
    tlsClientCertificateBoundAccessTokens: false,
    ...name,
  });

  describe('with Fieldgate itself (RFC 8705 §2)', () => {
    let app: TestApp;
    let server: Issued;
    const agents: Agent[] = [];
    before(async () => {
      server = await issue({ commonName: '127.0.0.1' });
      const files = {
        cert: join(folder, 'cert.pem'),
        key: join(folder, 'key.pem'),
        ca: join(folder, 'ca.pem'),
      };
      await Promise.all([
        writeFile(files.cert, server.cert),
        writeFile(files.key, server.key),
        writeFile(files.ca, authority.cert),
      ]);
      const port = await freePort();
      app = await startParties({
        listen: { port },
        issuer: `https://127.0.0.1:${port}`,
        tls: { cert: files.cert, key: files.key },
        mutualTls: { enabled: true, caFile: files.ca },
      });
    });
    after(async () => {
      await Promise.all(agents.map((agent) => agent.destroy()));
      await app.close();
    });

    /** A client that shows this certificate. */
    const clientOf = (shown: Issued | null) => {
      const dispatcher = new Agent({
        connect: { ca: server.cert, ...(shown && { cert: shown.cert, key: shown.key }) },
      });
      agents.push(dispatcher);
      const ask = async (
        path: string,
        options: { form?: Record<string, string>; headers?: Record<string, string>; body?: object } = {},
      ) => {
        const { form, headers, body } = options;
        const response = await fetch(`${app.config.issuer}${path}`, {
          dispatcher,
          method: form || body ? 'POST' : 'GET',
          headers: {
            ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
            ...(body && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(form && { body: new URLSearchParams(form).toString() }),
          ...(body && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        const parsed = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, string>;
        return { status: response.status, text, body: parsed, headers: response.headers };
      };
      return {
        dispatcher,
        ask,
        token: (over: Record<string, string> = {}) =>
          ask('/oauth/token', {
            form: { grant_type: 'client_credentials', scope: 'account', client_id: MACHINE[0], ...over },
          }),
      };
    };
    const refused = async (shown: Issued | null) => {
      const { status, body, text } = await clientOf(shown).token();
      expect([status, body['error']], text).to.deep.equal([401, 'invalid_client']);
    };

    const NAMED: [string, Record<string, string>, Record<string, string>][] = [
      ['the subject', { tlsClientAuthSubjectDn: DN }, { tlsClientAuthSubjectDn: 'CN=machine one,O=Other' }],
      ['a DNS name', { tlsClientAuthSanDns: 'machine.example' }, { tlsClientAuthSanDns: 'other.example' }],
      [
        'a URI',
        { tlsClientAuthSanUri: 'https://machine.example/id' },
        { tlsClientAuthSanUri: 'https://machine.example/id2' },
      ],
    ];
    for (const [title, right, wrong] of NAMED) {
      it(`proves a client by ${title} of a certificate of the authority, and no other (RFC 8705 §2.1)`, async () => {
        await change(app, 'machine', byName(right));
        const answer = await clientOf(good).token();
        expect(answer.status, answer.text).to.equal(200);
        await refused(null);
        await refused(self);
        await refused(await issue(NAMES, foreignAuthority));
        await refused(await issue({ commonName: 'somebody', organization: 'Acme' }, authority));
        await change(app, 'machine', byName(wrong));
        await refused(good);
      });
    }

    it('refuses a subject whose parts stand in the other order, or that has more of them', async () => {
      for (const name of ['O=Acme,CN=machine one', 'CN=machine one', `${DN},C=DE`, 'CN=machine', '']) {
        await change(app, 'machine', byName({ tlsClientAuthSubjectDn: name }));
        await refused(good);
      }
    });

    it('refuses a client that has registered two names, or none', async () => {
      await change(
        app,
        'machine',
        byName({ tlsClientAuthSubjectDn: DN, tlsClientAuthSanDns: 'machine.example' }),
      );
      await refused(good);
      await change(app, 'machine', byName({}));
      await refused(good);
    });

    it('refuses a certificate that has expired', async () => {
      await change(app, 'machine', byName({ tlsClientAuthSubjectDn: DN }));
      const day = 86_400_000;
      const now = app.clock().getTime();
      await refused(
        await issue(
          { ...NAMES, notBefore: new Date(now - 2 * day), notAfter: new Date(now - day) },
          authority,
        ),
      );
    });

    it('proves a client by the certificate that it has registered itself, and no other (RFC 8705 §2.2)', async () => {
      await change(app, 'machine', {
        ...byName({}),
        tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
        jwks: { keys: [{ kty: 'EC', x5c: self.x5c }] },
      });
      expect((await clientOf(self).token()).status).to.equal(200);
      await refused(otherSelf);
      await refused(good);
      await refused(null);
    });

    it('lets a certificate speak for no other client, and no secret replace it', async () => {
      await change(app, 'machine', byName({ tlsClientAuthSubjectDn: DN }));
      const { token } = clientOf(good);
      expect((await token({ client_secret: MACHINE[1] })).body['error']).to.equal('invalid_client');
      await change(app, 'machine', { ...byName({}), tokenEndpointAuthMethod: 'client_secret_basic' });
      expect((await token()).body['error']).to.equal('invalid_client');
    });

    it('works with oauth4webapi, and binds the token to the certificate at every resource (RFC 8705 §3)', async () => {
      await change(app, 'machine', {
        ...byName({ tlsClientAuthSubjectDn: DN }),
        tlsClientCertificateBoundAccessTokens: true,
      });
      const { dispatcher, ask } = clientOf(good);
      const viaCertificate = {
        [oauth.customFetch]: (url: string, options: object) =>
          fetch(url, { ...options, dispatcher }) as unknown as Promise<Response>,
      };
      const as = await discover(app, viaCertificate);
      expect(as.tls_client_certificate_bound_access_tokens).to.equal(true);
      expect(as.token_endpoint_auth_methods_supported).to.include.members([
        'tls_client_auth',
        'self_signed_tls_client_auth',
      ]);
      const client: oauth.Client = { client_id: 'machine' };
      const response = await oauth.clientCredentialsGrantRequest(
        as,
        client,
        oauth.TlsClientAuth(),
        { scope: 'account' },
        viaCertificate,
      );
      const { access_token: token, token_type: type } = await oauth.processClientCredentialsResponse(
        as,
        client,
        response,
      );
      expect(type).to.equal('bearer');
      expect(decodeJwt(token)['cnf']).to.deep.equal({ 'x5t#S256': good.thumbprint });

      const headers = { authorization: `Bearer ${token}` };
      for (const path of ['/auth/validate', '/graphql?query=%7Bviewer%7Bid%7D%7D']) {
        const sent = { headers: { ...headers, 'apollo-require-preflight': '1' } };
        expect((await ask(path, sent)).status, path).to.equal(200);
        for (const thief of [null, self]) {
          const stolen = await clientOf(thief).ask(path, sent);
          expect(stolen.status, path).to.equal(401);
          expect(stolen.headers.get('www-authenticate')).to.match(/^Bearer .*error="invalid_token"/);
        }
        expect(
          (await ask(path, { headers: { ...sent.headers, authorization: `DPoP ${token}` } })).status,
        ).to.equal(401);
      }
      // Userinfo asks for `openid` before it says anything of a client's token: 403, but the thief gets 401.
      expect((await ask('/oauth/userinfo', { headers })).status).to.equal(403);
      expect((await clientOf(null).ask('/oauth/userinfo', { headers })).status).to.equal(401);
      const form = { token, client_id: 'machine' };
      expect((await ask('/oauth/introspect', { form })).text).to.include(good.thumbprint);
    });

    it('gives a client that must bind its tokens none without a certificate, and none bound to two things', async () => {
      await change(app, 'spa', { tlsClientCertificateBoundAccessTokens: true });
      const person = await signedUp();
      const form = {
        grant_type: 'password',
        client_id: 'spa',
        username: person.email,
        password: person.password,
        scope: 'openid offline_access',
      };
      expect((await clientOf(null).ask('/oauth/token', { form })).body['error']).to.equal('invalid_request');
      const dpop = await proofOf(app, await makeHolder(), { htm: 'POST', path: '/oauth/token' });
      const both = await clientOf(self).ask('/oauth/token', { form, headers: { dpop } });
      expect(both.body['error']).to.equal('invalid_request');

      // RFC 8705 §4: a public client's refresh token is bound to the certificate as well.
      const { body } = await clientOf(self).ask('/oauth/token', { form });
      const again = {
        grant_type: 'refresh_token',
        client_id: 'spa',
        refresh_token: body['refresh_token'] ?? '',
      };
      expect((await clientOf(otherSelf).ask('/oauth/token', { form: again })).body['error']).to.equal(
        'invalid_grant',
      );
      const renewed = await clientOf(self).ask('/oauth/token', { form: again });
      expect(renewed.status, renewed.text).to.equal(200);
    });

    /** `app.signUpAndConfirm` speaks http only. */
    async function signedUp(): Promise<{ email: string; password: string }> {
      const password = 'violet Anchor 42 drifts north';
      const passwordHash = await app.deps.passwords.hash(password);
      const { email } = await storeUser(app.deps, { passwordHash });
      return { email: email ?? '', password };
    }
  });

  describe('with a proxy in front (RFC 9440)', () => {
    const HEADERS = { certificateHeader: 'x-ssl-client-cert', verifiedHeader: 'x-ssl-client-verify' };
    const start = (trustedProxies: string[], mutualTls: object = HEADERS) =>
      startParties({ listen: { trustedProxies }, mutualTls: { enabled: true, ...mutualTls } });
    const encodings = ({ cert, x5c }: Issued): [string, string][] => [
      ['URL-encoded PEM, as nginx writes it', encodeURIComponent(cert)],
      ['PEM on one line', cert.replaceAll(/\r?\n/g, ' ').trim()],
      ['a byte sequence (RFC 9440 §2.1)', `:${x5c[0]}:`],
    ];
    const ask = (
      app: TestApp,
      certificate: string | null,
      verified = 'SUCCESS',
      over: Record<string, string> = {},
    ) =>
      app.rest('/oauth/token', {
        form: { grant_type: 'client_credentials', scope: 'account', client_id: 'machine' },
        headers: {
          ...(certificate !== null && { 'x-ssl-client-cert': certificate }),
          'x-ssl-client-verify': verified,
          ...over,
        },
      });

    it('takes the certificate from the header of a trusted address', async () => {
      const app = await start(['127.0.0.0/8', '::1']);
      try {
        await change(app, 'machine', byName({ tlsClientAuthSubjectDn: DN }));
        for (const [title, header] of encodings(good)) {
          const answer = await ask(app, header);
          expect(answer.status, `${title}: ${answer.text}`).to.equal(200);
        }
        for (const verified of ['NONE', 'FAILED:self signed certificate', 'success', '']) {
          expect((await ask(app, encodeURIComponent(good.cert), verified)).status, verified).to.equal(401);
        }
        for (const garbage of [
          '',
          'x',
          '%',
          ':AAAA:',
          '-----BEGIN CERTIFICATE-----x-----END CERTIFICATE-----',
        ]) {
          expect((await ask(app, garbage)).status, garbage).to.equal(401);
        }
        expect((await ask(app, null)).status).to.equal(401);
      } finally {
        await app.close();
      }
    });

    it('takes a self-signed one without the verdict of the proxy, for its thumbprint is the proof', async () => {
      const app = await start(['127.0.0.1'], { certificateHeader: 'x-ssl-client-cert' });
      try {
        await change(app, 'machine', {
          ...byName({}),
          tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
          jwks: { keys: [{ kty: 'EC', x5c: self.x5c }] },
        });
        expect((await ask(app, encodeURIComponent(self.cert), 'NONE')).status).to.equal(200);
        expect((await ask(app, encodeURIComponent(otherSelf.cert))).status).to.equal(401);
        // Nobody has said here which header would tell of a verified chain: none does.
        await change(app, 'machine', byName({ tlsClientAuthSubjectDn: DN }));
        expect((await ask(app, encodeURIComponent(good.cert))).status).to.equal(401);
      } finally {
        await app.close();
      }
    });

    it('refuses a forged certificate header from an address that is not trusted', async () => {
      const app = await start(['10.0.0.0/8']);
      try {
        await change(app, 'machine', byName({ tlsClientAuthSubjectDn: DN }));
        for (const [title, header] of encodings(good)) {
          for (const over of [{}, { 'x-forwarded-for': '10.0.0.1' }, { forwarded: 'for=10.0.0.1' }]) {
            const answer = await ask(app, header, 'SUCCESS', over as Record<string, string>);
            expect([answer.status, answer.body.error], title).to.deep.equal([401, 'invalid_client']);
          }
        }
      } finally {
        await app.close();
      }
    });

    it('is off unless it is switched on', async () => {
      const app = await startParties({
        listen: { trustedProxies: ['127.0.0.1'] },
        mutualTls: { enabled: false, ...HEADERS },
      });
      try {
        await change(app, 'machine', byName({ tlsClientAuthSubjectDn: DN }));
        expect((await ask(app, encodeURIComponent(good.cert))).status).to.equal(401);
        const { body } = await app.rest('/.well-known/openid-configuration');
        expect(body).to.not.have.any.keys(
          'mtls_endpoint_aliases',
          'tls_client_certificate_bound_access_tokens',
        );
        expect(body.token_endpoint_auth_methods_supported).to.not.include('tls_client_auth');
      } finally {
        await app.close();
      }
    });

    it('names the addresses where certificates are asked for (RFC 8705 §5)', async () => {
      const app = await start(['127.0.0.1'], { ...HEADERS, endpointBase: 'https://mtls.id.example' });
      try {
        const { body } = await app.rest('/.well-known/openid-configuration');
        expect(body.mtls_endpoint_aliases).to.include({
          token_endpoint: 'https://mtls.id.example/oauth/token',
          revocation_endpoint: 'https://mtls.id.example/oauth/revoke',
          introspection_endpoint: 'https://mtls.id.example/oauth/introspect',
          userinfo_endpoint: 'https://mtls.id.example/oauth/userinfo',
          pushed_authorization_request_endpoint: 'https://mtls.id.example/oauth/par',
        });
        expect(body.token_endpoint).to.equal(`${app.url}/oauth/token`);
      } finally {
        await app.close();
      }
    });
  });
});
