import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { conformanceDocument, faultsOf } from '../../scripts/conformance/document.js';
import { collectTitles } from '../../scripts/conformance/titles.js';
import { notApplicable, shown } from './requirement.js';
import { SPECIFICATIONS } from './specifications.js';

describe('the conformance table', () => {
  let titles: ReadonlyMap<string, string>;
  before(async function () {
    // Loads every test of the project.
    this.timeout(90_000);
    titles = await collectTitles();
  });

  it('names a test that exists for every requirement', () => {
    expect(faultsOf(SPECIFICATIONS, titles)).to.deep.equal([]);
  });

  it('is in docs/conformance.md as `npm run conformance` writes it', () => {
    expect(readFileSync('docs/conformance.md', 'utf8')).to.equal(conformanceDocument(SPECIFICATIONS, titles));
  });

  it('tells a requirement whose test is gone, and one with neither test nor reason', () => {
    const wrong = {
      name: 'RFC 0',
      title: 'Nothing',
      url: 'https://example.com',
      requirements: [
        shown('1', 'fly', 'no such test'),
        { section: '2', demand: 'sing', tests: [] },
        notApplicable('3', 'swim', 'there is no water'),
      ],
    };
    expect(faultsOf([wrong], titles)).to.deep.equal([
      'RFC 0 §1: there is no test "no such test"',
      'RFC 0 §2: "sing" has neither a test nor a reason',
    ]);
  });
});
