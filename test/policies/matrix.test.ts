import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderMatrix } from './matrix.js';

const FILE = 'test/policies/matrix.txt';

describe('the matrix of roles, types, fields and actions', () => {
  it('is what was committed: read the difference, then `npm run policy:matrix`', () => {
    const now = renderMatrix();
    if (process.env['UPDATE_MATRIX'] === '1') writeFileSync(FILE, now);
    const committed = readFileSync(FILE, 'utf8');
    const lines = (text: string) => text.split('\n');
    const [was, is] = [new Set(lines(committed)), new Set(lines(now))];
    expect({
      added: lines(now).filter((line) => !was.has(line)),
      removed: lines(committed).filter((line) => !is.has(line)),
    }).to.deep.equal({ added: [], removed: [] });
    expect(now).to.equal(committed);
  });

  it('gives nobody anything', () => {
    expect(renderMatrix()).not.to.include('(nobody)');
  });
});
