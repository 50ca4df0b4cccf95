import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { withCommands } from '../../scripts/commandLine/reference.js';
import { EXIT, EXIT_CODES_HELP } from '../../src/cli/exitCodes.js';

describe('docs/command-line.md', () => {
  const document = readFileSync('docs/command-line.md', 'utf8');

  it('tells every command as the program does (npm run commands)', () => {
    expect(withCommands(document)).to.equal(document);
  });

  it('tells every exit code, and so does the help', () => {
    for (const code of Object.values(EXIT)) {
      expect(document).to.contain(`| ${code} |`);
      expect(EXIT_CODES_HELP).to.match(new RegExp(`^ {2}${code} `, 'm'));
    }
  });
});
