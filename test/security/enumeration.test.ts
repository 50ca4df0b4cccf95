import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { createProof } from '../../src/identity/accounts/oneTimeProof.js';
import { openTransaction } from '../../src/identity/signIn/transactions.js';
import { createVisitor, type Visitor } from '../pages/visitor.js';
import { startApp, type TestApp } from '../support/app.js';
import { ORIGIN, storeUser } from '../support/deps.js';
import type { Answer } from '../support/http.js';

const PASSWORD = 'tundra-velvet-occasion';
const ROUNDS = [15, 25, 50, 100, 200];
const LARGEST_DIFFERENCE = 0.1;

/** Of headers: what is of the moment and not of the account. */
const OF_THE_MOMENT = new Set(['date', 'x-request-id', 'set-cookie']);

/**
 * Whose name is asked about; all of one length, for Content-Length. `pendg`: signed up, and not confirmed yet.
 * `factr`: has a second factor. `reset`: has asked for a new password.
 */
type Who = 'known' | 'nobdy' | 'pendg' | 'factr' | 'reset';

interface Door {
  readonly ask: (email: string) => Promise<Seen>;
  /** Must not be told apart here. */
  readonly alike: readonly Who[];
  /** Whose time is measured; one door of a kind is enough. */
  readonly timed?: readonly Who[];
  /** Whether all of its work is done before the answer. */
  readonly works?: boolean;
}

