import { expect } from 'chai';
import { createVisitor, headingOf } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import {
  allowAll,
  answerOf,
  authorize,
  authorizePath,
  CALLBACK,
  challengeOf,
  follow,
  nextOf,
  parametersOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
} from './flow.js';
import { OTHER, push, pushed, pushedPath } from './push.js';
import { type Signer, signerOf } from './signer.js';

const DETAILS = [{ type: 'payment', amount: '1' }];

describe('attacks on pushed, signed and rich requests', () => {
  let app: TestApp;
  let signer: Signer;
  before(async () => {
    app = await startFlows({
      authorizationDetailsTypes: [
        { type: 'payment', description: 'Pay once', fields: [{ name: 'amount', required: true }] },
      ],
    });
    signer = await signerOf(app);
    await app.deps.models.clients.updateMany({}, { $set: { authorizationDetailsTypes: ['payment'] } });
  });
  after(() => app.close());

  describe('PKCE downgrade', () => {
    it('takes no challenge from beside a pushed or signed request that has none', async () => {
      const { code_challenge: _one, code_challenge_method: _two, ...without } = parametersOf().parameters;
      expect((await push(app, without)).body.error).to.equal('invalid_request');
      const beside = { code_challenge: challengeOf('v'.repeat(43)), code_challenge_method: 'S256' };
      const request = await signer.sign(without);
      const path = authorizePath({ client_id: 'web', request, ...beside });
      expect(answerOf(await createVisitor(app).open(path)).get('error')).to.equal('invalid_request');
    });

    it('leaves a pushed request the challenge that it was pushed with', async () => {
      const { visitor } = await signedInVisitor(app);
      const { requestUri, verifier } = await pushed(app);
      const attackers = 'a'.repeat(43);
      const over = { code_challenge: challengeOf(attackers), code_challenge_method: 'S256' };
      const code = (await authorize(app, visitor, pushedPath(requestUri, over))).get('code');
      expect((await redeem(app, code, attackers)).body.error).to.equal('invalid_grant');
      expect((await redeem(app, code, verifier)).status).to.equal(200);
    });
  });

  describe('mix-up', () => {
    it('names the issuer in answers to pushed and signed requests, also in refusals (RFC 9207 §2)', async () => {
      const { parameters } = parametersOf({ prompt: 'none' });
      const { body } = await push(app, parameters);
      const request = await signer.sign(parameters);
      for (const path of [
        pushedPath(body.request_uri),
        authorizePath({ client_id: 'web', request }),
        authorizePath({ client_id: 'web', redirect_uri: CALLBACK, request: 'broken' }),
      ]) {
        const answer = answerOf(await createVisitor(app).open(path));
        expect(answer.has('error')).to.equal(true);
        expect(answer.get('iss')).to.equal(app.config.issuer);
      }
    });

    it('gives the code of a request to no other client that shares its redirect URI', async () => {
      const { visitor } = await signedInVisitor(app);
      const { path, verifier } = await pushed(app);
      const code = (await authorize(app, visitor, path)).get('code');
      expect((await redeem(app, code, verifier, {}, OTHER)).body.error).to.equal('invalid_grant');
    });
  });

  describe('state fixation', () => {
    it('ties a pushed request to the first browser that brings it', async () => {
      const { path } = await pushed(app);
      const attacker = createVisitor(app);
      const begun = nextOf(await attacker.open(path)) ?? '';
      const { visitor: victim } = await signedInVisitor(app);
      const taken = await victim.open(begun);
      expect([taken.status, nextOf(taken)]).to.deep.equal([401, null]);
      expect((await victim.open(path)).status).to.equal(400);
    });

    it('takes no state from beside a request that has its own', async () => {
      const { requestUri } = await pushed(app, { prompt: 'none' });
      const answer = await createVisitor(app).open(pushedPath(requestUri, { state: 'of the attacker' }));
      expect(answerOf(answer).get('state')).to.equal('state-1');
    });
  });

  describe('duplicated and oversized parameters', () => {
    const twice = (path: string, name: string, value: string) =>
      `${path}&${new URLSearchParams({ [name]: value }).toString()}`;

    it('refuses whatever comes twice, wherever the rest stands', async () => {
      const { requestUri, path } = await pushed(app);
      const request = await signer.sign(parametersOf().parameters);
      const signed = authorizePath({ client_id: 'web', request });
      for (const doubled of [
        twice(path, 'request_uri', requestUri),
        twice(path, 'client_id', 'web'),
        twice(signed, 'request', request),
        twice(signed, 'client_id', 'other'),
      ]) {
        const answer = await createVisitor(app).open(doubled);
        expect([answer.status, nextOf(answer)], doubled).to.deep.equal([400, null]);
      }
      for (const name of ['claims', 'authorization_details', 'dpop_jkt', 'acr_values', 'response_mode']) {
        const plain = requestOf({ [name]: name === 'response_mode' ? 'query' : '{}' }).path;
        const answer = answerOf(await createVisitor(app).open(twice(plain, name, '{}')));
        expect(answer.get('error'), name).to.equal('invalid_request');
      }
      // What comes twice beside a signed request is a fault too, although it would not count.
      const beside = answerOf(await createVisitor(app).open(`${signed}&nonce=a&nonce=b`));
      expect(beside.get('error')).to.equal('invalid_request');
    });

    it('refuses what is longer than any honest request, in each of its forms', async () => {
      const long = 'a'.repeat(16_500);
      const form = { ...parametersOf({ state: long }).parameters };
      expect((await app.rest('/oauth/authorize', { form })).status).to.equal(400);
      expect((await push(app, form)).status).to.equal(413);
      const request = await signer.sign(form);
      expect((await push(app, { request })).status).to.equal(413);
      expect((await app.rest('/oauth/authorize', { form: { client_id: 'web', request } })).status).to.equal(
        400,
      );
      const many = Array.from({ length: 500 }, (): [string, string] => [
        'resource',
        'https://x.example/'.repeat(4),
      ]);
      expect((await push(app, [...Object.entries(parametersOf().parameters), ...many])).status).to.equal(413);
    });

    it('survives JSON that is deep, or named like parts of every object', async () => {
      const deep = `${'{"id_token":'.repeat(1000)}null${'}'.repeat(1000)}`;
      const named = '{"id_token":{"__proto__":{"essential":true},"constructor":null,"toString":null}}';
      for (const claims of [deep, named, '{"__proto__":{"id_token":{"email":null}}}']) {
        const { status } = await push(app, parametersOf({ claims }).parameters);
        expect(status).to.be.oneOf([201, 400]);
      }
      const details = '[{"type":"payment","amount":"1","__proto__":{"urgent":true}}]';
      const answer = await createVisitor(app).open(requestOf({ authorization_details: details }).path);
      expect(answerOf(answer).get('error')).to.equal('invalid_authorization_details');
      expect(({} as Record<string, unknown>)['urgent']).to.equal(undefined);
    });
  });

  describe('the consent', () => {
    const rich = () => requestOf({ authorization_details: JSON.stringify(DETAILS) });

    it('is given by no form without the token of this browser (CSRF)', async () => {
      const { visitor, person } = await signedInVisitor(app);
      const page = await follow(app, visitor, await visitor.open(rich().path));
      const { visitor: attacker } = await signedInVisitor(app);
      const theirs = await follow(app, attacker, await attacker.open(rich().path));
      const [, token = ''] = /name="csrf" value="([^"]*)"/.exec(theirs.text) ?? [];
      for (const csrf of ['', 'forged', token]) {
        const forged = await visitor.send(page, { ...allowAll(page), csrf });
        expect([forged.status, nextOf(forged)]).to.deep.equal([403, null]);
      }
      expect(await app.deps.models.consents.countDocuments({ userId: person.id })).to.equal(0);
    });

    it('is given by no link', async () => {
      const { visitor, person } = await signedInVisitor(app);
      const page = await follow(app, visitor, await visitor.open(rich().path));
      const [, id = ''] = /name="request" value="([^"]*)"/.exec(page.text) ?? [];
      const query = new URLSearchParams({ request: id, account: person.id, 'choice.allow': '1' });
      const answer = await visitor.open(`/consent?${query.toString()}`);
      expect(headingOf(answer)).to.match(/^Allow /);
      expect(await app.deps.models.consents.countDocuments({ userId: person.id })).to.equal(0);
    });

    it('says where the answer goes, whatever the app calls itself', async () => {
      const { visitor } = await signedInVisitor(app);
      const page = await follow(app, visitor, await visitor.open(rich().path));
      expect(page.text).to.include('you then go on to <strong>app.example</strong>');
      const native = { client_id: 'native', redirect_uri: 'com.example.app:/callback' };
      const second = await follow(app, visitor, await visitor.open(requestOf(native).path));
      expect(second.text).to.include('you then go on to <strong>an app on this device</strong>');
    });

    it('cannot be framed, and neither can any answer on the way (clickjacking)', async () => {
      const { visitor } = await signedInVisitor(app);
      const consent = await follow(app, visitor, await visitor.open(rich().path));
      await authorize(app, visitor, requestOf().path);
      for (const answer of [
        consent,
        await visitor.open(requestOf({ response_mode: 'form_post' }).path),
        await visitor.open(requestOf({ response_mode: 'form_post.jwt' }).path),
        await visitor.open(requestOf({ client_id: 'nobody' }).path),
        await visitor.open(pushedPath('urn:ietf:params:oauth:request_uri:used')),
      ]) {
        expect(answer.headers.get('content-security-policy')).to.include("frame-ancestors 'none'");
        expect(answer.headers.get('cache-control')).to.equal('no-store');
        expect(answer.headers.get('referrer-policy')).to.equal('no-referrer');
      }
    });
  });
});
