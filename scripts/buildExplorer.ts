import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

/**
 * Bundles GraphiQL and its workers into dist/explorer, which `/explorer` serves. Does nothing when the sources and the
 * packages are those of the last bundle.
 */
const OUT = 'dist/explorer';
const PAGE = 'src/resolvers/explorer';
const STAMP = `${OUT}/.stamp`;
const PAGE_FILES = ['index.html', 'page.css', 'browser.js'];
const PACKAGES = [
  'graphiql',
  '@graphiql/react',
  'monaco-editor',
  'monaco-graphql',
  'react',
  'react-dom',
  'esbuild',
];

/** What GraphiQL itself depends on is resolved from where it stands. */
const { resolve } = createRequire(createRequire(import.meta.url).resolve('graphiql/package.json'));

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(import.meta.filename));
  for (const name of PAGE_FILES) hash.update(await readFile(`${PAGE}/${name}`));
  for (const name of PACKAGES) {
    const manifest = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8')) as {
      version: string;
    };
    hash.update(`${name}@${manifest.version}`);
  }
  return hash.digest('hex');
}

async function main(): Promise<void> {
  const wanted = await fingerprint();
  const present = await readFile(STAMP, 'utf8').catch(() => null);
  if (present === wanted) return;
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  const common = {
    bundle: true,
    minify: true,
    outdir: OUT,
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
  } as const;
  await Promise.all([
    build({
      ...common,
      entryPoints: { app: `${PAGE}/browser.js` },
      format: 'esm',
      target: 'es2022',
      splitting: true,
      loader: { '.ttf': 'file' },
      chunkNames: 'chunk-[hash]',
      assetNames: '[name]-[hash]',
    }),
    build({
      ...common,
      entryPoints: {
        'editor.worker': resolve('monaco-editor/esm/vs/editor/editor.worker.js'),
        'json.worker': resolve('monaco-editor/esm/vs/language/json/json.worker.js'),
        'graphql.worker': resolve('monaco-graphql/esm/graphql.worker.js'),
      },
      format: 'iife',
    }),
    copyFile(`${PAGE}/index.html`, `${OUT}/index.html`),
    copyFile(`${PAGE}/page.css`, `${OUT}/page.css`),
  ]);
  await writeFile(STAMP, wanted);
}

await main();