interface Seen {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

const mutation = (name: string, fields: string) => {
  const input = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return `mutation($input: ${input}!) { ${name}(input: $input) { ${fields} userErrors { code message path } } }`;
};
const STEP =
  'result { __typename ... on FactorRequired { transaction chosen wrongAnswer factors { id kind name hint } } }';
const SIGN_IN = mutation('signIn', STEP);
const CONTINUE = mutation('continueSignIn', STEP);
const SIGN_UP = mutation('signUp', 'accepted');
const RESET = mutation('requestPasswordReset', 'accepted');
const RESET_BY_CODE = mutation('resetPassword', 'changed');
const RESEND = mutation('resendConfirmation', 'accepted');
const CONFIRM = mutation('confirmEmail', 'confirmed');
const BY_MAIL = mutation('requestEmailSignIn', STEP);

describe('whether an account exists', () => {
  let app: TestApp;
  /** Each name is used up by one request, so that no lock or limit comes of it. */
  let used = 0;
  let passwordHash: string;
  let visitor: Visitor;
  before(async () => {
    app = await startApp({
      captcha: { demand: 'never' },
      lockout: { addressMaxFailures: 1_000_000 },
      factors: { emailSignIn: ['code'] },
      // What an installation uses: the time that an account costs is measured against that of its password.
      passwords: { argon2: { memoryKiB: 19_456, timeCost: 2 } },
    });
    passwordHash = await app.deps.passwords.hash(PASSWORD);
    visitor = createVisitor(app);
  });
  after(() => app.close());

  /** The next name of each kind. */
  async function names<Name extends Who>(kinds: readonly Name[]): Promise<Record<Name, string>> {
    const number = used++;
    const made = kinds.map(async (who) => {
      const email = `${who}${number}@example.com`;
      if (who !== 'nobdy') await make(who, email);
      return [who, email] as const;
    });
    return Object.fromEntries(await Promise.all(made)) as Record<Name, string>;
  }
  async function make(who: Who, email: string): Promise<void> {
    const { deps } = app;
    const user = await storeUser(deps, { email, passwordHash, emailVerified: who !== 'pendg' });
    const { _id: userId } = user;
    // As a sign-up does, with which the account gets its key of the audit trail.
    const made = { action: 'user.signUp', outcome: 'success', actor: { kind: 'anonymous' } } as const;
    await deps.audit.record({ ...made, origin: ORIGIN, objectType: 'User', objectId: userId });
    if (who === 'factr') {
      const id = `factor of ${userId}`;
      await deps.models.factors.create({
        _id: id,
        userId,
        kind: 'totp',
        name: 'App',
        confirmedAt: new Date(),
      });
    }
    if (who !== 'pendg' && who !== 'reset') return;
    const kind = who === 'reset' ? 'resetPassword' : 'confirmEmail';
    await createProof(deps, { kind, userId, target: email, ttlSeconds: 900, codeDigits: 8 });
  }

  const seen = ({ status, headers, text }: Answer<unknown>): Seen => ({
    status,
    headers: Object.fromEntries([...headers].filter(([name]) => !OF_THE_MOMENT.has(name))),
    // What is random; and what was typed, where a page shows it again.
    text: text
      .replace(/"requestId":"[^"]*"/g, '')
      .replace(/"transaction":"[^"]*"/g, '')
      .replace(/<input type="hidden" name="(csrf|transaction)" value="[^"]*">/g, '')
      .replace(/challenge&quot;:&quot;[\w-]*/g, '')
      .replace(/\w{5}\d+@example\.com/g, ''),
  });
  const graphql = (query: string, input: object) =>
    app.rest('/graphql', { body: { query, variables: { input } } });
  const page = async (path: string, fields: Record<string, string>) =>
    seen(await visitor.send(await visitor.open(path), fields));
  async function wrongMailedCode(email: string): Promise<Seen> {
    const asked = await graphql(BY_MAIL, { email });
    const { transaction } = asked.body.data.requestEmailSignIn.result;
    return seen(await graphql(CONTINUE, { transaction, code: '00000000' }));
  }

  const ofPassword: readonly Who[] = ['nobdy', 'known', 'factr'];
  const ofAddress: readonly Who[] = ['nobdy', 'known', 'pendg'];
  const doors: Record<string, Door> = {
    'a sign-in over GraphQL': {
      ask: async (identifier) => seen(await graphql(SIGN_IN, { identifier, password: 'wrong' })),
      alike: ofPassword,
      timed: ['nobdy', 'known'],
      works: true,
    },
    'a sign-in over REST': {
      ask: async (identifier) =>
        seen(await app.rest('/auth/login', { body: { identifier, password: 'wrong' } })),
      alike: ofPassword,
      works: true,
    },
    'a sign-in on the page': {
      ask: (identifier) => page('/sign-in', { identifier, password: 'wrong' }),
      alike: ofPassword,
    },
    'a sign-up over GraphQL': {
      ask: async (email) => seen(await graphql(SIGN_UP, { email, password: PASSWORD })),
      alike: ['nobdy', 'known'],
      timed: ['nobdy', 'known'],
      works: true,
    },
    'a sign-up over REST': {
      ask: async (email) => seen(await app.rest('/auth/register', { body: { email, password: PASSWORD } })),
      alike: ofAddress,
    },
    'a sign-up on the page': {
      ask: (email) => page('/register', { email, password: PASSWORD, name: '' }),
      alike: ofAddress,
    },
    'a password reset over GraphQL': {
      ask: async (identifier) => seen(await graphql(RESET, { identifier })),
      alike: ofAddress,
      timed: ['nobdy', 'known'],
    },
    'a password reset on the page': {
      ask: (identifier) => page('/forgot-password', { identifier }),
      alike: ofAddress,
    },
    'a confirmation asked for again': {
      ask: async (email) => seen(await graphql(RESEND, { email })),
      alike: ofAddress,
      timed: ['nobdy', 'pendg'],
    },
    'a wrong code for an address': {
      ask: async (email) => seen(await graphql(CONFIRM, { email, code: '000000' })),
      alike: ofAddress,
      timed: ['nobdy', 'pendg'],
      works: true,
    },
    'a wrong code of a reset': {
      ask: async (contact) =>
        seen(await graphql(RESET_BY_CODE, { contact, code: '00000000', newPassword: PASSWORD })),
      alike: ['nobdy', 'known', 'reset'],
      timed: ['nobdy', 'reset'],
      works: true,
    },
    'a wrong code of a reset on the page': {
      ask: (contact) =>
        page('/reset-password/code', {
          contact,
          code: '00000000',
          newPassword: PASSWORD,
          repeated: PASSWORD,
        }),
      alike: ['nobdy', 'known', 'reset'],
    },
    'a sign-in by mail': {
      ask: async (email) => seen(await graphql(BY_MAIL, { email })),
      alike: [...ofAddress, 'factr'],
      timed: ['nobdy', 'known'],
    },
    'a sign-in by mail on the page': {
      ask: (email) => page('/sign-in/email', { email }),
      alike: ofAddress,
    },
    'a wrong code of a sign-in by mail': {
      ask: wrongMailedCode,
      alike: [...ofAddress, 'factr'],
    },
  };

  for (const [door, { ask, alike }] of Object.entries(doors)) {
    it(`shows in no answer, status or header of ${door}`, async () => {
      const emails = await names(alike);
      const answers = new Map<string, Seen>();
      for (const who of alike) answers.set(who, await ask(emails[who]));
      const nobody = answers.get('nobdy');
      expect(nobody?.status).to.be.below(500);
      for (const [who, answer] of answers) expect(answer, who).to.deep.equal(nobody);
    });
  }

  for (const [door, { ask, alike, works }] of Object.entries(doors)) {
    if (!works) continue;
    it(`asks the same of the database: ${door}`, async () => {
      const emails = await names(alike);
      const work = new Map<string, string[]>();
      for (const who of alike) work.set(who, await operationsOf(() => ask(emails[who])));
      const nobody = work.get('nobdy') ?? [];
      expect(nobody).to.not.equal([]);
      for (const [who, operations] of work) expect(operations, who).to.deep.equal(nobody);
    });
  }

  /** Keys, denylist, policy and logouts are kept in step at their own pace. */
  const OF_ACCOUNTS =
    /^(users|failedAttempts|confirmations|factors|sessions|signInTransactions|knownDevices|recoveryCodes|trustedDevices)\./;
  async function operationsOf(ask: () => Promise<unknown>): Promise<string[]> {
    const operations: string[] = [];
    const { db } = app.deps.models.users;
    db.set('debug', (collection: string, method: string) => operations.push(`${collection}.${method}`));
    try {
      await ask();
    } finally {
      db.set('debug', false);
    }
    await app.settled();
    return operations.filter((one) => OF_ACCOUNTS.test(one));
  }

  /** A sign-in of somebody that waits for its factor, in another browser than ours. */
  async function waitingElsewhere(): Promise<string> {
    const state = { userId: 'somebody', amr: ['pwd'], startedAt: app.clock(), requiredAcr: 'aal2' };
    return openTransaction(app.deps, state, 'another browser');
  }
  const step = (more: object) => async (transaction: string) =>
    seen(await graphql(CONTINUE, { transaction, ...more }));
  const factorSteps = {
    'a factor that is chosen': step({ factorId: 'any' }),
    'a code': step({ code: '000000' }),
    'a recovery code': step({ recoveryCode: 'aaaaa-aaaaa' }),
  };
  for (const [name, ask] of Object.entries(factorSteps)) {
    it(`shows in no answer to ${name}: a sign-in that waits elsewhere is like one that was never begun`, async () => {
      const waits = await waitingElsewhere();
      const answers = new Map<string, Seen>();
      const work = new Map<string, string[]>();
      for (const [who, transaction] of [
        ['waits', waits],
        ['none', 'A'.repeat(43)],
      ] as const) {
        work.set(
          who,
          await operationsOf(async () => {
            answers.set(who, await ask(transaction));
          }),
        );
      }
      expect(answers.get('waits')).to.deep.equal(answers.get('none'));
      expect(work.get('waits')).to.deep.equal(work.get('none'));
    });
  }

  /** Of the last request, from its arrival until its answer is handed over: microseconds of processor time. */
  let cost = Number.NaN;
  function watch(message: unknown): void {
    const { response } = message as { response: ServerResponse };
    const before = process.cpuUsage();
    const end = response.end.bind(response);
    response.end = ((...rest: unknown[]) => {
      const { user, system } = process.cpuUsage(before);
      cost = user + system;
      return Reflect.apply(end, response, rest) as ServerResponse;
    }) as typeof response.end;
  }
  before(() => subscribe('http.server.request.start', watch));
  after(() => unsubscribe('http.server.request.start', watch));

  /**
   * Medians of processor time, over more and more rounds until they are alike: work of others on the machine disturbs
   * few rounds and never evens many out.
   */
  async function expectAlike<Name extends string>(
    kinds: readonly Name[],
    prepare: (rounds: number) => Promise<(who: Name, round: number) => Promise<unknown>>,
  ): Promise<void> {
    const costs = new Map<Name, number[]>(kinds.map((who) => [who, []]));
    const differences: number[] = [];
    for (const rounds of ROUNDS) {
      const ask = await prepare(rounds);
      await app.settled();
      for (let round = 0; round < rounds; round += 1) {
        // Who comes first changes each time.
        for (const who of kinds.map((_, index) => kinds[(index + round) % kinds.length] as Name)) {
          await ask(who, round);
          costs.get(who)?.push(cost);
          // What is done after the answer shows in no answer's time.
          await app.settled();
        }
      }
      const medians = [...costs.values()].map(median);
      differences.push(1 - Math.min(...medians) / Math.max(...medians));
      if ((differences.at(-1) ?? 1) < LARGEST_DIFFERENCE) return;
    }
    expect.fail(`the medians differ by ${differences.join(', ')}`);
  }

  for (const [door, { ask, timed }] of Object.entries(doors)) {
    if (!timed) continue;
    it(`shows in no processor time of ${door}: the medians differ by less than a tenth`, async function () {
      this.timeout(240_000);
      await expectAlike(timed, async (rounds) => {
        const emails = await Promise.all(Array.from({ length: rounds }, () => names(timed)));
        return (who, round) => ask(emails[round]?.[who] ?? '');
      });
    });
  }

  it('shows in no processor time of a factor step: the medians differ by less than a tenth', async function () {
    this.timeout(240_000);
    await expectAlike(['waits', 'none'], async (rounds) => {
      const waiting = await Promise.all(Array.from({ length: rounds }, waitingElsewhere));
      return (who, round) =>
        factorSteps['a code'](who === 'waits' ? (waiting[round] ?? '') : String(round).padStart(43, 'A'));
    });
  });

  it('shows in no processor time of a wrong code of a sign-in by mail', async function () {
    this.timeout(240_000);
    const alike = ['nobdy', 'known'] as const;
    await expectAlike(alike, async (rounds) => {
      const begun: Record<Who, string>[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const emails = await names(alike);
        const asked = alike.map(async (who) => {
          const { body } = await graphql(BY_MAIL, { email: emails[who] });
          return [who, body.data.requestEmailSignIn.result.transaction] as const;
        });
        begun.push(Object.fromEntries(await Promise.all(asked)) as Record<Who, string>);
      }
      return (who, round) => graphql(CONTINUE, { transaction: begun[round]?.[who], code: '00000000' });
    });
  });
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
