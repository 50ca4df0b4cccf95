import { expect } from 'chai';
import { HOTP, Secret, URI } from 'otpauth';
import { beginTotpEnrolment, confirmTotpEnrolment, verifyTotp } from '../../../src/identity/factors/totp.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';

describe('an authenticator app', () => {
  let test: TestDeps;
  let user: User;
  beforeEach(async () => {
    test = await createTestDeps();
    user = await storeUser(test.deps, { email: 'ada@example.com' });
  });
  afterEach(() => test.close());

  const setClock = (seconds: number) => test.clock.advance(seconds - test.clock().getTime() / 1000);
  const codeAt = (seed: string, seconds: number) =>
    HOTP.generate({ secret: Secret.fromBase32(seed), counter: Math.floor(seconds / 30), digits: 6 });
  const now = () => test.clock().getTime() / 1000;

  async function enrolled() {
    const { factor, seed } = await beginTotpEnrolment(test.deps, user, 'Phone');
    await confirmTotpEnrolment(test.deps, user._id, factor._id, codeAt(seed, now()));
    test.clock.advance(60);
    return { id: factor._id, seed };
  }

  it('gets a seed of 160 bits, an otpauth URI and a QR code, and proves nothing before its first code', async () => {
    const { factor, seed, otpauthUri, qrCodeSvg } = await beginTotpEnrolment(test.deps, user, 'Phone');
    expect(Secret.fromBase32(seed).bytes).to.have.length(20);
    const parsed = URI.parse(otpauthUri);
    expect(parsed).to.include({
      issuer: new URL(test.deps.config.issuer).hostname,
      label: 'ada@example.com',
    });
    expect(parsed.secret.base32).to.equal(seed);
    expect(qrCodeSvg).to.match(/^<svg/);
    expect(factor).to.not.have.property('secret');
    expect(await verifyTotp(test.deps, user._id, factor._id, codeAt(seed, now()))).to.equal(false);
    const stored = await test.deps.models.factors.findById(factor._id).select('+secret').lean();
    expect(JSON.stringify(stored)).to.not.include(seed);
  });

  it('is confirmed by a code of its own only, within a quarter of an hour', async () => {
    const { factor, seed } = await beginTotpEnrolment(test.deps, user, 'Phone');
    const confirm = (userId: string, code: string) =>
      confirmTotpEnrolment(test.deps, userId, factor._id, code);
    await refusal(confirm(user._id, codeAt(seed, now() + 600)), 'CODE_INVALID');
    await refusal(confirm('somebody else', codeAt(seed, now())), 'CODE_INVALID');
    test.clock.advance(901);
    await refusal(confirm(user._id, codeAt(seed, now())), 'CODE_INVALID');
  });

  it('computes the codes of RFC 6238, appendix B', async () => {
    const seed = Secret.fromLatin1('12345678901234567890').base32;
    const { id } = await enrolled();
    const secret = test.deps.secrets.encrypt(seed, `factor:${id}`);
    // The last six of the eight digits of the SHA-1 column.
    for (const [seconds, code] of [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_111_111_111, '050471'],
      [1_234_567_890, '005924'],
      [2_000_000_000, '279037'],
      [20_000_000_000, '353130'],
    ] as const) {
      await test.deps.models.factors.updateOne({ _id: id }, { $set: { secret, lastStep: 0 } });
      setClock(seconds);
      const other = code === '287082' ? '287083' : '287082';
      expect(await verifyTotp(test.deps, user._id, id, other), `${seconds}`).to.equal(false);
      expect(await verifyTotp(test.deps, user._id, id, code), `${seconds}`).to.equal(true);
    }
  });

  it('takes the code of the step before and after, and none further away', async () => {
    for (const [steps, taken] of [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      const { id, seed } = await enrolled();
      expect(
        await verifyTotp(test.deps, user._id, id, codeAt(seed, now() + steps * 30)),
        `${steps} steps`,
      ).to.equal(taken);
    }
  });

  it('never takes a step twice, nor one before the last', async () => {
    const { id, seed } = await enrolled();
    const [before, present] = [codeAt(seed, now() - 30), codeAt(seed, now())];
    expect(await verifyTotp(test.deps, user._id, id, present)).to.equal(true);
    expect(await verifyTotp(test.deps, user._id, id, present)).to.equal(false);
    expect(await verifyTotp(test.deps, user._id, id, before)).to.equal(false);
  });

  it('lets one of 50 callers with one code in', async () => {
    const { id, seed } = await enrolled();
    const code = codeAt(seed, now());
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => verifyTotp(test.deps, user._id, id, code)),
    );
    expect(answers.filter(Boolean)).to.have.length(1);
  });

  it('refuses whatever is no code of six digits, and the factor of somebody else', async () => {
    const { id, seed } = await enrolled();
    for (const code of ['', '12345', '1234567', 'abcdef', { $ne: null } as never, '１２３４５６']) {
      expect(await verifyTotp(test.deps, user._id, id, code)).to.equal(false);
    }
    expect(await verifyTotp(test.deps, 'somebody else', id, codeAt(seed, now()))).to.equal(false);
  });

  it('is one of twenty at most', async () => {
    for (let count = 0; count < 20; count += 1) await beginTotpEnrolment(test.deps, user, `App ${count}`);
    await refusal(beginTotpEnrolment(test.deps, user, 'One more'), 'LIMIT_EXCEEDED');
  });
});
