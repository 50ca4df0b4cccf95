import { expect } from 'chai';
import { createVisitor, headingOf } from '../pages/visitor.js';
import type { TestApp } from '../support/app.js';
import { digestOf } from '../support/digest.js';
import {
  answerOf,
  authorize,
  CALLBACK,
  nextOf,
  parametersOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
} from './authorize/flow.js';
import { OTHER, push, pushed, pushedPath, WEB } from './authorize/push.js';

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

describe('POST /oauth/par', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows({ authorization: { pushedRequestTtlSeconds: 60 } });
  });
  after(() => app.close());

  it('answers 201 with a reference, uncached, that leads through the code flow (RFC 9126 §2.2)', async () => {
    const { parameters, verifier } = parametersOf();
    const answer = await push(app, parameters);
    expect(answer.status).to.equal(201);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expect(answer.body).to.have.keys('request_uri', 'expires_in');
    expect(answer.body.expires_in).to.equal(60);
    expect(answer.body.request_uri).to.match(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/);
    const { visitor } = await signedInVisitor(app);
    const given = await authorize(app, visitor, pushedPath(answer.body.request_uri));
    expect([given.get('state'), given.get('iss')]).to.deep.equal(['state-1', app.config.issuer]);
    const { status, body } = await redeem(app, given.get('code'), verifier);
    expect([status, body.scope]).to.deep.equal([200, 'openid email']);
  });

  it('needs no client_id beside HTTP Basic, and refuses that of another client (RFC 9126 §2.1)', async () => {
    const { client_id: _left, ...parameters } = parametersOf().parameters;
    expect((await push(app, parameters)).status).to.equal(201);
    const foreign = await push(app, { ...parameters, client_id: 'other' });
    expect([foreign.status, foreign.body.error]).to.deep.equal([400, 'invalid_request']);
  });

  it('authenticates the client as the token endpoint does (RFC 9126 §2)', async () => {
    const { parameters } = parametersOf();
    for (const basic of [null, ['web', 'wrong'], ['nobody', 'x']] as ([string, string] | null)[]) {
      const { status, body } = await push(app, { ...parameters, client_id: basic?.[0] ?? 'web' }, basic);
      expect([status, body.error]).to.deep.equal([401, 'invalid_client']);
    }
  });

  it('takes the requests of public clients, which name themselves', async () => {
    const spa = { client_id: 'spa', redirect_uri: 'https://spa.example/callback' };
    const answer = await push(app, parametersOf(spa).parameters, null);
    expect(answer.status).to.equal(201);
    const asked = await createVisitor(app).open(pushedPath(answer.body.request_uri, { client_id: 'spa' }));
    expect(nextOf(asked)).to.match(/^\/sign-in\?request=/);
  });

  it('checks the request as the front channel would, at once (RFC 9126 §2.1)', async () => {
    for (const [over, error] of [
      [{ redirect_uri: 'https://evil.example/' }, 'invalid_request'],
      [{ redirect_uri: undefined }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ response_mode: 'web_message' }, 'invalid_request'],
      [{ code_challenge: undefined }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ scope: 'openid users:write' }, 'invalid_scope'],
      [{ prompt: 'none login' }, 'invalid_request'],
      [{ max_age: '-1' }, 'invalid_request'],
      [{ claims: '[]' }, 'invalid_request'],
      [{ resource: 'https://unknown.example/' }, 'invalid_target'],
      [{ authorization_details: '[{"type":"unknown"}]' }, 'invalid_authorization_details'],
      [{ dpop_jkt: 'short' }, 'invalid_request'],
      [{ id_token_hint: 'e30.e30.x' }, 'invalid_request'],
      [{ request: 'e30.e30.' }, 'invalid_request_object'],
      [{ registration: '{}' }, 'registration_not_supported'],
    ] as const) {
      const { status, body } = await push(app, parametersOf(over).parameters);
      expect([status, body.error], JSON.stringify(over)).to.deep.equal([400, error]);
      expect(body).not.to.have.property('request_uri');
    }
  });

  it('takes no request_uri (RFC 9126 §2.1)', async () => {
    const { requestUri } = await pushed(app);
    const { status, body } = await push(app, { ...parametersOf().parameters, request_uri: requestUri });
    expect([status, body.error]).to.deep.equal([400, 'invalid_request']);
  });

  it('refuses repeated parameters, other bodies, other methods, and what is too long (RFC 9126 §2.3)', async () => {
    const pairs = Object.entries(parametersOf().parameters);
    expect((await push(app, [...pairs, ['scope', 'openid']])).body.error).to.equal('invalid_request');
    const json = await app.rest('/oauth/par', { body: Object.fromEntries(pairs), basic: WEB });
    expect([json.status, json.body.error]).to.deep.equal([400, 'invalid_request']);
    const get = await app.rest('/oauth/par', { basic: WEB });
    expect([get.status, get.headers.get('allow')]).to.deep.equal([405, 'POST']);
    expect((await push(app, parametersOf({ state: 'a'.repeat(16_500) }).parameters)).status).to.equal(413);
  });

  it('keeps no secret of the client', async () => {
    const form = { ...parametersOf().parameters, client_secret: WEB[1] };
    const { body } = await push(app, form, null);
    expect(body).to.have.property('error', 'invalid_client');
    const { requestUri } = await pushed(app);
    const id = requestUri.split(':').at(-1) ?? '';
    const stored = await app.deps.ephemeral.get(`pushed:${id}`);
    expect(stored).to.include('code_challenge').and.not.include(WEB[1]);
  });

  describe('the reference', () => {
    /** Neither a code nor a way to one; the person gets a page. */
    async function expectDead(path: string) {
      const { visitor } = await signedInVisitor(app);
      const answer = await visitor.open(path);
      expect([answer.status, nextOf(answer)]).to.deep.equal([400, null]);
      expect(headingOf(answer)).to.equal('That did not work');
    }

    it('works once (RFC 9126 §7.3)', async () => {
      const { path } = await pushed(app);
      expect(nextOf(await createVisitor(app).open(path))).to.match(/^\/sign-in/);
      await expectDead(path);
    });

    it('is used up also by a request that leads to nothing', async () => {
      const { path } = await pushed(app, { prompt: 'none' });
      expect(answerOf(await createVisitor(app).open(path)).get('error')).to.equal('login_required');
      await expectDead(path);
    });

    it('lives for as long as it says (RFC 9126 §2.2)', async () => {
      const { path } = await pushed(app);
      app.clock.advance(61);
      await expectDead(path);
      const { path: inTime } = await pushed(app);
      app.clock.advance(59);
      expect(nextOf(await createVisitor(app).open(inTime))).to.match(/^\/sign-in/);
    });

    it('is worth nothing to another client, which does not use it up (RFC 9126 §2.2, §7.1)', async () => {
      const { path, requestUri } = await pushed(app);
      await expectDead(pushedPath(requestUri, { client_id: 'other' }));
      expect(nextOf(await createVisitor(app).open(path))).to.match(/^\/sign-in/);
    });

    it('cannot be guessed, nor reach anything else that is kept', async () => {
      for (const id of ['x', 'a'.repeat(43), '../pending:authorization:x', `${'a'.repeat(42)}\n`, '*']) {
        await expectDead(pushedPath(`urn:ietf:params:oauth:request_uri:${id}`));
      }
    });

    it('needs its client_id beside it (RFC 9126 §4)', async () => {
      const { requestUri } = await pushed(app);
      const query = new URLSearchParams({ request_uri: requestUri }).toString();
      await expectDead(`/oauth/authorize?${query}`);
    });

    it('stands alone: nothing beside it changes the request', async () => {
      const { requestUri, verifier } = await pushed(app, { scope: 'openid' });
      const { visitor } = await signedInVisitor(app);
      const path = pushedPath(requestUri, {
        scope: 'openid email account',
        redirect_uri: 'https://app.example/second?tenant=1',
        state: 'forged',
        nonce: 'forged',
        code_challenge: 'a'.repeat(43),
        response_mode: 'fragment',
      });
      const page = await visitor.open(path);
      const answer = await authorize(app, visitor, nextOf(page) ?? '');
      expect(answer.get('state')).to.equal('state-1');
      expect((await redeem(app, answer.get('code'), verifier)).body.scope).to.equal('openid');
    });

    it('excludes a request object beside it (RFC 9101 §5)', async () => {
      const { requestUri } = await pushed(app);
      const path = pushedPath(requestUri, { request: 'e30.e30.', redirect_uri: CALLBACK });
      expect(answerOf(await createVisitor(app).open(path)).get('error')).to.equal('invalid_request');
    });

    it('is judged by what the client may do when it is used', async () => {
      const { path } = await pushed(app);
      const before = await app.deps.models.clients.findOne({ _id: 'web' }).lean();
      const set = (redirectUris: string[]) =>
        app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { redirectUris } });
      await set(['https://moved.example/']);
      await expectDead(path);
      await set(before?.redirectUris ?? []);
    });
  });

  it('stores the key that dpop_jkt names with the code (RFC 9449 §10)', async () => {
    const { visitor } = await signedInVisitor(app);
    const { path, verifier } = await pushed(app, { dpop_jkt: JKT });
    const code = (await authorize(app, visitor, path)).get('code') ?? '';
    const stored = await app.deps.models.authorizationCodes.findById(digestOf(code)).lean();
    expect(stored?.senderKey).to.equal(JKT);
    expect((await redeem(app, code, verifier)).status).to.equal(400);
  });

  describe('where it is required', () => {
    it('refuses a request of a client that must push, and takes what it pushed (RFC 9126 §6)', async () => {
      const set = (requirePushedAuthorizationRequests: boolean) =>
        app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { requirePushedAuthorizationRequests } });
      await set(true);
      const direct = answerOf(await createVisitor(app).open(requestOf().path));
      expect([direct.get('error'), direct.get('state')]).to.deep.equal(['invalid_request', 'state-1']);
      const { path } = await pushed(app);
      expect(nextOf(await createVisitor(app).open(path))).to.match(/^\/sign-in/);
      await set(false);
    });

    it('is required of every client where the installation says so, and discovery tells (RFC 9126 §5)', async () => {
      const strict = await startFlows({ authorization: { requirePushedRequests: true } });
      try {
        const direct = answerOf(await createVisitor(strict).open(requestOf().path));
        expect(direct.get('error')).to.equal('invalid_request');
        const { body } = await strict.rest('/.well-known/oauth-authorization-server');
        expect(body.require_pushed_authorization_requests).to.equal(true);
        expect(body.pushed_authorization_request_endpoint).to.equal(`${strict.config.issuer}/oauth/par`);
        const { path } = await pushed(strict);
        expect(nextOf(await createVisitor(strict).open(path))).to.match(/^\/sign-in/);
      } finally {
        await strict.close();
      }
    });
  });

  it('lets no client use what another has pushed by its own name', async () => {
    const { parameters } = parametersOf({ client_id: 'other' });
    const { body } = await push(app, parameters, OTHER);
    const answer = await createVisitor(app).open(pushedPath(body.request_uri));
    expect([answer.status, nextOf(answer)]).to.deep.equal([400, null]);
  });
});
