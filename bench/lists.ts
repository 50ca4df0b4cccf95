/**
 * Whether a page of 20 under a conditional rule takes as long among 100,000 users as among 1,000: Fieldgate answers
 * over HTTP, in turns, in one run. Run: npm run build && node dist/bench/lists.js [users]; MONGODB_URI names a server
 * to use in place of the embedded engine. Exits with 1 when the ratio is over 3.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, median, startSide } from './graphql/side.js';
import { CALLERS, createDatabase, openServer } from './graphql/store.js';

const LIMIT = 3;
const FEW = 1000;
const MANY = Number(process.argv[2] ?? 100_000);
const ROUNDS = 12;
const TIMES = 40;

const LISTS = {
  'by id': '{ users(first: 20) { nodes { id name email } } }',
  'by time of creation':
    '{ users(first: 20, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { id name email } } }',
};

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const { uri, engine } = await openServer(folder);
const databases = [await createDatabase(uri, FEW), await createDatabase(uri, MANY)] as const;
try {
  const sides = await Promise.all(
    databases.map((database, at) =>
      startSide('fieldgate', [join(folder, `${at}`), database.uri, ...CALLERS]),
    ),
  );
  for (const [name, query] of Object.entries(LISTS)) {
    const taken = sides.map(() => [] as number[]);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, side] of sides.entries()) {
        for (let time = 0; time < TIMES; time += 1) {
          const start = performance.now();
          await ask(side.url, { authorization: `Bearer ${side.tokens['clerk-0'] ?? ''}` }, query);
          // The first rounds warm up.
          if (round > 1) taken[index]?.push(performance.now() - start);
        }
      }
    }
    const [few = Number.NaN, many = Number.NaN] = taken.map(median);
    const ratio = many / few;
    console.log(
      `a page of 20 ${name} under a conditional rule: ${few.toFixed(1)} ms among ${FEW}, ` +
        `${many.toFixed(1)} ms among ${MANY}, ratio ${ratio.toFixed(2)} (limit ${LIMIT})`,
    );
    if (!(ratio <= LIMIT)) process.exitCode = 1;
  }
  for (const side of sides) await side.stop();
} finally {
  for (const database of databases) await database.drop();
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
}
