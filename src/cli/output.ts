import { ConfigError } from '../config/configError.js';
import { AppError } from '../errors.js';

/** Prints a result: `value` as one line of JSON, or what people read. */
export function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
}

/** Columns of equal width, for people; no line at all for no rows. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_title, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One `name: value` a line; what is not set is left out. */
export function listing(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .filter(
      ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
    )
    .map(([name, value]) => `${name}: ${cell(value)}`)
    .join('\n');
}

/** A value in a column. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(cell).join(', ') || '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What went wrong, on standard error; standard output holds results only. */
export function printError(error: unknown, json: boolean): void {
  const message = messageOf(error);
  const code = error instanceof AppError ? error.code : error instanceof ConfigError ? 'CONFIG' : 'FAILED';
  process.stderr.write(`${json ? JSON.stringify({ error: { code, message } }) : message}\n`);
}

/** Operators are told the private detail too: nobody else reads this terminal. */
function messageOf(error: unknown): string {
  if (!(error instanceof AppError)) return error instanceof Error ? error.message : String(error);
  const { path, publicMessage, message } = error;
  return [path?.join('.'), publicMessage, message].filter(Boolean).join(': ');
}
