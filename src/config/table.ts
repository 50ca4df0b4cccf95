import { CONFIG_KEYS, type ConfigKey, type EntryKey, WELL_KNOWN_NAMES } from './keys.js';

/** The configuration table of the README in Markdown: every key, then the keys of every declared list. */
export function configTable(): string {
  const rows = CONFIG_KEYS.map((key) => [
    code(key.path.join('.')),
    environmentCell(key),
    key.type,
    fallbackCell(key),
    key.description,
  ]);
  const lists = CONFIG_KEYS.filter((key) => key.entryKeys.length > 0);
  return [
    markdown(['key', 'environment', 'type', 'default', 'meaning'], rows),
    ...lists.map((key) => `Each entry of \`${key.path.join('.')}\`:\n\n${entryTable(key.entryKeys)}`),
  ].join('\n\n');
}

function entryTable(keys: readonly EntryKey[]): string {
  const rows = keys.map((key) => [
    code(key.path.join('.')),
    key.type,
    key.required ? 'required' : fallbackCell(key),
    key.description,
  ]);
  return markdown(['key', 'type', 'default', 'meaning'], rows);
}

function environmentCell({ path, env, secret }: ConfigKey): string {
  const short = Object.keys(WELL_KNOWN_NAMES).filter((name) => WELL_KNOWN_NAMES[name] === path.join('.'));
  return [...short, env, ...(secret ? [`${env}_FILE`] : [])].map(code).join('<br>');
}

function fallbackCell({ fallback }: { readonly fallback: unknown }): string {
  if (fallback === undefined) return '';
  return code(typeof fallback === 'string' ? fallback || '""' : JSON.stringify(fallback));
}

function code(text: string): string {
  return `\`${text}\``;
}

function markdown(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}
