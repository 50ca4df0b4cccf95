import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readConfigFile } from '../../src/config/file.js';
import { valueAt } from '../../src/config/issues.js';
import { CONFIG_KEYS } from '../../src/config/keys.js';
import { loadConfig } from '../../src/config/load.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import { validateRoles, validateScopes } from '../../src/policies/validate.js';
import { buildApi } from '../../src/resolvers/api.js';

const FILE = 'fieldgate.example.yaml';

/** The values at a path in which `[]` stands for every entry of a list. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [part, ...rest] = path;
  if (part === undefined) return value === undefined ? [] : [value];
  const inner = valueAt(value, [part.replace('[]', '')]);
  if (!part.endsWith('[]')) return valuesAt(inner, rest);
  return Array.isArray(inner) ? inner.flatMap((entry) => valuesAt(entry, rest)) : [];
}

describe('fieldgate.example.yaml', () => {
  const text = readFileSync(FILE, 'utf8');
  const { content } = readConfigFile(FILE, false);

  it('is taken as it stands', () => {
    expect(loadConfig({ file: FILE, env: {} }).issuer).to.equal('https://id.example.com');
  });

  it('declares roles and scopes that the policy takes', () => {
    const { roles, scopes } = loadConfig({ file: FILE, env: {} });
    const { catalog } = buildApi();
    const declared = roles.map((role) => ({ ...role, builtIn: false }));
    expect(validateRoles(catalog, [...BUILT_IN_ROLES, ...declared])).to.deep.equal([]);
    expect(validateScopes(catalog, scopes)).to.deep.equal([]);
  });

  for (const key of CONFIG_KEYS) {
    it(`shows ${key.path.join('.')}`, () => {
      const commented = new RegExp(`^# *${key.path.at(-1)}:`, 'm').test(text);
      expect(valueAt(content, key.path) !== undefined || commented).to.equal(true);
      const missing = key.entryKeys.filter((entry) => {
        const path = [...key.path.slice(0, -1), `${key.path.at(-1)}[]`, ...entry.path];
        return valuesAt(content, path).length === 0;
      });
      expect(missing.map((entry) => entry.path.join('.'))).to.deep.equal([]);
    });
  }

  it('shows the defaults where it names them', () => {
    const shownDefaults = CONFIG_KEYS.filter(({ path }) =>
      /^(tokens|sessions|accounts|passwords|lockout|rateLimits|graphql)$/.test(path[0] ?? ''),
    );
    for (const { path, fallback } of shownDefaults) {
      if (fallback !== undefined) expect(valueAt(content, path), path.join('.')).to.deep.equal(fallback);
    }
  });
});
