import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { COVERAGE_FILE, coverageChanges, coverageText } from '../../scripts/policyCoverage.js';
import { createAccess } from '../../src/policies/access.js';
import { parseCoverage, renderCoverage, rightsOf } from '../../src/policies/coverage.js';
import { ANONYMOUS } from '../../src/policies/principal.js';
import { holds } from './property.js';
import { CATALOG, NOW, policies } from './universe.js';

describe('the coverage of the policy', () => {
  it('is what was committed: read the difference, then `npm run policy:coverage`', () => {
    const changes = coverageChanges(COVERAGE_FILE, coverageText());
    expect(changes).to.deep.equal([]);
    expect(coverageText()).to.equal(readFileSync(COVERAGE_FILE, 'utf8'));
  });

  it('says in sentences what a change gives, takes and makes otherwise', () => {
    const folder = mkdtempSync(join(tmpdir(), 'coverage-'));
    const file = join(folder, 'before.txt');
    const now = coverageText();
    const before = now
      .split('\n')
      .filter((line) => line !== 'User.phone auditor: read')
      .map((line) => line.replace(/^User\.email user: .*$/, 'User.email user: read'));
    writeFileSync(file, [...before, 'User.phone moderator: read'].join('\n'));
    try {
      expect(coverageChanges(file, now)).to.deep.equal([
        '`user` can now read User.email if {"id":"{{principal.id}}"}, before always',
        '`auditor` can now read User.phone',
        '`moderator` can no longer read User.phone',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads back what it writes, and nothing else', () => {
    const rights = parseCoverage(coverageText());
    expect(renderCoverage(rights)).to.equal(coverageText());
    expect(() => parseCoverage('User.phone: read')).to.throw('not a line of coverage');
  });

  it('lists a right exactly where the judge could give it', async () => {
    await holds(
      fc.property(policies, fc.constantFrom('base', 'middle', 'top'), (policy, role) => {
        const listed = new Set(
          rightsOf(policy, CATALOG)
            .filter(({ holder, name }) => holder === 'role' && name === role)
            .map(({ action, subject, field }) => `${action} ${subject}.${field}`),
        );
        const access = createAccess(
          policy,
          CATALOG,
          { ...ANONYMOUS, kind: 'user', id: 'u1', roles: [role] },
          NOW,
        );
        for (const field of CATALOG.subjects.get('Thing')?.fields.keys() ?? []) {
          for (const action of ['read', 'update']) {
            expect(listed.has(`${action} Thing.${field}`)).to.equal(access.mayEver(action, 'Thing', field));
          }
        }
      }),
    );
  });
});
