import type { z } from 'zod';
import type { Fault } from './configError.js';
import { schemaAt, typeInWords, unwrap } from './keys.js';
import { suggest } from './suggest.js';

/** Where the value at a path came from: a variable's name or a line of the file. */
export type SourceOf = (path: readonly PropertyKey[]) => string | undefined;

/** `['clients', 0, 'scopes']` becomes `clients[0].scopes`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text ? `${text}.${String(part)}` : String(part);
  }, '');
}

/** The faults that one zod issue stands for: an issue about unknown keys names each of them. */
export function faultsOfIssue(issue: z.core.$ZodIssue, content: unknown, sourceOf: SourceOf): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...issue.path, key], sourceOf));
  }
  const value = valueAt(content, issue.path);
  const fault = { path: pathText(issue.path), source: sourceOf(issue.path) };
  if (value === undefined) return [{ ...fault, message: 'is required' }];
  return [{ ...fault, message: `${expectation(issue)}${gotInstead(value, issue.path)}` }];
}

function unknownKey(path: readonly PropertyKey[], sourceOf: SourceOf): Fault {
  const parent = schemaAt(path.slice(0, -1));
  const inner = parent && (unwrap(parent).inner as z.ZodType);
  const known = inner && 'shape' in inner ? Object.keys(inner.shape as object) : [];
  const meant = suggest(String(path.at(-1)), known);
  const message = meant
    ? `unknown key; did you mean "${meant}"?`
    : `unknown key; known here: ${known.join(', ')}`;
  return { path: pathText(path), source: sourceOf(path), message };
}

function expectation(issue: z.core.$ZodIssue): string {
  // A pattern's own sentence ("must be 32 bytes in base64url") says more than the type.
  if (issue.code === 'invalid_format' && issue.message.startsWith('must ')) return issue.message;
  const schema = schemaAt(issue.path);
  if (!schema) return issue.message;
  const words = typeInWords(schema);
  if (issue.code === 'too_small' && issue.origin === 'array') return 'must not be empty';
  if (/^(one|true)\b/.test(words)) return `must be ${words}`;
  return `must be ${/^[aeio]/.test(words) ? 'an' : 'a'} ${words}`;
}

function gotInstead(value: unknown, path: readonly PropertyKey[]): string {
  const schema = schemaAt(path);
  if (schema && unwrap(schema).secret) return ' (a secret, so what was given is not shown)';
  if (typeof value === 'object' && value !== null)
    return `, got ${Array.isArray(value) ? 'a list' : 'an object'}`;
  const text = JSON.stringify(value) ?? String(value);
  return `, got ${text.length > 120 ? `${text.slice(0, 120)}…` : text}`;
}

/** The value at a path, or undefined. */
export function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    content,
  );
}
