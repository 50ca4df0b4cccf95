import { expect } from 'chai';
import {
  countRecoveryCodes,
  regenerateRecoveryCodes,
  takeRecoveryCode,
} from '../../../src/identity/factors/recoveryCodes.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';

describe('recovery codes', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const take = (code: string, userId = 'ada') => takeRecoveryCode(test.deps, userId, code);

  it('are ten, each for one use, and stored as digests only', async () => {
    const codes = await regenerateRecoveryCodes(test.deps, 'ada');
    expect(new Set(codes).size).to.equal(10);
    for (const code of codes) expect(code).to.match(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
    const stored = JSON.stringify(await test.deps.models.recoveryCodes.find().lean());
    for (const code of codes) expect(stored).to.not.include(code).and.not.include(code.replace('-', ''));
    const [first = ''] = codes;
    expect([await take(first), await take(first)]).to.deep.equal([true, false]);
    expect(await countRecoveryCodes(test.deps, 'ada')).to.equal(9);
  });

  it('are read as people write them', async () => {
    const [code = '', other = ''] = await regenerateRecoveryCodes(test.deps, 'ada');
    expect(await take(` ${code.toUpperCase().replace('-', ' ')} `)).to.equal(true);
    expect(await take(other.replaceAll('0', 'O').replaceAll('1', 'l'))).to.equal(true);
  });

  it('belong to one account, and a new set ends the one before', async () => {
    const [old = ''] = await regenerateRecoveryCodes(test.deps, 'ada');
    expect(await take(old, 'bob')).to.equal(false);
    const [fresh = ''] = await regenerateRecoveryCodes(test.deps, 'ada');
    expect([await take(old), await take(fresh)]).to.deep.equal([false, true]);
  });

  it('let one of 50 callers with one code in', async () => {
    const [code = ''] = await regenerateRecoveryCodes(test.deps, 'ada');
    const answers = await Promise.all(Array.from({ length: 50 }, () => take(code)));
    expect(answers.filter(Boolean)).to.have.length(1);
  });

  it('refuse whatever is none', async () => {
    await regenerateRecoveryCodes(test.deps, 'ada');
    for (const code of ['', 'aaaaa-aaaaa', 'x'.repeat(100_000), { $ne: null } as never]) {
      expect(await take(code)).to.equal(false);
    }
  });
});
