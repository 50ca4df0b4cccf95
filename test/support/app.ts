import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '../../src/app.js';
import type { Config } from '../../src/config/schema.js';
import type { Deps } from '../../src/identity/deps.js';
import type { Outbox } from '../../src/identity/messages/outbox.js';
import { createLogger } from '../../src/observability/logger.js';
import { createInProcessStore } from '../../src/stores/inProcess.js';
import { createMovableClock, type MovableClock } from './clock.js';
import { type ConfigInput, testConfig } from './deps.js';
import { freePort } from './freePort.js';
import { createHttp, type Http } from './http.js';
import { type Letter, letterTo } from './letter.js';
import { silentLogger } from './logger.js';
import { connectMovedRedis } from './movedRedis.js';
import { freshDatabase } from './stores.js';

export interface StartOptions {
  /** Replicas of one installation share its stores, folder and clock. */
  replicaOf?: TestApp;
  /** Its clock goes on by itself: for what waits for its time to come. */
  runningClock?: boolean;
  /** Keeps every log line from debug up in `TestApp.logLines`. */
  keepLog?: boolean;
  /** Stores of the caller's own, to be stopped under the app; what is absent is as ever. */
  stores?: { mongodbUri?: string; redisUrl?: string };
}

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A whole Fieldgate that listens on a port of its own. */
export interface TestApp extends Http {
  readonly url: string;
  readonly database: { readonly name: string; readonly mongoUri: string };
  readonly app: App;
  readonly deps: Deps;
  readonly config: Config;
  readonly clock: MovableClock;
  readonly outbox: Outbox;
  readonly admin: { readonly email: string; readonly username: string; readonly password: string };
  /** Lines of JSON, oldest first; empty without `keepLog`. */
  readonly logLines: readonly string[];
  /** The newest letter to an address or number, after everything that waits has been sent. */
  lastLetterTo(address: string): Promise<Letter>;
  /** Resolves when nothing waits to be sent. */
  settled(): Promise<void>;
  signUp(fields?: Record<string, unknown>): Promise<{ email: string; password: string }>;
  signUpAndConfirm(fields?: Record<string, unknown>): Promise<Person>;
  /** @throws when it is refused */
  signIn(who: { email: string; password: string }, scope?: string): Promise<Tokens>;
  /** Signs up, confirms, gets the roles beside `user`, signs in. */
  signInAs(...roles: string[]): Promise<Person & Tokens>;
  adminToken(): Promise<string>;
  close(): Promise<void>;
}

export const GOOD_PASSWORD = 'violet Anchor 42 drifts north';

/**
 * Starts a Fieldgate on a fresh database (MONGODB_URI and REDIS_URL where set, else the embedded stores), with a clock
 * that the test moves, no rate limits, quick hashes and ES256; `overrides` wins over all of that.
 */
export async function startApp(overrides: ConfigInput = {}, options: StartOptions = {}): Promise<TestApp> {
  const { replicaOf, runningClock, stores = {} } = options;
  const folder = replicaOf?.config.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'fieldgate-test-')));
  const port = overrides.listen?.port ?? (await freePort());
  const { name, mongoUri } = replicaOf?.database ?? (await freshDatabase());
  const database = { name, mongoUri: stores.mongodbUri ?? mongoUri };
  const clock = replicaOf?.clock ?? createMovableClock({ runs: runningClock });
  const admin = { email: 'root@example.com', username: 'root', password: GOOD_PASSWORD };
  const url = `http://127.0.0.1:${port}`;
  const config = testConfig({
    issuer: replicaOf?.config.issuer ?? url,
    dataDirectory: folder,
    admin,
    logging: { level: options.keepLog ? 'debug' : 'silent' },
    ...overrides,
    listen: { port, ...overrides.listen },
    stores: { mongodbUri: database.mongoUri },
    rateLimits: { enabled: false, ...overrides.rateLimits },
  });
  const logLines: string[] = [];
  const logger = options.keepLog
    ? createLogger(config, { sink: { write: (line) => logLines.push(line) } })
    : silentLogger;
  const redisUrl = stores.redisUrl ?? process.env['REDIS_URL'];
  const ephemeral = redisUrl
    ? await connectMovedRedis(redisUrl, clock, `${name}:`)
    : createInProcessStore(clock);

  const app = await createApp({ config, clock, logger, ephemeral });
  await app.listen();
  const http = createHttp(url);
  const base = {
    ...http,
    url,
    database,
    app,
    deps: app.deps,
    config,
    clock,
    outbox: app.outbox,
    admin,
    logLines,
  };

  return {
    ...base,
    ...people(base),
    async close() {
      if (!replicaOf && !stores.mongodbUri) await app.deps.models.users.db.dropDatabase();
      await app.close();
      await ephemeral.close();
      if (!replicaOf) await rm(folder, { recursive: true, force: true });
    },
  };
}

type People = Pick<
  TestApp,
  'settled' | 'lastLetterTo' | 'signUp' | 'signUpAndConfirm' | 'signIn' | 'signInAs' | 'adminToken'
>;

function people(base: Http & Pick<TestApp, 'deps' | 'outbox' | 'admin' | 'clock'>): People {
  let adminSignedIn: { token: string; until: number } | undefined;
  const self: People = {
    settled: () => base.deps.messages.idle(),
    async lastLetterTo(address) {
      await self.settled();
      return letterTo(base.outbox, address);
    },
    async signUp(fields = {}) {
      const email = `p${randomBytes(6).toString('hex')}@example.com`;
      const body = { email, password: GOOD_PASSWORD, ...fields };
      const answer = await base.rest('/auth/register', { body });
      if (answer.status !== 202) throw new Error(`sign-up refused: ${answer.text}`);
      return { email: body.email, password: body.password };
    },
    async signUpAndConfirm(fields = {}) {
      const { email, password } = await self.signUp(fields);
      const { token } = await self.lastLetterTo(email);
      const answer = await base.rest('/auth/confirm-email', { body: { token } });
      if (answer.status !== 200) throw new Error(`confirmation refused: ${answer.text}`);
      const user = await base.deps.models.users.findOne({ emailNormalized: email.toLowerCase() }).lean();
      if (!user) throw new Error('no such user');
      return { id: user._id, email, password };
    },
    async signIn({ email, password }, scope) {
      const body = { identifier: email, password, ...(scope !== undefined && { scope }) };
      const answer = await base.rest<Tokens>('/auth/login', { body });
      if (answer.status !== 200) throw new Error(`sign-in refused: ${answer.text}`);
      return { accessToken: answer.body.accessToken, refreshToken: answer.body.refreshToken };
    },
    async signInAs(...roles) {
      const person = await self.signUpAndConfirm();
      if (roles.length > 0) {
        // The use case is tested where it belongs; here the roles are a given.
        await base.deps.models.users.updateOne(
          { _id: person.id },
          { $set: { roleAssignments: ['user', ...roles].map((role) => ({ role })) } },
        );
      }
      return { ...person, ...(await self.signIn(person)) };
    },
    async adminToken() {
      const now = base.clock().getTime();
      if (!adminSignedIn || adminSignedIn.until < now) {
        const { accessToken } = await self.signIn(base.admin);
        adminSignedIn = { token: accessToken, until: now + 600_000 };
      }
      return adminSignedIn.token;
    },
  };
  return self;
}
