import type { z } from 'zod';
import { configSchema } from './schema.js';

type AnySchema = z.core.$ZodType;

/** How the text of an environment variable is read: `json` for what text cannot say otherwise. */
export type KeyKind = 'string' | 'number' | 'boolean' | 'list' | 'json';

/** One configuration key: a leaf of the schema, or a list of objects as a whole. */
export interface ConfigKey {
  readonly path: readonly string[];
  /** Its environment variable. */
  readonly env: string;
  readonly kind: KeyKind;
  /** "positive integer", "one of RS256, PS256". */
  readonly type: string;
  readonly description: string;
  /** Undefined: no default. */
  readonly fallback: unknown;
  readonly secret: boolean;
  /** The keys of one entry, when the value is a list of objects. */
  readonly entryKeys: readonly EntryKey[];
}

/** A key inside the entries of a list: `clients[].clientId`. */
export type EntryKey = Pick<ConfigKey, 'path' | 'type' | 'description' | 'fallback' | 'secret'> & {
  readonly required: boolean;
};

/** Well-known names that mean one key each; the key's own `FIELDGATE_…` name wins over them. */
export const WELL_KNOWN_NAMES: Readonly<Record<string, string>> = {
  MONGODB_URI: 'stores.mongodbUri',
  REDIS_URL: 'stores.redisUrl',
  PORT: 'listen.port',
  HOST: 'listen.host',
  ISSUER: 'issuer',
  LOG_LEVEL: 'logging.level',
  NODE_ENV: 'environment',
};

/** The schema without its wrappers, with what the wrappers say. */
export function unwrap(schema: AnySchema): {
  inner: AnySchema;
  description: string;
  fallback: unknown;
  optional: boolean;
  secret: boolean;
} {
  let inner = schema as z.ZodType;
  let description: string | undefined;
  let fallback: unknown;
  let optional = false;
  let secret = false;
  for (;;) {
    const meta = inner.meta();
    description ??= meta?.description;
    secret ||= meta?.['secret'] === true;
    const def = inner.def as { type: string; innerType?: z.ZodType; defaultValue?: unknown };
    if (!def.innerType) return { inner, description: description ?? '', fallback, optional, secret };
    if (def.type === 'optional' || def.type === 'default' || def.type === 'prefault') optional = true;
    if (def.type === 'default') fallback = def.defaultValue;
    inner = def.innerType;
  }
}

/** Every key that can be configured, in the order of the schema. */
export const CONFIG_KEYS: readonly ConfigKey[] = leaves(configSchema, []);

/** The schema at a path of the value; list indexes count as path parts. Undefined where the schema knows no such place. */
export function schemaAt(path: readonly PropertyKey[]): AnySchema | undefined {
  let schema: AnySchema | undefined = configSchema;
  for (const part of path) {
    if (!schema) return undefined;
    const { inner } = unwrap(schema);
    if (isObject(inner)) schema = inner.shape[String(part)];
    else schema = isArray(inner) ? inner.element : undefined;
  }
  return schema;
}

/** `tokens.accessTokenTtlSeconds` becomes `FIELDGATE_TOKENS_ACCESS_TOKEN_TTL_SECONDS`. */
export function environmentName(path: readonly string[]): string {
  const snake = path.map((part) => part.replace('KiB', 'Kib').replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2'));
  return `FIELDGATE_${snake.join('_').toUpperCase()}`;
}

/** What a value must be, in words, from the schema's own checks. */
export function typeInWords(schema: AnySchema): string {
  const { inner } = unwrap(schema);
  if (isArray(inner)) return isObject(unwrap(inner.element).inner) ? 'list of objects' : 'list of strings';
  if (isNumber(inner)) return numberInWords(inner);
  const { type } = (inner as z.ZodType).def;
  if (type === 'enum') return `one of ${(inner as z.ZodEnum).options.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'record') return 'object';
  if (type === 'string') return stringInWords(inner as z.ZodString);
  return type;
}

function leaves(schema: AnySchema, path: readonly string[]): ConfigKey[] {
  const { inner, ...told } = unwrap(schema);
  if (isObject(inner))
    return Object.entries(inner.shape).flatMap(([name, part]) => leaves(part, [...path, name]));
  const kind = kindOf(inner);
  return [
    {
      path,
      env: environmentName(path),
      kind,
      type: typeInWords(inner),
      description: told.description,
      fallback: told.fallback,
      secret: told.secret,
      entryKeys: kind === 'json' && isArray(inner) ? entryKeys(inner.element, []) : [],
    },
  ];
}

function entryKeys(schema: AnySchema, path: readonly string[]): EntryKey[] {
  const { inner, optional, ...told } = unwrap(schema);
  if (isObject(inner))
    return Object.entries(inner.shape).flatMap(([name, part]) => entryKeys(part, [...path, name]));
  const row: EntryKey = { ...told, path, type: typeInWords(inner), required: !optional };
  if (!isArray(inner) || !isObject(unwrap(inner.element).inner)) return [row];
  const last = path.at(-1) ?? '';
  return [row, ...entryKeys(inner.element, [...path.slice(0, -1), `${last}[]`])];
}

function kindOf(inner: AnySchema): KeyKind {
  if (isNumber(inner)) return 'number';
  if (isArray(inner)) return isObject(unwrap(inner.element).inner) ? 'json' : 'list';
  return (inner as z.ZodType).def.type === 'boolean' ? 'boolean' : 'string';
}

function numberInWords(schema: z.ZodNumber): string {
  const { minValue, maxValue } = schema;
  const noun = schema.isInt ? 'integer' : 'number';
  const least = minValue !== null && minValue > Number.MIN_SAFE_INTEGER ? minValue : null;
  const most = maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER ? maxValue : null;
  if (least !== null && most !== null) return `${noun} from ${least} to ${most}`;
  if (least === 0 && !schema.safeParse(0).success) return `positive ${noun}`;
  return least === null ? noun : `${noun} of at least ${least}`;
}

function stringInWords(schema: z.ZodString): string {
  const formats = (schema.def.checks ?? []).map((check) => (check as { format?: string }).format ?? '');
  if (formats.includes('url')) return 'absolute URL';
  if (formats.includes('email')) return 'e-mail address';
  const { minLength } = schema;
  return minLength !== null && minLength > 1 ? `string of at least ${minLength} characters` : 'string';
}

function isObject(schema: AnySchema): schema is z.ZodObject {
  return (schema as z.ZodType).def.type === 'object';
}

function isArray(schema: AnySchema): schema is z.ZodArray {
  return (schema as z.ZodType).def.type === 'array';
}

function isNumber(schema: AnySchema): schema is z.ZodNumber {
  return (schema as z.ZodType).def.type === 'number';
}
