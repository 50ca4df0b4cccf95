import { expect } from 'chai';
import { checkpointHash, readCheckpoint, signerOf } from '../../../src/identity/audit/checkpointContent.js';
import { CheckpointWriter } from '../../../src/identity/audit/checkpointWriter.js';
import type { AuditEvent } from '../../../src/models/auditEvent.js';
import { openTrailDeps, type TrailDeps } from './trailDeps.js';

const EVERY = 10;

describe('signed checkpoints', () => {
  let deps: TrailDeps;
  let writer: CheckpointWriter;
  const entry = (sequence: number, day = '2026-03-01'): AuditEvent =>
    ({ chain: `${day}:w`, sequence, hash: checkpointHash(`${day} ${sequence}`) }) as AuditEvent;
  const list = async () =>
    (await deps.models.auditCheckpoints.find().sort({ _id: 1 }).lean()).map(({ jws }) =>
      (readCheckpoint(jws)?.heads ?? []).map(({ chain, sequence, closed }) => [
        chain.slice(8, 10),
        sequence,
        closed ?? false,
      ]),
    );
  /** Nothing is due when it resolves: the tick waits for what is under way. */
  const settled = () => writer.tick();

  before(async () => {
    deps = await openTrailDeps({ audit: { checkpointEvents: EVERY } });
  });
  after(() => deps.close());
  beforeEach(async () => {
    await deps.clear();
    writer = new CheckpointWriter(deps);
  });
  afterEach(() => writer.close());

  it('are written at the first entry, and after so many', async () => {
    writer.note([entry(0)]);
    await settled();
    expect(await list()).to.deep.equal([[['01', 0, false]]]);
    for (let i = 1; i <= EVERY; i++) writer.note([entry(i)]);
    await settled();
    expect((await list()).at(-1)).to.deep.equal([['01', EVERY, false]]);
    expect(await list()).to.have.length(2);
  });

  it('are written in time, once for what is new', async () => {
    writer.note([entry(0)]);
    await settled();
    writer.note([entry(1)]);
    await writer.tick();
    await writer.tick();
    expect(await list()).to.deep.equal([[['01', 0, false]], [['01', 1, false]]]);
  });

  it('close the chain of the day before, and the last one at the end', async () => {
    writer.note([entry(0)]);
    await settled();
    writer.note([entry(1), entry(0, '2026-03-02')]);
    await settled();
    await writer.close();
    const [, change, end] = await list();
    expect(change).to.deep.equal([
      ['01', 1, true],
      ['02', 0, false],
    ]);
    expect(end).to.deep.equal([['02', 0, true]]);
  });

  it('are written when the signing key has changed', async () => {
    writer.note([entry(0)]);
    await settled();
    await deps.keys.rotate();
    await writer.tick();
    const signers = (await deps.models.auditCheckpoints.find().sort({ _id: 1 }).lean()).map(({ jws }) =>
      signerOf(jws),
    );
    expect(signers).to.have.length(2);
    expect(signers[0]).not.to.equal(signers[1]);
  });

  it('cover later what could not be written', async () => {
    let down = true;
    const auditCheckpoints = new Proxy(deps.models.auditCheckpoints, {
      get(target, name) {
        if (down && name === 'create') return () => Promise.reject(new Error('no primary'));
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const failing = new CheckpointWriter({ ...deps, models: { ...deps.models, auditCheckpoints } });
    failing.note([entry(0), entry(1)]);
    await failing.tick();
    expect(await list()).to.deep.equal([]);
    expect(deps.errors).to.have.length.above(0);
    down = false;
    await failing.tick();
    expect(await list()).to.deep.equal([[['01', 1, false]]]);
    await failing.close();
  });
});
