import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { RECENT_MILLISECONDS, readRecently } from '../../src/models/readRecently.js';
import { createTestDeps, type TestDeps } from '../support/deps.js';

const CLIENT = {
  name: 'An app',
  tokenEndpointAuthMethod: 'none',
  grantTypes: ['authorization_code'],
} as const;

describe('documents read recently', () => {
  let test: TestDeps;
  let reads: number;
  let _id: string;

  beforeEach(async () => {
    test = await createTestDeps();
    _id = uuidv7();
    await test.deps.models.clients.create({ _id, ...CLIENT, grantTypes: [...CLIENT.grantTypes] });
    reads = 0;
    test.deps.models.clients.db.set('debug', (collection: string, method: string) => {
      if (collection === 'clients' && method.startsWith('find')) reads += 1;
    });
  });
  afterEach(() => test.close());

  const read = () => readRecently(test.deps.models.clients, _id);

  it('are one query for many requests, until they are too old', async () => {
    const { performance } = globalThis;
    const real = performance.now.bind(performance);
    let later = 0;
    performance.now = () => real() + later;
    try {
      for (let turn = 0; turn < 5; turn += 1) expect((await read())?.name).to.equal('An app');
      expect(reads).to.equal(1);
      later = RECENT_MILLISECONDS;
      expect((await read())?.name).to.equal('An app');
      expect(reads).to.equal(2);
    } finally {
      performance.now = real;
    }
    expect(RECENT_MILLISECONDS).to.be.below(1000);
  });

  it('are new after every write of this process, by whatever method', async () => {
    const { clients } = test.deps.models;
    const filter = { _id };
    const writes: ((name: string) => Promise<unknown>)[] = [
      (name) => clients.updateOne(filter, { $set: { name } }),
      (name) => clients.updateMany({}, { $set: { name } }),
      (name) => clients.updateMany({ name: { $ne: '' } }, { $set: { name } }),
      (name) => clients.findOneAndUpdate(filter, { $set: { name } }).lean(),
      (name) => clients.findByIdAndUpdate(_id, { $set: { name } }).lean(),
      (name) => clients.replaceOne(filter, { ...CLIENT, name }),
      (name) => clients.findOneAndReplace(filter, { ...CLIENT, name }),
      (name) => clients.bulkWrite([{ updateOne: { filter, update: { $set: { name } } } }]),
      async (name) => {
        const document = await clients.findById(_id);
        document?.set('name', name);
        await document?.save();
      },
    ];
    for (const [index, write] of writes.entries()) {
      await read();
      await write(`Name ${index}`);
      expect((await read())?.name, String(write)).to.equal(`Name ${index}`);
    }
    await clients.deleteOne(filter);
    expect(await read()).to.equal(null);
  });

  it('that are not there are looked for again', async () => {
    const { clients } = test.deps.models;
    await clients.findOneAndDelete({ _id });
    expect(await read()).to.equal(null);
    await clients.insertMany([{ _id, ...CLIENT, name: 'Back' }]);
    expect((await read())?.name).to.equal('Back');
  });

  it('never remember what was read while somebody wrote', async () => {
    const { clients } = test.deps.models;
    for (let turn = 0; turn < 20; turn += 1) {
      const name = `Turn ${turn}`;
      await Promise.all([read(), clients.updateOne({ _id }, { $set: { name } }), read()]);
      expect((await read())?.name).to.equal(name);
    }
  });

  it('are of one select', async () => {
    const { clients } = test.deps.models;
    expect((await readRecently(clients, _id))?.secrets).to.equal(undefined);
    expect((await readRecently(clients, _id, '+secrets'))?.secrets).to.deep.equal([]);
    expect((await readRecently(clients, _id))?.secrets).to.equal(undefined);
  });
});
