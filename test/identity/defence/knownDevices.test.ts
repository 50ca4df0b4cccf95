import { expect } from 'chai';
import { recogniseDevice, rememberDevice } from '../../../src/identity/defence/knownDevices.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';

describe('a device that several people sign in on', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const enter = async (userId: string, deviceToken?: string) =>
    (await rememberDevice(test.deps, userId, { ...ORIGIN, deviceToken })).token;
  const isKnown = async (userId: string, deviceToken: string) =>
    (await recogniseDevice(test.deps, userId, deviceToken)) !== null;

  it('is known to each of them, and to none by what another could have copied before', async () => {
    const copied = await enter('mallory');
    const cookie = await enter('ada', copied);
    expect(await isKnown('ada', copied)).to.equal(false);
    expect([await isKnown('ada', cookie), await isKnown('mallory', cookie)]).to.deep.equal([true, true]);
    expect(await enter('ada', cookie)).to.equal(cookie);
  });

  it('is known by no value that somebody else put there', async () => {
    const planted = 'x'.repeat(43);
    const cookie = await enter('ada', planted);
    expect(await isKnown('ada', planted)).to.equal(false);
    expect(await isKnown('ada', cookie)).to.equal(true);
  });

  it('is known to the last five', async () => {
    let cookie: string | undefined;
    const people = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const person of people) cookie = await enter(person, cookie);
    const known = await Promise.all(people.map((person) => isKnown(person, cookie ?? '')));
    expect(known).to.deep.equal([false, true, true, true, true, true]);
    expect(await isKnown('b', `${cookie}.${cookie}`), 'more values than a cookie of ours has').to.equal(
      false,
    );
  });
});
