import { readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildApi } from '../src/resolvers/api.js';

/** Where the schema of the API stands for people and for codegen. */
export const SCHEMA_FILE = 'src/schema/schema.graphql';

/** The schema as text, in an order that does not depend on how the code is arranged. */
export function schemaText(): string {
  return `${printSchema(lexicographicSortSchema(buildApi().schema))}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const text = schemaText();
  const present = await readFile(SCHEMA_FILE, 'utf8').catch(() => '');
  if (text !== present) await writeFile(SCHEMA_FILE, text);
}
