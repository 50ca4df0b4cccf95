import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

/** Where `scripts/buildExplorer.ts` puts GraphiQL. */
const BUNDLE = fileURLToPath(new URL('../../../explorer/', import.meta.url));

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ttf': 'font/ttf',
  '.html': 'text/html; charset=utf-8',
};

/** Monaco, GraphiQL's editor, writes style elements; its workers come from here; nothing comes from elsewhere. */
const DIRECTIVES = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'worker-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'font-src': ["'self'", 'data:'],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/**
 * GraphiQL at `/explorer`, from files of this very build: for networks in which Sandbox cannot load from its CDN.
 * It speaks to `/graphql` with the browser's session cookie, or with the headers typed into it.
 * @throws Error when the bundle was not built
 */
export async function mountExplorer(app: FastifyInstance): Promise<void> {
  if (!existsSync(BUNDLE)) throw new Error('the explorer is not built: run `npm run build`');
  const securityHeaders = {
    contentSecurityPolicy: { useDefaults: false as const, directives: DIRECTIVES },
  };
  const options = { schema: { hide: true }, config: { generalLimit: false, securityHeaders } };
  for (const name of await readdir(BUNDLE)) {
    const type = MEDIA_TYPES[extname(name)];
    if (type === undefined) continue;
    const path = name === 'index.html' ? '/explorer' : `/explorer/${name}`;
    // Megabytes that few ask for: read with the first request.
    let file: Promise<BundledFile> | null = null;
    app.get(path, options, async (request, reply) => {
      file ??= readBundled(name).catch((error: unknown) => {
        file = null;
        throw error;
      });
      const { content, etag } = await file;
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.headers({ 'content-type': type, etag, 'cache-control': 'no-cache' }).send(content);
    });
  }
}

interface BundledFile {
  readonly content: Buffer;
  readonly etag: string;
}

async function readBundled(name: string): Promise<BundledFile> {
  const content = await readFile(join(BUNDLE, name));
  return { content, etag: `"${createHash('sha256').update(content).digest('base64url')}"` };
}
