/**
 * One side of the GraphQL benchmark in a process of its own: an engine, Fieldgate or the bare server. Tells its
 * address and then, whenever it is asked, the processor time that it has used so far, in microseconds.
 */
import 'reflect-metadata';
import { Writable } from 'node:stream';
import { createApp } from '../../src/app.js';
import { configSchema } from '../../src/config/schema.js';
import { defaultAudience } from '../../src/identity/tokens/accessToken.js';
import { issueAccessToken } from '../../src/identity/tokens/issueAccessToken.js';
import { longestAccessTokenTtlSeconds } from '../../src/identity/tokens/lifetimes.js';
import { createModels } from '../../src/models/models.js';
import { createLogger } from '../../src/observability/logger.js';
import { buildApi } from '../../src/resolvers/api.js';
import { startEmbeddedEngine } from '../../src/stores/embedded/engine.js';
import { connectMongo } from '../../src/stores/mongo.js';
import { startBareServer } from './bareServer.js';
import { answerQuestions } from './processorTime.js';

export type Kind = 'engine' | 'fieldgate' | 'bare';

export interface Ready {
  readonly url: string;
  /** Access tokens by the name of a user; of Fieldgate only. */
  readonly tokens: Readonly<Record<string, string>>;
}

const [kind, folder = '', mongodbUri = '', ...users] = process.argv.slice(2);

/** Sees the people of one language. */
const CLERK = [
  {
    name: 'clerk',
    rules: [
      {
        id: 'see',
        effect: 'allow' as const,
        actions: ['read', 'list'],
        subject: 'User',
        fields: ['id', 'name', 'email', 'createdAt'],
        conditions: { locale: 'en' },
      },
    ],
  },
];

async function startFieldgate(): Promise<Ready> {
  const config = configSchema.parse({
    environment: 'development',
    issuer: 'http://127.0.0.1:3000',
    dataDirectory: folder,
    listen: { port: 0 },
    // As in production; the bare server shows as little.
    graphql: { introspection: false, sandbox: false, explorer: false },
    stores: { mongodbUri },
    // Counted as in production, and never reached.
    rateLimits: { general: { max: 1_000_000_000, windowSeconds: 60 } },
    roles: CLERK,
    policy: { sampleRate: Number(process.env['BENCH_SAMPLE_RATE'] ?? 0.05) },
  });
  // Every line is made and thrown away.
  const sink = new Writable({ write: (_line, _encoding, done) => done() });
  const app = await createApp({ config, logger: createLogger(config, { sink }) });
  const { deps } = app;
  const client = await deps.models.clients.findOne({ _id: 'fieldgate' }).lean();
  if (!client) throw new Error('no first-party client');
  const tokens: Record<string, string> = {};
  for (const subject of users) {
    const { token } = await issueAccessToken(deps, {
      subject,
      clientId: client._id,
      scopes: client.scopes,
      audience: [defaultAudience(config)],
      ttlSeconds: longestAccessTokenTtlSeconds(config),
    });
    tokens[subject] = token;
  }
  return { url: await app.listen(), tokens };
}

async function startBare(): Promise<Ready> {
  const logger = createLogger({ logging: { level: 'silent' } });
  const { connection } = await connectMongo({ uri: mongodbUri, dataDirectory: folder, logger });
  const models = createModels(connection, () => new Date());
  return { url: await startBareServer(buildApi().schema, models), tokens: {} };
}

async function start(): Promise<Ready> {
  if (kind === 'engine') return { url: (await startEmbeddedEngine(folder)).uri, tokens: {} };
  return kind === 'fieldgate' ? startFieldgate() : startBare();
}

answerQuestions(await start());
