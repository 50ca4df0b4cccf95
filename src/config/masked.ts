import { schemaAt, unwrap } from './keys.js';
import type { Config } from './schema.js';

const MASK = '********';

/** The configuration as it may be shown: every secret that is set is replaced by asterisks. */
export function maskSecrets(config: Config): unknown {
  return masked(config, []);
}

function masked(value: unknown, path: readonly PropertyKey[]): unknown {
  const schema = schemaAt(path);
  if (schema && unwrap(schema).secret && value !== undefined) return MASK;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry, index) => masked(entry, [...path, index]));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, masked(part, [...path, name])]),
  );
}
