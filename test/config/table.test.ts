import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { withConfigTable } from '../../scripts/configTable/readme.js';
import { CONFIG_KEYS, WELL_KNOWN_NAMES } from '../../src/config/keys.js';
import { configTable } from '../../src/config/table.js';

describe('the configuration table', () => {
  it('stands in README.md as the schema says it now (npm run config:table)', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(withConfigTable(readme)).to.equal(readme);
  });

  it('says of every key what it means', () => {
    const rows = CONFIG_KEYS.flatMap((key) => [key, ...key.entryKeys]);
    expect(rows.filter((key) => key.description === '').map((key) => key.path.join('.'))).to.deep.equal([]);
  });

  it('gives every key a variable of its own', () => {
    const names = CONFIG_KEYS.map((key) => key.env);
    expect(new Set(names).size).to.equal(names.length);
    expect(names).to.include('FIELDGATE_TOKENS_ACCESS_TOKEN_TTL_SECONDS');
    expect(names).to.include('FIELDGATE_PASSWORDS_ARGON2_MEMORY_KIB');
  });

  it('knows the keys that the well-known names mean', () => {
    const paths = CONFIG_KEYS.map((key) => key.path.join('.'));
    expect(paths).to.include.members(Object.values(WELL_KNOWN_NAMES));
    expect(configTable()).to.contain(
      '| `stores.mongodbUri` | `MONGODB_URI`<br>`FIELDGATE_STORES_MONGODB_URI`',
    );
  });

  it('says in words what a value must be', () => {
    const typeOf = (path: string) => CONFIG_KEYS.find((key) => key.path.join('.') === path)?.type;
    expect(typeOf('listen.port')).to.equal('integer from 0 to 65535');
    expect(typeOf('tokens.accessTokenTtlSeconds')).to.equal('positive integer');
    expect(typeOf('passwords.argon2.timeCost')).to.equal('integer of at least 1');
    expect(typeOf('policy.sampleRate')).to.equal('number from 0 to 1');
    expect(typeOf('http.corsOrigins')).to.equal('list of strings');
    expect(typeOf('clients')).to.equal('list of objects');
  });

  it('gives every row as many cells as its head', () => {
    const tables = configTable()
      .split('\n\n')
      .filter((part) => part.startsWith('|'));
    for (const table of tables) {
      const widths = table.split('\n').map((row) => row.replaceAll('\\|', '').split('|').length);
      expect(new Set(widths).size).to.equal(1);
    }
  });
});
