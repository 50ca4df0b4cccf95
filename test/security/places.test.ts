import { expect } from 'chai';
import { mutate } from '../resolvers/mutate.js';
import { type Person, startApp, type TestApp } from '../support/app.js';

/** A test database of MaxMind's, under the MIT licence beside it. */
const CITIES = 'test/identity/risk/maxmind/GeoLite2-City-Test.mmdb';
const LONDON = '81.2.69.142';
const LINKOPING = '89.160.20.112';
const JAPAN = '2001:218::1';

describe('places of a real database, through the doors', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startApp({
      risk: { placesFile: CITIES, weights: { newDevice: 0 } },
      listen: { trustedProxies: ['127.0.0.1', '::1'] },
    });
  });
  beforeEach(async () => {
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  const signInFrom = async (address: string) => {
    const input = { identifier: person.email, password: person.password };
    const from = { headers: { 'x-forwarded-for': address } };
    const selection = 'result { __typename ... on SignedIn { tokens { accessToken } } }';
    return (await mutate(app, 'signIn', input, from, selection)).payload.result;
  };

  it('stand at the sessions of their owner, as city and country alone', async () => {
    const { tokens } = await signInFrom(LONDON);
    const { data, text } = await app.graphql(
      '{ viewer { sessions(first: 1) { nodes { address place { city country } } } } }',
      {},
      { token: tokens.accessToken },
    );
    expect(data.viewer.sessions.nodes).to.deep.equal([
      { address: LONDON, place: { city: 'London', country: 'United Kingdom' } },
    ]);
    expect(text).to.not.include('51.5');
  });

  it('ask for more where nobody travels that fast, and not where somebody may have', async () => {
    expect(await signInFrom(LONDON)).to.include({ __typename: 'SignedIn' });
    expect(await signInFrom(JAPAN)).to.deep.equal({ __typename: 'FactorRequired' });
    app.clock.advance(2 * 3600);
    expect(await signInFrom(LINKOPING)).to.include({ __typename: 'SignedIn' });
    const events = await app.deps.models.auditEvents.countDocuments({
      action: 'user.assessRisk',
      objectId: person.id,
    });
    expect(events).to.equal(1);
  });

  it('stop nobody who comes from where no place is known', async () => {
    expect(await signInFrom(LONDON)).to.include({ __typename: 'SignedIn' });
    expect(await signInFrom('203.0.113.9')).to.include({ __typename: 'SignedIn' });
  });

  it('are told to the owner with a new device', async () => {
    await signInFrom(LONDON);
    app.clock.advance(86_400);
    await signInFrom(LINKOPING);
    expect((await app.lastLetterTo(person.email)).text).to.include('(about Linköping, Sweden)');
  });
});
