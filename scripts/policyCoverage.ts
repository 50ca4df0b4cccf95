import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BUILT_IN_ROLES } from '../src/policies/builtInRoles.js';
import { parseCoverage, renderCoverage, rightsOf } from '../src/policies/coverage.js';
import { describeChange, diffRights } from '../src/policies/diff.js';
import { buildApi } from '../src/resolvers/api.js';

/** Where the rights of the built-in roles stand for reviews. */
export const COVERAGE_FILE = 'docs/policy-coverage.txt';

/** The rights of the built-in roles as text. @throws Error that lists every place of the schema without a rule */
export function coverageText(): string {
  const { catalog } = buildApi();
  const roles = new Map(BUILT_IN_ROLES.map((role) => [role.name, role]));
  return renderCoverage(rightsOf({ roles, scopes: new Map() }, catalog));
}

/** What has changed since, as sentences; `since` is a file, or a commit in which the committed file is looked up. */
export function coverageChanges(since: string, now: string): readonly string[] {
  const text = existsSync(since)
    ? readFileSync(since, 'utf8')
    : execFileSync('git', ['show', `${since}:${COVERAGE_FILE}`], { encoding: 'utf8' });
  return diffRights(parseCoverage(text), parseCoverage(now)).map(describeChange);
}

/** `npm run policy:coverage [-- --diff <ref|file>]`: prints the rights, or what changed, and writes the file. */
if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { diff: { type: 'string' } } });
  const text = coverageText();
  if (values.diff === undefined) process.stdout.write(text);
  else
    process.stdout.write(
      coverageChanges(values.diff, text)
        .map((line) => `${line}\n`)
        .join(''),
    );
  writeFileSync(COVERAGE_FILE, text);
}
