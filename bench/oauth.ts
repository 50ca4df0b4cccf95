/**
 * What Fieldgate's OAuth endpoints cost beside node-oidc-provider's: processor time of the server per request, RS256 on
 * both, all state of both in the same MongoDB-compatible server, in turns, in one run; of the static documents also what Node's server takes alone. Then Fieldgate's latency under a steady
 * load. Run: npm run build && node dist/bench/oauth.js [rounds]; MONGODB_URI names a server to use in place of the
 * embedded engine. Exits with 1 when a target is missed.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askTimes, type Measured, median, startProcess } from './graphql/side.js';
import { createDatabase, openServer } from './graphql/store.js';
import type { BareReady } from './oauth/bare.js';
import type { OAuthReady } from './oauth/child.js';
import { CHAINS } from './oauth/facts.js';
import { send } from './oauth/send.js';

type OAuthSide = OAuthReady & Measured;
type BareSide = BareReady & Measured;

const CHILD = fileURLToPath(new URL('./oauth/child.js', import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 7);
/** Of each case and side before anything counts: for so long V8 compiles what it sees used, and that costs more than the requests. */
const WARM_UP_REQUESTS = 4000;
const LOAD_PER_SECOND = 100;
const LOAD_SECONDS = 5;

const say = (text: string) => process.stdout.write(`${text}\n`);
const post = (side: OAuthSide, path: string, body: string) =>
  send(`${side.url}${path}`, { authorization: side.basic }, body);

/** Tokens that each side rotates, by chain: the next answer's token is the next request's. */
const chains = new Map<OAuthSide, string[]>();

async function refresh(side: OAuthSide, turn: number): Promise<void> {
  const tokens = chains.get(side) ?? [...side.refreshTokens];
  chains.set(side, tokens);
  const at = turn % CHAINS;
  const body = `grant_type=refresh_token&refresh_token=${encodeURIComponent(tokens[at] ?? '')}`;
  const answer = JSON.parse(await post(side, side.paths.token, body)) as { refresh_token: string };
  tokens[at] = answer.refresh_token;
}

const askJwks = (side: BareSide) => send(`${side.url}${side.paths.jwks}`);
const askDiscovery = (side: BareSide) => send(`${side.url}${side.paths.discovery}`);

const CASES: readonly {
  name: string;
  target: number;
  times: number;
  ask: (side: OAuthSide, turn: number) => Promise<unknown>;
  /** What the bare server is asked. */
  askBare?: (side: BareSide) => Promise<unknown>;
}[] = [
  {
    name: 'client_credentials',
    target: 1.5,
    times: 240,
    ask: (side) => post(side, side.paths.token, side.clientCredentials),
  },
  { name: 'refresh_token', target: 1.4, times: 240, ask: refresh },
  {
    name: 'introspection',
    target: 2,
    times: 400,
    ask: (side) => post(side, side.paths.introspection, `token=${side.accessToken}`),
  },
  {
    name: 'userinfo',
    target: 2,
    times: 400,
    ask: (side) => send(`${side.url}${side.paths.userinfo}`, { authorization: `Bearer ${side.accessToken}` }),
  },
  { name: 'JWKS', target: 3, times: 2000, ask: askJwks, askBare: askJwks },
  { name: 'discovery', target: 4, times: 2000, ask: askDiscovery, askBare: askDiscovery },
];

async function compare(peer: OAuthSide, fieldgate: OAuthSide, bare: BareSide): Promise<boolean> {
  let holds = true;
  for (const { name, target, times, ask, askBare } of CASES) {
    // A chain has one request under way at a time: its workers take turns of their own.
    const run = (side: OAuthSide) =>
      ask === refresh ? everyChain(times, side) : askTimes(times, (turn) => ask(side, turn));
    const [theirs = [], ours = [], floor = []] = await inTurns(times, [
      { side: peer, run: () => run(peer) },
      { side: fieldgate, run: () => run(fieldgate) },
      ...(askBare ? [{ side: bare, run: () => askTimes(times, () => askBare(bare)) }] : []),
    ]);
    const ratio = timesAsCheap(theirs, ours);
    holds &&= ratio >= target;
    const most = timesAsCheap(theirs, floor).toFixed(2);
    say(
      `${name}: oidc-provider ${median(theirs).toFixed(0)} µs, Fieldgate ${median(ours).toFixed(0)} µs, ` +
        `${ratio.toFixed(2)} times as cheap (target ${target})` +
        (askBare ? `; Node's server alone ${median(floor).toFixed(0)} µs, ${most} times as cheap` : ''),
    );
  }
  return holds;
}

