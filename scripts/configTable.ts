import { readFileSync, writeFileSync } from 'node:fs';
import { withConfigTable } from './configTable/readme.js';

/** `npm run config:table`: writes the configuration table between its markers in README.md. */
writeFileSync('README.md', withConfigTable(readFileSync('README.md', 'utf8')));
