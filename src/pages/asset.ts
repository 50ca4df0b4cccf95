import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** A file that pages load: its address changes with its content, so that it is cached for ever. */
export interface Asset {
  readonly path: string;
  readonly type: 'text/css' | 'text/javascript';
  readonly content: string;
}

export function assetOf(type: Asset['type'], content: string): Asset {
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 16);
  return { path: `/pages/${digest}.${type === 'text/css' ? 'css' : 'js'}`, type, content };
}

export function addAsset(app: FastifyInstance, { path, type, content }: Asset): void {
  app.get(path, { schema: { hide: true }, config: { generalLimit: false } }, (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .type(`${type}; charset=utf-8`)
      .send(content),
  );
}