/** Microseconds of processor time per request, of each side and round. */
async function inTurns(
  times: number,
  sides: readonly { side: Measured; run: () => Promise<void> }[],
): Promise<number[][]> {
  const found: number[][] = sides.map(() => []);
  const warmUp = Math.ceil(WARM_UP_REQUESTS / times);
  for (let round = 0; round < warmUp + ROUNDS; round += 1) {
    for (const [index, { side, run }] of sides.entries()) {
      const before = await side.cpu();
      await run();
      if (round >= warmUp) found[index]?.push(((await side.cpu()) - before) / times);
    }
  }
  return found;
}

function timesAsCheap(theirs: readonly number[], ours: readonly number[]): number {
  return median(theirs.map((value, index) => value / (ours[index] ?? Number.NaN)));
}

async function everyChain(times: number, side: OAuthSide): Promise<void> {
  const chain = async (at: number) => {
    for (let count = 0; count < times / CHAINS; count += 1) await refresh(side, at);
  };
  await Promise.all(Array.from({ length: CHAINS }, (_, at) => chain(at)));
}

/** Processor time of `crypto.sign` with a key of 2048 bits, in this thread. */
function signatureMicroseconds(): number {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = Buffer.alloc(700);
  const before = process.cpuUsage();
  for (let count = 0; count < 1000; count += 1) sign('sha256', text, privateKey);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** So many requests a second, whether the last one is answered or not; resolves with the 95th percentile, milliseconds. */
async function percentileUnderLoad(ask: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  const running: Promise<void>[] = [];
  const begin = performance.now();
  for (let count = 0; count < LOAD_PER_SECOND * LOAD_SECONDS; count += 1) {
    const due = begin + (count * 1000) / LOAD_PER_SECOND;
    await setTimeout(Math.max(0, due - performance.now()));
    // From when it was due: a late start is the server's or the machine's, and the caller waits all the same.
    running.push(ask().then(() => void took.push(performance.now() - due)));
  }
  await Promise.all(running);
  return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.95)] ?? Number.NaN;
}

async function load(side: OAuthSide): Promise<boolean> {
  let holds = true;
  for (const { name, limit, ask } of [
    { name: '/oauth/token', limit: 200, ask: () => post(side, side.paths.token, side.clientCredentials) },
    { name: 'JWKS', limit: 50, ask: () => send(`${side.url}${side.paths.jwks}`) },
  ]) {
    const milliseconds = await percentileUnderLoad(ask);
    holds &&= milliseconds < limit;
    say(`${name} at ${LOAD_PER_SECOND}/s: p95 ${milliseconds.toFixed(1)} ms (limit ${limit})`);
  }
  return holds;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const { uri, engine } = await openServer(folder);
const database = await createDatabase(uri, 100);
try {
  const fieldgate = await startProcess<OAuthReady>(CHILD, 'fieldgate', [folder, database.uri]);
  const peer = await startProcess<OAuthReady>(CHILD, 'oidc-provider', [folder, database.uri]);
  const lengths = [await askJwks(fieldgate), await askDiscovery(fieldgate)].map(({ length }) =>
    String(length),
  );
  const bare = await startProcess<BareReady>(CHILD, 'bare', lengths);
  say(
    `an RS256 signature alone: ${signatureMicroseconds().toFixed(0)} µs; client_credentials takes one, refresh two`,
  );
  const compared = await compare(peer, fieldgate, bare);
  await bare.stop();
  await peer.stop();
  const quick = await load(fieldgate);
  await fieldgate.stop();
  if (!compared || !quick) process.exitCode = 1;
} finally {
  await database.drop();
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
}
