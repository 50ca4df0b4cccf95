/**
 * Runs in a process of its own and is killed: starts the engine on the folder of its first argument, writes without
 * pause, and says on standard output what has been acknowledged, one JSON line each.
 */
import { MongoClient } from 'mongodb';
import { startEmbeddedEngine } from '../../../src/stores/embedded/engine.js';

const [folder = '', round = '0'] = process.argv.slice(2);
const engine = await startEmbeddedEngine(folder);
const client = await MongoClient.connect(engine.uri);
const items = client.db('kill').collection<{ _id: string; value: number; tag: string }>('items');
await items.createIndex({ tag: 1 }, { unique: true });
await items.createIndex({ value: 1, _id: 1 });

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ ready: true });

/** Each writer owns its ids, so that the last line about an id says what must be there. */
async function write(writer: number): Promise<never> {
  for (let i = 0; ; i++) {
    const _id = `${round}-${writer}-${i}`;
    await items.insertOne({ _id, value: i, tag: `tag-${_id}` });
    say({ _id, value: i });
    if (i % 3 === 1) {
      say({ _id, attempt: true });
      await items.updateOne({ _id }, { $set: { value: i + 1_000_000, tag: `new-${_id}` } });
      say({ _id, value: i + 1_000_000 });
    }
    if (i % 3 === 2) {
      say({ _id, attempt: true });
      await items.deleteOne({ _id });
      say({ _id, value: null });
    }
  }
}

await Promise.all([0, 1, 2, 3].map(write));
