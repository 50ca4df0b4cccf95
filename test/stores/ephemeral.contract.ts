import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { EphemeralStore } from '../../src/stores/ephemeral.js';

export interface EphemeralSubject {
  store(): EphemeralStore;
  /** A second replica's view of the same store; the same object where a store is of one process. */
  otherReplica(): EphemeralStore;
  /** Lets time pass as the store sees it. */
  pass(seconds: number): Promise<void>;
}

/** What every EphemeralStore promises. */
export function itKeepsTheEphemeralContract(subject: EphemeralSubject): void {
  const fresh = () => `contract:${randomUUID()}`;

  it('gives back what was set, to every replica', async () => {
    const key = fresh();
    await subject.store().set(key, 'one\u0000two ✓', 60);
    expect(await subject.otherReplica().get(key)).to.equal('one\u0000two ✓');
  });

  it('answers null for a key that was never set or was deleted', async () => {
    const key = fresh();
    expect(await subject.store().get(key)).to.equal(null);
    await subject.store().set(key, 'value', 60);
    await subject.store().delete(key);
    expect(await subject.store().get(key)).to.equal(null);
    await subject.store().delete(key);
  });

  it('overwrites the value and starts its time anew', async () => {
    const key = fresh();
    await subject.store().set(key, 'old', 1);
    await subject.store().set(key, 'new', 60);
    await subject.pass(1.1);
    expect(await subject.store().get(key)).to.equal('new');
  });

  it('forgets a value when its time is over', async () => {
    const key = fresh();
    await subject.store().set(key, 'value', 1);
    await subject.pass(1.1);
    expect(await subject.store().get(key)).to.equal(null);
  });

  it('lets one of many set a key that was absent', async () => {
    const key = fresh();
    const attempts = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? subject.store() : subject.otherReplica()).setIfAbsent(key, String(index), 60),
    );
    const won = (await Promise.all(attempts)).flatMap((first, index) => (first ? [index] : []));
    expect(won).to.have.lengthOf(1);
    expect(await subject.store().get(key)).to.equal(String(won[0]));
  });

  it('lets a key be set again once its time is over or it was deleted', async () => {
    const key = fresh();
    expect(await subject.store().setIfAbsent(key, 'first', 1)).to.equal(true);
    expect(await subject.store().setIfAbsent(key, 'second', 1)).to.equal(false);
    await subject.pass(1.1);
    expect(await subject.store().setIfAbsent(key, 'third', 60)).to.equal(true);
    await subject.store().delete(key);
    expect(await subject.store().setIfAbsent(key, 'fourth', 60)).to.equal(true);
  });

  it('counts every one of many concurrent increments', async () => {
    const key = fresh();
    const counts = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? subject.store() : subject.otherReplica()).increment(key, 60),
      ),
    );
    expect(counts.map(({ count }) => count).sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    for (const { resetInMilliseconds } of counts) expect(resetInMilliseconds).to.be.within(50_000, 60_000);
  });

  it('does not extend the window of a counter by later increments', async () => {
    const key = fresh();
    await subject.store().increment(key, 1);
    await subject.pass(0.6);
    expect((await subject.store().increment(key, 1)).count).to.equal(2);
    await subject.pass(0.6);
    expect((await subject.store().increment(key, 1)).count).to.equal(1);
  });

  it('tells published messages to every subscriber of the channel, and to no other', async () => {
    const channel = fresh();
    const heard: string[] = [];
    const stops = [
      await subject.store().subscribe(channel, (message) => heard.push(`here ${message}`)),
      await subject.otherReplica().subscribe(channel, (message) => heard.push(`there ${message}`)),
      await subject.store().subscribe(`${channel}:other`, (message) => heard.push(`elsewhere ${message}`)),
    ];
    await subject.store().publish(channel, 'hello');
    await eventually(() => heard.length >= 2);
    expect(heard.sort()).to.deep.equal(['here hello', 'there hello']);
    await Promise.all(stops.map((stop) => stop()));
  });

  it('tells nothing more to a subscriber that left, and goes on telling the others', async () => {
    const channel = fresh();
    const left: string[] = [];
    const stayed: string[] = [];
    const leave = await subject.store().subscribe(channel, (message) => left.push(message));
    const stop = await subject.store().subscribe(channel, (message) => stayed.push(message));
    await leave();
    await subject.otherReplica().publish(channel, 'hello');
    await eventually(() => stayed.length > 0);
    expect(left).to.deep.equal([]);
    await stop();
  });

  it('answers a ping', async () => {
    await subject.store().ping();
  });
}

/** Messages cross a socket: there is no clock to move, so it looks again and again, for two seconds at most. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(holds(), 'did not come to hold within two seconds').to.equal(true);
}
