/**
 * What Fieldgate costs over a bare Apollo server on Fastify without authorization: processor time of the server per
 * request for the same queries on the same data, in turns, in one run. The database is a process of its own.
 * Run: npm run build && node dist/bench/graphql.js [rounds]; MONGODB_URI names a server to use in place of the
 * embedded engine. Exits with 1 when a ratio is over its limit.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, askTimes, median, type Side, startSide } from './graphql/side.js';
import { CALLERS, callersOf, createDatabase, openServer } from './graphql/store.js';

const ROUNDS = Number(process.argv[2] ?? 11);
const WARM_UP_ROUNDS = 3;
const USERS = 1000;

const QUERIES = [
  {
    name: 'viewer',
    limit: 1.25,
    times: 1000,
    query: '{ viewer { id username name email status createdAt } }',
  },
  {
    name: 'users(first: 20)',
    limit: 1.15,
    times: 300,
    query: `{ users(first: 20) { edges { cursor node {
      id username name email status createdAt roles { id name } } } pageInfo { hasNextPage endCursor } } }`,
  },
] as const;
/** Who asks what: a user reads the own account alone. */
const CASES = [
  { role: 'admin', at: 0 },
  { role: 'user', at: 0 },
  { role: 'admin', at: 1 },
] as const;

const bearer = (token = '') => ({ authorization: `Bearer ${token}` });
const say = (text: string) => process.stdout.write(`${text}\n`);

async function compare(fieldgate: Side, bare: Side): Promise<boolean> {
  let holds = true;
  for (const { role, at } of CASES) {
    const { name, query, times, limit } = QUERIES[at];
    const callers = callersOf(role);
    const sides = [
      { side: bare, headers: callers.map((id) => ({ 'x-viewer': id })), cpu: [] as number[] },
      { side: fieldgate, headers: callers.map((id) => bearer(fieldgate.tokens[id])), cpu: [] as number[] },
    ] as const;
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      for (const { side, headers, cpu } of sides) {
        const before = await side.cpu();
        await askTimes(times, (turn) => ask(side.url, headers[turn % headers.length] ?? {}, query));
        const used = (await side.cpu()) - before;
        if (round >= WARM_UP_ROUNDS) cpu.push(used / times);
      }
    }
    const [plain, governed] = [sides[0].cpu, sides[1].cpu];
    const ratio = median(governed.map((value, index) => value / (plain[index] ?? Number.NaN)));
    holds &&= ratio <= limit;
    say(
      `${name} as ${role}: bare ${median(plain).toFixed(0)} µs, Fieldgate ${median(governed).toFixed(0)} µs, ` +
        `ratio ${ratio.toFixed(2)} (limit ${limit})`,
    );
  }
  return holds;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const { uri, engine } = await openServer(folder);
const database = await createDatabase(uri, USERS);
try {
  const fieldgate = await startSide('fieldgate', [folder, database.uri, ...CALLERS]);
  const bare = await startSide('bare', [folder, database.uri]);
  if (!(await compare(fieldgate, bare))) process.exitCode = 1;
  await fieldgate.stop();
  await bare.stop();
} finally {
  await database.drop();
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
}
