import { readFileSync, writeFileSync } from 'node:fs';
import { SPECIFICATIONS } from '../test/conformance/specifications.js';
import { conformanceDocument, faultsOf } from './conformance/document.js';
import { collectTitles } from './conformance/titles.js';

const FILE = 'docs/conformance.md';

/**
 * `npm run conformance`: writes docs/conformance.md and fails on a requirement without a test that exists. With `--check`
 * it writes nothing and fails also where the document is out of date.
 */
async function main(check: boolean): Promise<number> {
  const titles = await collectTitles();
  const faults = faultsOf(SPECIFICATIONS, titles);
  for (const fault of faults) console.log(fault);
  const document = conformanceDocument(SPECIFICATIONS, titles);
  const isCurrent = readFileSync(FILE, { encoding: 'utf8', flag: 'a+' }) === document;
  if (check && !isCurrent) console.log(`${FILE} is out of date: run npm run conformance`);
  if (!check) writeFileSync(FILE, document);
  return faults.length > 0 || (check && !isCurrent) ? 1 : 0;
}

process.exitCode = await main(process.argv.includes('--check'));
