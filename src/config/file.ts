import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Fault } from './configError.js';

/** What a configuration file says, before anything is checked. */
export interface ConfigFile {
  readonly content: unknown;
  readonly faults: readonly Fault[];
  /** "fieldgate.yaml:12", the place of the value in the file; undefined for what is not in it. */
  readonly placeOf: (path: readonly PropertyKey[]) => string | undefined;
}

/** The absence of a file: everything comes from the environment and the defaults. */
const NO_FILE: ConfigFile = { content: {}, faults: [], placeOf: () => undefined };

/**
 * Reads a YAML file. A file that cannot be read or parsed is a fault, with line and column where YAML knows them;
 * only a missing file that nobody asked for (`mayBeMissing`) is not.
 */
export function readConfigFile(file: string, mayBeMissing: boolean): ConfigFile {
  const name = basename(file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && mayBeMissing) return NO_FILE;
    return {
      ...NO_FILE,
      faults: [{ path: '', message: `cannot read the file ${file}: ${code ?? String(error)}` }],
    };
  }
  return parse(name, text);
}

function parse(name: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { path: '', source: `${name}:${line}:${col}`, message: error.message };
  });
  if (faults.length > 0) return { ...NO_FILE, faults };

  const content: unknown = document.toJS() ?? {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    return { ...NO_FILE, faults: [{ path: '', source: name, message: 'must hold keys and values' }] };
  }
  return {
    content: withoutNothing(content),
    faults,
    placeOf: (path) => {
      const node = document.getIn(path as Iterable<unknown>, true);
      return isNode(node) && node.range ? `${name}:${lines.linePos(node.range[0]).line}` : undefined;
    },
  };
}

/** A key without a value ("tokens:" with everything under it commented out) is an absent one; lists stay as they are. */
function withoutNothing(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(given.map(([name, part]) => [name, withoutNothing(part)]));
}
