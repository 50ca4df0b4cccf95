import { expect } from 'chai';
import { restartDelayMilliseconds } from '../../src/process/restartDelay.js';

describe('replacing a worker that died', () => {
  it('happens at once after a long life', () => {
    expect(restartDelayMilliseconds(0)).to.equal(0);
  });

  it('waits longer after each quick death, and never longer than half a minute', () => {
    expect([1, 2, 3, 4].map(restartDelayMilliseconds)).to.deep.equal([250, 500, 1000, 2000]);
    expect(restartDelayMilliseconds(50)).to.equal(30_000);
  });
});
