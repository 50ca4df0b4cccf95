import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { expect } from 'chai';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { requestPasswordReset } from '../../../src/identity/accounts/passwords.js';
import { signUp } from '../../../src/identity/accounts/signUp.js';
import { assertNoProgram, captchaFor } from '../../../src/identity/risk/captcha/demandCaptcha.js';
import { isConfirmed } from '../../../src/identity/risk/captcha/siteVerify.js';
import { noteFailedPair } from '../../../src/identity/risk/stuffing.js';
import { type ConfigInput, createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { type Outside, startOutside } from '../../support/outside.js';
import { refusal } from '../../support/refusal.js';
import { PASSWORD, tally, UNLIMITED } from '../accounts/support.js';

const PROVIDERS = ['turnstile', 'hcaptcha', 'recaptcha'] as const;
const CHEAP = { proofOfWorkCost: 1 };

describe('the CAPTCHA', () => {
  let test: TestDeps;
  const open = async (captcha: ConfigInput['captcha'], more: ConfigInput = {}) => {
    test = await createTestDeps({ config: { ...UNLIMITED, ...more, captcha } });
  };
  afterEach(() => test.close());

  /** Each request has an origin of its own. */
  const request = () => ({ ...ORIGIN });
  const show = (solution: string | null) => assertNoProgram(test.deps, solution, request());
  async function task(): Promise<Challenge> {
    const { captcha } = await refusal(show(null), 'CAPTCHA_REQUIRED');
    return captcha?.task as Challenge;
  }
  async function solve(challenge: Challenge): Promise<string> {
    const solution = await solveChallenge({ challenge, deriveKey });
    return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
  }

  it('is asked of nobody until their address tries many accounts', async () => {
    await open(CHEAP);
    await show(null);
    expect(await captchaFor(test.deps, request())).to.equal(null);
    for (let name = 0; name < 10; name += 1) await noteFailedPair(test.deps, `name${name}`, ORIGIN.address);
    await refusal(show(null), 'CAPTCHA_REQUIRED');
    expect(await captchaFor(test.deps, request())).to.include({ provider: 'proofOfWork', siteKey: null });
    await assertNoProgram(test.deps, null, { ...ORIGIN, address: '192.0.2.1' });
  });

  it('is asked of everybody, or of nobody, where it is configured so', async () => {
    await open({ demand: 'never' });
    for (let name = 0; name < 10; name += 1) await noteFailedPair(test.deps, `name${name}`, ORIGIN.address);
    await show(null);
    await test.close();
    await open({ demand: 'always', ...CHEAP });
    await refusal(show(null), 'CAPTCHA_REQUIRED');
  });

  it('takes a proof of work once', async () => {
    await open({ demand: 'always', ...CHEAP });
    const solution = await solve(await task());
    await show(solution);
    await refusal(show(solution), 'CAPTCHA_REQUIRED');
  });

  it('takes a proof of work once of fifty at a time', async () => {
    await open({ demand: 'always', ...CHEAP });
    const solution = await solve(await task());
    const counts = await tally(Array.from({ length: 50 }, () => show(solution)));
    expect(counts).to.deep.equal({ ok: 1, CAPTCHA_REQUIRED: 49 });
  });

  it('refuses a task that is over, easier than ours, or of somebody else', async () => {
    await open({ demand: 'always', ...CHEAP });
    const late = await solve(await task());
    test.clock.advance(601);
    await refusal(show(late), 'CAPTCHA_REQUIRED');
    const easier = await task();
    easier.parameters.keyPrefix = '0';
    await refusal(show(await solve(easier)), 'CAPTCHA_REQUIRED');
    const other = await createTestDeps({ config: { captcha: { demand: 'always', ...CHEAP } } });
    const theirs = await refusal(assertNoProgram(other.deps, null, request()), 'CAPTCHA_REQUIRED');
    await other.close();
    await refusal(show(await solve(theirs.captcha?.task as Challenge)), 'CAPTCHA_REQUIRED');
    for (const garbage of [
      '',
      'x',
      'e30=',
      'bnVsbA==',
      'x'.repeat(10_000),
      Buffer.from('{"challenge":{"parameters":{}},"solution":{}}').toString('base64'),
    ]) {
      await refusal(show(garbage), 'CAPTCHA_REQUIRED');
    }
  });

  it('stands before sign-in, sign-up and reset, and costs the account nothing', async () => {
    await open({ demand: 'always', ...CHEAP });
    const { deps } = test;
    const email = 'ada@example.com';
    const asked = [
      await refusal(
        verifyCredentials(deps, { identifier: email, password: 'x' }, request()),
        'CAPTCHA_REQUIRED',
      ),
      await refusal(signUp(deps, { email, password: PASSWORD }, request()), 'CAPTCHA_REQUIRED'),
      await refusal(requestPasswordReset(deps, { identifier: email }, request()), 'CAPTCHA_REQUIRED'),
    ];
    for (const { captcha } of asked) expect(captcha?.provider).to.equal('proofOfWork');
    expect(await deps.models.failedAttempts.countDocuments()).to.equal(0);
    expect(await deps.models.users.countDocuments()).to.equal(0);
    const input = { email, password: PASSWORD, captcha: await solve(await task()) };
    await signUp(deps, input, request());
    expect(await deps.models.users.countDocuments()).to.equal(1);
  });

  describe('of a provider', () => {
    let provider: Outside;
    let reply: { status: number; body: string };
    beforeEach(async () => {
      reply = { status: 200, body: '{"success":true}' };
      provider = await startOutside({ plain: true });
      provider.answer((_asked, response) => void response.writeHead(reply.status).end(reply.body));
    });
    afterEach(() => provider.close());

    const openWith = (name: (typeof PROVIDERS)[number]) =>
      open(
        {
          demand: 'always',
          provider: name,
          siteKey: 'site',
          secretKey: 'secret',
          verifyUrl: `${provider.url}/siteverify`,
        },
        { issuer: 'https://id.example.com', ...provider.config },
      );

    for (const name of PROVIDERS) {
      it(`${name} is asked about each answer, and decides`, async () => {
        await openWith(name);
        const { captcha } = await refusal(show(null), 'CAPTCHA_REQUIRED');
        expect(captcha).to.deep.equal({ provider: name, siteKey: 'site', task: null });
        expect(provider.received).to.have.length(0);
        await show('an answer');
        const [asked] = provider.received;
        expect(asked).to.include({ method: 'POST', path: '/siteverify' });
        expect(Object.fromEntries(new URLSearchParams(asked?.body))).to.deep.equal({
          secret: 'secret',
          response: 'an answer',
          remoteip: ORIGIN.address,
          sitekey: 'site',
        });
        reply.body = '{"success":false,"error-codes":["invalid-input-response"]}';
        await refusal(show('another'), 'CAPTCHA_REQUIRED');
      });

      it(`${name} passes nobody with an answer of another site, or one that it took before`, async () => {
        await openWith(name);
        reply.body = '{"success":true,"hostname":"evil.example"}';
        await refusal(show('answer'), 'CAPTCHA_REQUIRED');
        reply.body = '{"success":true,"hostname":"id.example.com"}';
        await show('answer');
        // Each provider takes an answer once and says so; an answer of ours asks it each time.
        reply.body = '{"success":false,"error-codes":["timeout-or-duplicate"]}';
        await refusal(show('answer'), 'CAPTCHA_REQUIRED');
        expect(provider.received).to.have.length(3);
      });

      it(`${name} passes nobody while it is out of order`, async () => {
        await openWith(name);
        for (const broken of [
          { status: 500, body: '{"success":true}' },
          { status: 503, body: '' },
          { status: 302, body: '{"success":true}' },
          { status: 200, body: '<html>' },
          { status: 200, body: 'null' },
          { status: 200, body: `{"success":true,"x":"${'x'.repeat(20_000)}"}` },
        ]) {
          reply = broken;
          await refusal(show('answer'), 'UNAVAILABLE');
        }
        reply = { status: 200, body: '{"success":"yes"}' };
        await refusal(show('answer'), 'CAPTCHA_REQUIRED');
        provider.answer((_asked, response) => void response.destroy());
        await refusal(show('answer'), 'UNAVAILABLE');
      });
    }

    it('passes nobody whose score of reCAPTCHA v3 is too low', async () => {
      await openWith('recaptcha');
      reply.body = '{"success":true,"hostname":"id.example.com","score":0.3}';
      await refusal(show('answer'), 'CAPTCHA_REQUIRED');
      reply.body = '{"success":true,"hostname":"id.example.com","score":0.9}';
      await show('answer');
    });

    it('is not asked about what no provider makes', async () => {
      await openWith('turnstile');
      await refusal(show('x'.repeat(4097)), 'CAPTCHA_REQUIRED');
      expect(provider.received).to.have.length(0);
    });

    it('keeps nobody waiting for ever', async () => {
      await openWith('hcaptcha');
      provider.answer(() => undefined);
      const begun = performance.now();
      await refusal(isConfirmed(test.deps, 'hcaptcha', 'answer', request(), 0.05), 'UNAVAILABLE');
      expect(performance.now() - begun).to.be.below(4000);
    });
  });
});
