import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { createVisitor } from '../../pages/visitor.js';
import type { Person, TestApp } from '../../support/app.js';
import { authorize, challengeOf } from '../authorize/flow.js';
import { type Holder, makeHolder, proofOf, startParties } from './parties.js';

const VERIFIER = 'v'.repeat(43);
const CALLBACK = 'https://spa.example/callback';

describe('DPoP of a pushed request', () => {
  let app: TestApp;
  let person: Person;
  let holder: Holder;
  let other: Holder;
  before(async () => {
    app = await startParties();
    person = await app.signUpAndConfirm();
    [holder, other] = [await makeHolder(), await makeHolder()];
  });
  after(() => app.close());

  const push = async (by: Holder, over: Record<string, string> = {}) =>
    app.rest('/oauth/par', {
      form: {
        client_id: 'spa',
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: 'openid',
        code_challenge: challengeOf(VERIFIER),
        code_challenge_method: 'S256',
        ...over,
      },
      headers: { dpop: await proofOf(app, by, { htm: 'POST', path: '/oauth/par' }) },
    });
  const redeem = async (code: string, by: Holder | null) =>
    app.rest('/oauth/token', {
      form: {
        grant_type: 'authorization_code',
        client_id: 'spa',
        redirect_uri: CALLBACK,
        code,
        code_verifier: VERIFIER,
      },
      ...(by && { headers: { dpop: await proofOf(app, by, { htm: 'POST', path: '/oauth/token' }) } }),
    });

  it('binds the code to its key (RFC 9449 §10.1)', async () => {
    for (const pushed of [push(holder), push(holder, { dpop_jkt: holder.thumbprint })]) {
      const { status, body, text } = await pushed;
      expect(status, text).to.equal(201);
      const query = new URLSearchParams({ client_id: 'spa', request_uri: body.request_uri });
      const path = `/oauth/authorize?${query.toString()}`;
      const code = (await authorize(app, createVisitor(app), path, person)).get('code') ?? '';
      for (const wrong of [null, other]) {
        expect((await redeem(code, wrong)).body.error).to.equal('invalid_grant');
      }
      const tokens = (await redeem(code, holder)).body;
      expect(decodeJwt(tokens.access_token)['cnf']).to.deep.equal({ jkt: holder.thumbprint });
    }
  });

  it('is refused where dpop_jkt names another key (RFC 9449 §10.1)', async () => {
    const { status, body } = await push(holder, { dpop_jkt: other.thumbprint });
    expect([status, body.error]).to.deep.equal([400, 'invalid_request']);
  });

  it('is refused with a proof that is made for another address', async () => {
    const form = { client_id: 'spa', redirect_uri: CALLBACK, response_type: 'code' };
    const dpop = await proofOf(app, holder, { htm: 'POST', path: '/oauth/token' });
    const { status, body } = await app.rest('/oauth/par', { form, headers: { dpop } });
    expect([status, body.error]).to.deep.equal([400, 'invalid_dpop_proof']);
  });
});
