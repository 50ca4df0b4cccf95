import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const UNTRACKED = ['coverage', 'data', 'dist', 'node_modules'];

const foldersOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

describe('what says where things are', () => {
  it('docs/architecture.md names every room, every folder of identity, and every folder beside src', () => {
    const text = readFileSync('docs/architecture.md', 'utf8');
    const beside = foldersOf('.').filter((name) => !UNTRACKED.includes(name) && !name.startsWith('.'));
    const named = [
      ...foldersOf('src').map((name) => `\`src/${name}/\``),
      ...foldersOf('src/identity').map((name) => `\`${name}/\``),
      ...beside.map((name) => `\`${name}/\``),
    ];
    expect(named).to.have.length.above(30);
    expect(named.filter((name) => !text.includes(name))).to.deep.equal([]);
  });

  it('docs/README.md and docs/oauth/README.md link to every page beside and below them', () => {
    const missing = (index: string, folder: string, pages: string[]): string[] => {
      const text = readFileSync(index, 'utf8');
      return pages
        .filter((page) => page.endsWith('.md') && page !== 'README.md' && !text.includes(`(${page})`))
        .map((page) => `${folder}/${page}`);
    };
    const guides = readdirSync('docs/guides').map((page) => `guides/${page}`);
    expect([
      ...missing('docs/README.md', 'docs', [...readdirSync('docs'), ...guides]),
      ...missing('docs/oauth/README.md', 'docs/oauth', readdirSync('docs/oauth')),
    ]).to.deep.equal([]);
  });
});
