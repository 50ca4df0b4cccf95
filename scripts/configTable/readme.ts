import { configTable } from '../../src/config/table.js';

const START = '<!-- config:start (npm run config:table) -->';
const END = '<!-- config:end -->';

/** The README with the table as the schema says it now. @throws Error when the markers are not there */
export function withConfigTable(readme: string): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < start) throw new Error(`README.md lacks ${START} … ${END}`);
  return `${readme.slice(0, start)}${START}\n${configTable()}\n${readme.slice(end)}`;
}
