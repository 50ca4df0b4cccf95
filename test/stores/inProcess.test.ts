import { expect } from 'chai';
import { createInProcessStore, type InProcessStore } from '../../src/stores/inProcess.js';
import { createMovableClock, type MovableClock } from '../support/clock.js';
import { itKeepsTheEphemeralContract } from './ephemeral.contract.js';

describe('the in-process ephemeral store', () => {
  let clock: MovableClock;
  let store: InProcessStore;

  beforeEach(() => {
    clock = createMovableClock();
    store = createInProcessStore(clock);
  });
  afterEach(() => store.close());

  itKeepsTheEphemeralContract({
    store: () => store,
    otherReplica: () => store,
    pass: async (seconds) => clock.advance(seconds),
  });

  it('keeps no memory of what has expired', async () => {
    for (let index = 0; index < 10_000; index += 1)
      await store.set(`key:${index}`, 'value', 1 + (index % 30));
    clock.advance(15);
    await store.set('one more', 'value', 60);
    expect(store.size).to.be.within(4_000, 6_000);
    clock.advance(20);
    await store.set('another', 'value', 60);
    expect(store.size).to.equal(2);
  });

  it('keeps what was prolonged and forgets it later', async () => {
    await store.set('key', 'value', 1);
    await store.set('key', 'value', 100);
    clock.advance(50);
    await store.set('other', 'value', 1);
    expect(await store.get('key')).to.equal('value');
    clock.advance(3600);
    await store.set('other', 'value', 1);
    expect(store.size).to.equal(1);
  });

  it('does not wait for its subscribers', async () => {
    const heard: string[] = [];
    await store.subscribe('channel', (message) => heard.push(message));
    await store.publish('channel', 'hello');
    expect(heard).to.deep.equal([]);
  });
});
