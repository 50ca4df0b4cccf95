/**
 * What Fieldgate's OAuth endpoints cost beside node-oidc-provider's: processor time of the server per request, RS256 on
 * both, all state of both in the same MongoDB-compatible server, in turns, in one run. Then Fieldgate's latency under a steady
 * load. Run: npm run build && node dist/bench/oauth.js [rounds]; MONGODB_URI names a server to use in place of the
 * embedded engine. Exits with 1 when a target is missed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askTimes, type Measured, median, startProcess } from './graphql/side.js';
import { createDatabase, openServer } from './graphql/store.js';
import type { OAuthReady } from './oauth/child.js';
import { CHAINS } from './oauth/facts.js';
import { send } from './oauth/send.js';

type OAuthSide = OAuthReady & Measured;

const CHILD = fileURLToPath(new URL('./oauth/child.js', import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 7);
const WARM_UP_ROUNDS = 4;
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

const CASES: readonly {
  name: string;
  target: number;
  times: number;
  ask: (side: OAuthSide, turn: number) => Promise<unknown>;
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
  { name: 'JWKS', target: 3, times: 600, ask: (side) => send(`${side.url}${side.paths.jwks}`) },
  { name: 'discovery', target: 4, times: 600, ask: (side) => send(`${side.url}${side.paths.discovery}`) },
];

async function compare(peer: OAuthSide, fieldgate: OAuthSide): Promise<boolean> {
  let holds = true;
  for (const { name, target, times, ask } of CASES) {
    const sides = [peer, fieldgate].map((side) => ({ side, cpu: [] as number[] }));
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      for (const { side, cpu } of sides) {
        const before = await side.cpu();
        // A chain has one request under way at a time: its workers take turns of their own.
        await (ask === refresh ? everyChain(times, side) : askTimes(times, (turn) => ask(side, turn)));
        if (round >= WARM_UP_ROUNDS) cpu.push(((await side.cpu()) - before) / times);
      }
    }
    const [theirs = [], ours = []] = sides.map(({ cpu }) => cpu);
    const ratio = median(theirs.map((value, index) => value / (ours[index] ?? Number.NaN)));
    holds &&= ratio >= target;
    say(
      `${name}: oidc-provider ${median(theirs).toFixed(0)} µs, Fieldgate ${median(ours).toFixed(0)} µs, ` +
        `${ratio.toFixed(2)} times as cheap (target ${target})`,
    );
  }
  return holds;
}

async function everyChain(times: number, side: OAuthSide): Promise<void> {
  const chain = async (at: number) => {
    for (let count = 0; count < times / CHAINS; count += 1) await refresh(side, at);
  };
  await Promise.all(Array.from({ length: CHAINS }, (_, at) => chain(at)));
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
  const compared = await compare(peer, fieldgate);
  await peer.stop();
  const quick = await load(fieldgate);
  await fieldgate.stop();
  if (!compared || !quick) process.exitCode = 1;
} finally {
  await database.drop();
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
}
