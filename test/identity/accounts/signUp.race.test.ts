import { expect } from 'chai';
import { signUp } from '../../../src/identity/accounts/signUp.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { PASSWORD, tally, UNLIMITED } from './support.js';

describe('sign-up in a race', () => {
  let test: TestDeps;
  before(async () => {
    test = await createTestDeps({ config: UNLIMITED });
  });
  after(() => test.close());

  it('makes one account of twenty sign-ups with one address, and answers all of them alike', async () => {
    const spellings = ['race@example.com', 'RACE@example.com', 'Race@EXAMPLE.com'];
    const counts = await tally(
      Array.from({ length: 20 }, (_, index) =>
        signUp(test.deps, { email: spellings[index % 3], password: PASSWORD }, ORIGIN),
      ),
    );
    expect(counts).to.deep.equal({ ok: 20 });
    expect(await test.deps.models.users.countDocuments({ emailNormalized: 'race@example.com' })).to.equal(1);
    await test.settled();
    const subjects = test.mails.map((mail) => mail.subject);
    expect(subjects.filter((subject) => subject.startsWith('Confirm'))).to.have.length(1);
    expect(subjects.filter((subject) => subject.startsWith('You already'))).to.have.length(19);
  });

  it('gives a username to one of ten, and tells the others', async () => {
    const counts = await tally(
      Array.from({ length: 10 }, (_, index) =>
        signUp(
          test.deps,
          { email: `u${index}@example.com`, username: 'Contested', password: PASSWORD },
          ORIGIN,
        ),
      ),
    );
    expect(counts).to.deep.equal({ ok: 1, CONFLICT: 9 });
  });
});
