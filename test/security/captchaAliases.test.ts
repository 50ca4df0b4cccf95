import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';

const ATTEMPTS = {
  signIn: 'identifier: "ada@example.com", password: "wrong"',
  requestPasswordReset: 'identifier: "ada@example.com"',
  signUp: 'email: "new@example.com", password: "violet Anchor 42 drifts north"',
};
const ASK = {
  signIn: '{ result { __typename } }',
  requestPasswordReset: '{ accepted }',
  signUp: '{ accepted }',
};

describe('a CAPTCHA that was solved once', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({ captcha: { demand: 'always', proofOfWorkCost: 1 } });
  });
  after(() => app.close());

  async function solve(): Promise<string> {
    const { errors } = await app.graphql(
      `mutation { requestPasswordReset(input: { ${ATTEMPTS.requestPasswordReset} }) { accepted } }`,
    );
    const [refused] = errors;
    if (!refused) throw new Error('no CAPTCHA is asked for');
    const { task: challenge } = refused.extensions['captcha'] as { task: Challenge };
    const solution = await solveChallenge({ challenge, deriveKey });
    return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
  }

  for (const first of ['signIn', 'requestPasswordReset', 'signUp'] as const) {
    it(`lets one attempt through, of however many stand behind ${first} in one request`, async () => {
      const captcha = await solve();
      const field = (alias: string, name: keyof typeof ATTEMPTS, more = '') =>
        `${alias}: ${name}(input: { ${ATTEMPTS[name]} ${more} }) ${ASK[name]}`;
      const { data, errors } = await app.graphql(`mutation {
        ${field('solved', first, `, captcha: "${captcha}"`)}
        ${field('again', first, `, captcha: "${captcha}"`)}
        ${field('a', 'signIn')} ${field('b', 'requestPasswordReset')} ${field('c', 'signUp')}
      }`);
      const refused = ['again', 'a', 'b', 'c'].filter(
        (alias) =>
          data?.[alias]?.result?.__typename === 'CaptchaRequired' ||
          errors.some(({ path, extensions }) => path?.[0] === alias && extensions['captcha']),
      );
      expect(refused).to.deep.equal(['again', 'a', 'b', 'c']);
      expect(errors.filter(({ path }) => path?.[0] === 'solved')).to.deep.equal([]);
    });
  }
});
