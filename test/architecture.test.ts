import { expect } from 'chai';
import { importCycles, readSources, type SourceFile, type SourceImport } from './support/sourceGraph.js';

/** What a folder may import beside itself: wholly, or its types only. `identity/ports` stands for the one file. */
interface Rule {
  readonly values: readonly string[];
  readonly types?: readonly string[];
}

const DOOR: Rule = {
  values: ['errors', 'http', 'identity', 'models', 'policies'],
  types: ['config', 'stores'],
};

/** The import rules of docs/architecture.md; anyone may know the `version`. `app`, `house`, `main`, `process` and `cli` are not listed: they may import everything. */
const RULES: Readonly<Record<string, Rule>> = {
  errors: { values: [] },
  version: { values: [] },
  config: { values: ['errors'] },
  models: { values: ['errors'] },
  policies: { values: ['errors'], types: ['models'] },
  stores: { values: ['errors', 'config'], types: ['identity/ports'] },
  identity: { values: ['errors', 'models', 'policies'], types: ['stores', 'config'] },
  schema: { values: ['errors', 'policies'], types: ['models'] },
  observability: { values: ['errors', 'identity'], types: ['config'] },
  http: { values: ['errors', 'identity'], types: ['config'] },
  resolvers: { ...DOOR, values: [...DOOR.values, 'schema'] },
  oauth: DOOR,
  rest: DOOR,
  pages: DOOR,
};

const EVERYTHING = ['app', 'house', 'main', 'process', 'cli'];

/** Packages that only these folders may use at run time. */
const RESERVED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  mongoose: ['models', 'stores'],
  mongodb: ['stores'],
  ioredis: ['stores'],
  graphql: ['schema', 'resolvers'],
  'type-graphql': ['schema', 'resolvers'],
  '@apollo/server': ['resolvers'],
};

const MODEL_WRITE =
  /\bmodels\.\w+\s*\.(create|insertMany|insertOne|update\w*|replaceOne|findOneAnd\w+|findByIdAnd\w+|delete\w*|bulkWrite)\(/;

const folderOf = (path: string): string => path.split('/')[1]?.replace(/\.ts$/, '') ?? '';

const line = ({ from, to, typesOnly }: SourceImport): string =>
  `${from} -> ${to}${typesOnly ? ' (types)' : ''}`;

function isAllowed(edge: SourceImport): boolean {
  const from = folderOf(edge.from);
  const to = folderOf(edge.to);
  if (from === to || to === 'version' || EVERYTHING.includes(from)) return true;
  const rule = RULES[from];
  if (!rule) return false;
  if (rule.values.includes(to)) return true;
  const file = edge.to.replace(/^src\//, '').replace(/\.ts$/, '');
  return edge.typesOnly && (rule.types ?? []).some((allowed) => allowed === to || allowed === file);
}

describe('the architecture', () => {
  let sources: SourceFile[];
  let imports: SourceImport[];
  before(() => {
    sources = readSources('src');
    imports = sources.flatMap((file) => file.imports);
    // The rules below would hold of nothing at all.
    expect(imports.filter((edge) => !edge.isPackage)).to.have.length.above(20);
  });

  it('gives every folder of src a rule', () => {
    const folders = new Set(sources.map((file) => folderOf(file.path)));
    expect([...folders].filter((folder) => !(folder in RULES) && !EVERYTHING.includes(folder))).to.deep.equal(
      [],
    );
  });

  it('lets every folder import only what its rule names', () => {
    const faults = imports.filter((edge) => !edge.isPackage && !isAllowed(edge));
    expect(faults.map(line)).to.deep.equal([]);
  });

  it('has no import cycle, not even of types or inside a folder', () => {
    expect(importCycles(sources).map((cycle) => cycle.join(' <-> '))).to.deep.equal([]);
  });

  it('keeps the databases in models and stores, and GraphQL in schema and resolvers', () => {
    const faults = imports.filter((edge) => {
      const folders = RESERVED_PACKAGES[edge.to];
      return edge.isPackage && !edge.typesOnly && folders && !folders.includes(folderOf(edge.from));
    });
    expect(faults.map(line)).to.deep.equal([]);
  });

  it('reads the environment in config only', () => {
    const readers = sources.filter((file) => /\bprocess\s*(\.|\[['"])\s*env\b/.test(file.text));
    expect(readers.map((file) => file.path).filter((path) => folderOf(path) !== 'config')).to.deep.equal([]);
  });

  it('writes to models from identity, never from a door', () => {
    const doors = ['resolvers', 'oauth', 'rest', 'pages', 'http'];
    const writers = sources.filter(
      (file) => doors.includes(folderOf(file.path)) && MODEL_WRITE.test(file.text),
    );
    expect(writers.map((file) => file.path)).to.deep.equal([]);
  });

  it('has no barrel files', () => {
    const barrels = sources.filter((file) => file.isBarrel || file.path.endsWith('/index.ts'));
    expect(barrels.map((file) => file.path)).to.deep.equal([]);
  });

  it('keeps source files under 400 lines', () => {
    const long = sources.filter(
      (file) => !file.path.includes('/generated/') && file.text.split('\n').length > 400,
    );
    expect(long.map((file) => file.path)).to.deep.equal([]);
  });
});
