import { readFileSync, writeFileSync } from 'node:fs';
import { withCommands } from './commandLine/reference.js';

/** `npm run commands`: writes the commands between their markers in docs/command-line.md. */
const FILE = 'docs/command-line.md';
writeFileSync(FILE, withCommands(readFileSync(FILE, 'utf8')));
