import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';

/** One import or re-export of a source file. */
export interface SourceImport {
  /** The file it stands in, from the project's root. */
  readonly from: string;
  /** The source file it means, or the name of a package. */
  readonly to: string;
  /** Nothing of it is left after compilation. */
  readonly typesOnly: boolean;
  readonly isPackage: boolean;
}

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

export interface SourceFile extends SourceText {
  readonly imports: readonly SourceImport[];
  /** Every statement hands on what another file exports. */
  readonly isBarrel: boolean;
}

/** Every TypeScript file under a folder. */
export function readTexts(folder: string): SourceText[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
    .sort((left, right) => left.path.localeCompare(right.path));
}

/** Every TypeScript file under a folder with what it imports. */
export function readSources(folder: string): SourceFile[] {
  return readTexts(folder).map(parseSource);
}

function parseSource({ path, text }: SourceText): SourceFile {
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);

  const found: { request: string; typesOnly: boolean }[] = [];
  for (const { moduleRequest, entries } of module.staticImports) {
    const typesOnly = entries.length > 0 && entries.every((entry) => entry.isType);
    found.push({ request: moduleRequest.value, typesOnly });
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries)
      if (moduleRequest) found.push({ request: moduleRequest.value, typesOnly: isType });
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const request = text.slice(moduleRequest.start, moduleRequest.end);
    if (/^['"]/.test(request)) found.push({ request: request.slice(1, -1), typesOnly: false });
  }
  const imports = found.map(({ request, typesOnly }): SourceImport => {
    const isPackage = !request.startsWith('.');
    const to = isPackage
      ? packageName(request)
      : normalize(join(dirname(path), request)).replace(/\.js$/, '.ts');
    return { from: path, to, typesOnly, isPackage };
  });
  const isBarrel =
    program.body.length > 0 &&
    program.body.every(
      (statement) =>
        statement.type === 'ExportAllDeclaration' ||
        (statement.type === 'ExportNamedDeclaration' && statement.source !== null),
    );
  return { path, text, imports, isBarrel };
}

function packageName(request: string): string {
  return request.startsWith('node:')
    ? request
    : request
        .split('/')
        .slice(0, request.startsWith('@') ? 2 : 1)
        .join('/');
}

/** The groups of files that import each other in a circle (Tarjan's strongly connected components), each in some order. */
export function importCycles(files: readonly SourceFile[]): string[][] {
  const edges = new Map(
    files.map((file) => [file.path, file.imports.filter((edge) => !edge.isPackage).map((edge) => edge.to)]),
  );
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];

  const visit = (path: string): void => {
    index.set(path, index.size);
    low.set(path, index.get(path)!);
    stack.push(path);
    for (const next of edges.get(path) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path)!, low.get(next)!));
    }
    if (low.get(path) !== index.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || edges.get(path)?.includes(path)) cycles.push(group);
  };
  for (const path of edges.keys()) if (!index.has(path)) visit(path);
  return cycles;
}
