import { expect } from 'chai';
import { configSchema } from '../../../src/config/schema.js';
import { AppError } from '../../../src/errors.js';
import { assertAcceptablePassword, passwordFaults } from '../../../src/identity/passwords/policy.js';
import { processorTimeOf } from '../../support/processorTime.js';

const config = (passwords: object = {}) => configSchema.parse({ passwords });

describe('the password policy', () => {
  it('lets an uncommon passphrase through', () => {
    expect(passwordFaults(config(), 'tundra-velvet-occasion', [])).to.deep.equal([]);
  });

  it('counts characters, not bytes or UTF-16 units', () => {
    const rules = config({ minScore: 0, refuseBreached: false });
    expect(passwordFaults(rules, '😀😀😀😀', [])[0]).to.match(/at least 8 characters/);
    expect(passwordFaults(rules, 'жжжжжжжж', [])).to.deep.equal([]);
    expect(passwordFaults(config({ minLength: 12, minScore: 0 }), 'elevenchars', [])[0]).to.match(
      /at least 12/,
    );
  });

  it('refuses breached passwords whatever their case, unless switched off', () => {
    const rules = config({ minScore: 0 });
    expect(passwordFaults(rules, 'PassWord123', []).join()).to.match(/breached/);
    expect(passwordFaults(config({ minScore: 0, refuseBreached: false }), 'PassWord123', [])).to.deep.equal(
      [],
    );
  });

  it('knows that a guesser tries what the user told about themselves', () => {
    const password = 'zoltanberkovics';
    expect(passwordFaults(config({ minScore: 3 }), password, [])).to.deep.equal([]);
    const faults = passwordFaults(config({ minScore: 3 }), password, ['Zoltan.Berkovics@example.org']);
    expect(faults.join()).to.match(/too easy to guess/);
  });

  it('demands composition only when asked to', () => {
    const lower = 'tundra velvet occasion';
    expect(passwordFaults(config(), lower, [])).to.deep.equal([]);
    expect(passwordFaults(config({ requireComposition: true }), 'tundravelvetoccasion', [])).to.have.length(
      3,
    );
    expect(
      passwordFaults(config({ requireComposition: true }), 'Tundra-velvet-9-occasion', []),
    ).to.deep.equal([]);
  });

  it('names every fault in one error, with the path, and never the password', () => {
    const attempt = () =>
      assertAcceptablePassword(config({ requireComposition: true }), 'qwerty', [], ['newPassword']);
    expect(attempt)
      .to.throw(AppError)
      .that.satisfies((error: AppError) => {
        expect(error.code).to.equal('PASSWORD_TOO_WEAK');
        expect(error.path).to.deep.equal(['newPassword']);
        for (const part of [/8 characters/, /upper-case/, /digit/, /special/, /breached/, /easy to guess/]) {
          expect(error.publicMessage).to.match(part);
        }
        expect(`${error.message} ${error.publicMessage}`).not.to.include('qwerty');
        return true;
      });
  });

  it('judges the longest password in reasonable time', async () => {
    const { milliseconds } = await processorTimeOf(() =>
      passwordFaults(config(), 'aA1!'.repeat(256), ['x'.repeat(100_000)]),
    );
    expect(milliseconds).to.be.below(1000);
  });
});
