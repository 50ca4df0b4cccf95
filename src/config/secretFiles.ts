import type { Fault } from './configError.js';
import { fileText } from './environment.js';
import { pathText, type SourceOf } from './issues.js';
import { schemaAt, unwrap } from './keys.js';

/** Puts the text of the file in the place of every `{ file: path }` that stands where a secret belongs. */
export function readSecretFiles(
  content: object,
  placeOf: SourceOf,
  above: readonly PropertyKey[] = [],
): Fault[] {
  return Object.entries(content).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null) return [];
    const path = [...above, Array.isArray(content) ? Number(name) : name];
    const file = fileOf(value);
    const schema = schemaAt(path);
    if (file === undefined || !schema || !unwrap(schema).secret) return readSecretFiles(value, placeOf, path);
    try {
      Reflect.set(content, name, fileText(file));
      return [];
    } catch (error) {
      Reflect.deleteProperty(content, name);
      return [{ path: pathText(path), source: placeOf(path), message: (error as Error).message }];
    }
  });
}

function fileOf(value: object): string | undefined {
  const file: unknown = 'file' in value && Object.keys(value).length === 1 ? value.file : undefined;
  return typeof file === 'string' ? file : undefined;
}
