import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import { storeUser } from '../support/deps.js';

const PASSWORD = 'tundra-velvet-occasion';
const ROUNDS = 60;
/** Work of others on the machine disturbs a measurement and never evens one out: the best of some counts. */
const MEASUREMENTS = 4;
const LARGEST_DIFFERENCE = 0.1;

/** Of headers: what is of the moment and not of the account. */
const OF_THE_MOMENT = new Set(['date', 'x-request-id']);

interface Seen {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

const SIGN_IN = `mutation($input: SignInInput!) { signIn(input: $input) { result { __typename } userErrors { code message path } } }`;
const CONTINUE = `mutation($input: ContinueSignInInput!) { continueSignIn(input: $input) { result { __typename } userErrors { code message path } } }`;
const SIGN_UP = `mutation($input: SignUpInput!) { signUp(input: $input) { accepted userErrors { code message path } } }`;
const RESET = `mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted userErrors { code message path } } }`;
const BY_MAIL = `mutation($input: RequestEmailSignInInput!) { requestEmailSignIn(input: $input) { result { __typename ... on FactorRequired { transaction chosen wrongAnswer factors { id kind name hint } } } userErrors { code message path } } }`;
const MAILED_CODE = `mutation($input: ContinueSignInInput!) { continueSignIn(input: $input) { result { __typename ... on FactorRequired { transaction chosen wrongAnswer factors { id kind name hint } } } userErrors { code message path } } }`;

describe('whether an account exists', () => {
  let app: TestApp;
  /** Each account and each name of nobody is used up by one request, so that no lock or limit comes of it. */
  let used = 0;
  before(async function () {
    this.timeout(120_000);
    app = await startApp({
      captcha: { demand: 'never' },
      factors: { emailSignIn: ['code', 'link'] },
      lockout: { addressMaxFailures: 1_000_000 },
      // What an installation uses: the time that an account costs is measured against that of its password.
      passwords: { argon2: { memoryKiB: 19_456, timeCost: 2 } },
    });
    const passwordHash = await app.deps.passwords.hash(PASSWORD);
    for (let number = 0; number < ROUNDS * MEASUREMENTS * 5 + 20; number += 1) {
      await storeUser(app.deps, { email: `known${number}@example.com`, passwordHash });
    }
  });
  after(() => app.close());

  async function graphql(query: string, input: object): Promise<Seen> {
    const body = { query, variables: { input } };
    const { status, headers, text } = await app.rest('/graphql', { body });
    return {
      status,
      headers: comparable(headers),
      text: text.replace(/"(requestId|transaction)":"[^"]*"/g, ''),
    };
  }
  /** A sign-in that waits for its letter. */
  async function waiting(email: string): Promise<string> {
    const { data } = await app.graphql(BY_MAIL, { input: { email } });
    await app.settled();
    return data.requestEmailSignIn.result.transaction;
  }
  async function rest(path: string, body: object): Promise<Seen> {
    const { status, headers, text } = await app.rest(path, { body });
    return { status, headers: comparable(headers), text: text.replace(/"requestId":"[^"]*"/g, '') };
  }
  function comparable(headers: Headers): Record<string, string> {
    return Object.fromEntries([...headers].filter(([name]) => !OF_THE_MOMENT.has(name)));
  }

  const doors: Record<string, (identifier: string) => Promise<Seen>> = {
    'sign-in over GraphQL': (identifier) => graphql(SIGN_IN, { identifier, password: 'wrong' }),
    'sign-in over REST': (identifier) => rest('/auth/login', { identifier, password: 'wrong' }),
    'sign-up over GraphQL': (email) => graphql(SIGN_UP, { email, password: PASSWORD }),
    'sign-up over REST': (email) => rest('/auth/register', { email, password: PASSWORD }),
    'a password reset': (identifier) => graphql(RESET, { identifier }),
    'a sign-in by mail': (email) => graphql(BY_MAIL, { email }),
    'a wrong mailed code': async (email) =>
      graphql(MAILED_CODE, { transaction: await waiting(email), code: 'wrong' }),
  };

  for (const [door, ask] of Object.entries(doors)) {
    it(`shows in no answer, status or header of ${door}`, async () => {
      const known = await ask(`known${used}@example.com`);
      // As long as the other, for Content-Length.
      const nobody = await ask(`nobdy${used}@example.com`);
      used += 1;
      expect(nobody).to.deep.equal(known);
    });
  }

  it('shows in no factor step: a sign-in that waits elsewhere is like one that was never begun', async () => {
    const { models } = app.deps;
    const begun = await graphql(SIGN_IN, {
      identifier: `known${used}@example.com`,
      password: PASSWORD,
      acr: 'aal2',
    });
    expect(begun.status).to.equal(200);
    expect(await models.signInTransactions.countDocuments()).to.be.greaterThan(0);
    const answers = await Promise.all(
      ['x'.repeat(43), 'A'.repeat(43)].map((transaction) =>
        graphql(CONTINUE, { transaction, code: '000000' }),
      ),
    );
    expect(answers[1]).to.deep.equal(answers[0]);
    used += 1;
  });

  /** What is measured, after what comes before it and is not. */
  interface Timed {
    readonly before?: (email: string) => Promise<string>;
    readonly ask: (email: string, before: string) => Promise<Seen>;
  }
  const timed: Record<string, Timed> = {
    'sign-in': { ask: (identifier) => graphql(SIGN_IN, { identifier, password: 'wrong' }) },
    'sign-up': { ask: (email) => graphql(SIGN_UP, { email, password: PASSWORD }) },
    'a password reset': { ask: (identifier) => graphql(RESET, { identifier }) },
    'a sign-in by mail': { ask: (email) => graphql(BY_MAIL, { email }) },
    'a wrong mailed code': {
      before: waiting,
      ask: (_email, transaction) => graphql(MAILED_CODE, { transaction, code: 'wrong' }),
    },
  };
  for (const [door, { before: prepare, ask }] of Object.entries(timed)) {
    it(`shows in no processor time of ${door}: the medians differ by less than a tenth`, async function () {
      this.timeout(240_000);
      const differences: number[] = [];
      for (let measurement = 0; measurement < MEASUREMENTS; measurement += 1) {
        const costs: Record<'known' | 'nobdy', number[]> = { known: [], nobdy: [] };
        for (let round = 0; round < ROUNDS; round += 1) {
          const order = round % 2 === 0 ? (['known', 'nobdy'] as const) : (['nobdy', 'known'] as const);
          for (const who of order) {
            const email = `${who}${used}@example.com`;
            const prepared = (await prepare?.(email)) ?? '';
            const before = process.cpuUsage();
            await ask(email, prepared);
            const { user, system } = process.cpuUsage(before);
            costs[who].push(user + system);
            // What is done after the answer shows in no answer's time.
            await app.settled();
          }
          used += 1;
        }
        const [known, nobody] = [median(costs.known), median(costs.nobdy)];
        differences.push(Math.abs(known - nobody) / Math.max(known, nobody));
        if (Math.min(...differences) < LARGEST_DIFFERENCE) break;
      }
      expect(Math.min(...differences), differences.join(', ')).to.be.below(LARGEST_DIFFERENCE);
    });
  }
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
