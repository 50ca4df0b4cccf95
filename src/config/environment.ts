import { readFileSync } from 'node:fs';
import type { Fault } from './configError.js';
import { CONFIG_KEYS, type ConfigKey, type KeyKind, WELL_KNOWN_NAMES } from './keys.js';
import { suggest } from './suggest.js';

/** A value that the environment gives to a key. */
export interface EnvironmentValue {
  readonly key: ConfigKey;
  /** The variable that gave it. */
  readonly name: string;
  readonly value: unknown;
}

/** Names under our prefix that are no key: the file's own, and what Kubernetes sets for a service called `fieldgate`. */
const NOT_A_KEY = /^FIELDGATE_(CONFIG|SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP)\w*)?)$/;

/**
 * What the environment says: each key's `FIELDGATE_…` name, its `…_FILE` when the key is a secret, and the
 * well-known names, in this order of strength. An empty variable counts as absent.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): {
  values: EnvironmentValue[];
  faults: Fault[];
} {
  const faults: Fault[] = [];
  const values: EnvironmentValue[] = [];
  for (const key of CONFIG_KEYS) {
    const given = namesOf(key).find((name) => env[name]);
    if (!given) continue;
    const text = env[given] ?? '';
    try {
      values.push({
        key,
        name: given,
        value: given.endsWith('_FILE') ? fileText(text) : READERS[key.kind](text),
      });
    } catch (error) {
      faults.push({ path: key.path.join('.'), source: given, message: (error as Error).message });
    }
  }
  return {
    // Test runners set NODE_ENV=test; it means nothing here.
    values: values.filter(({ name, value }) => name !== 'NODE_ENV' || value !== 'test'),
    faults: [...faults, ...unknownNames(env)],
  };
}

/** The text of a secret's file without its last line break. @throws Error that names the file */
export function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(
      `cannot read the file ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      {
        cause: error,
      },
    );
  }
}

function namesOf(key: ConfigKey): string[] {
  const path = key.path.join('.');
  const wellKnown = Object.keys(WELL_KNOWN_NAMES).filter((name) => WELL_KNOWN_NAMES[name] === path);
  const names = [key.env, ...wellKnown];
  return key.secret ? names.flatMap((name) => [name, `${name}_FILE`]) : names;
}

const BOOLEANS = new Map([
  ...['true', '1', 'yes', 'on'].map((text) => [text, true] as const),
  ...['false', '0', 'no', 'off'].map((text) => [text, false] as const),
]);

/** How a text is read. One that stands for no value of the kind is handed on for the schema to refuse. */
const READERS: Readonly<Record<KeyKind, (text: string) => unknown>> = {
  string: (text) => text,
  number: (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text),
  boolean: (text) => BOOLEANS.get(text.toLowerCase()) ?? text,
  list: (text) => (text.trimStart().startsWith('[') ? fromJson(text) : commaSeparated(text)),
  json: fromJson,
};

function commaSeparated(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter(Boolean);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error('must be a JSON list', { cause: error });
  }
}

function unknownNames(env: NodeJS.ProcessEnv): Fault[] {
  const known = new Set(CONFIG_KEYS.flatMap(namesOf));
  return Object.keys(env)
    .filter((name) => name.startsWith('FIELDGATE_') && !known.has(name) && !NOT_A_KEY.test(name))
    .map((name) => {
      const meant = suggest(name, known);
      return {
        path: name,
        message: `unknown environment variable${meant ? `; did you mean ${meant}?` : ''}`,
      };
    });
}
