import type { FastifyInstance } from 'fastify';
import { type Config, configSchema } from '../../src/config/schema.js';
import { createHttpServer } from '../../src/http/server.js';
import type { EphemeralStore } from '../../src/stores/ephemeral.js';
import { createInProcessStore } from '../../src/stores/inProcess.js';

export interface Line {
  level: string;
  fields: Record<string, unknown>;
  message: string;
}

/** The HTTP server alone, with the given configuration and routes. `lines`: what it logged. */
export async function startHttpServer(
  options: {
    config?: Record<string, unknown>;
    routes?: (app: FastifyInstance, config: Config) => void;
    ephemeral?: EphemeralStore;
    drainMilliseconds?: number;
  } = {},
): Promise<{ app: FastifyInstance; url: string; lines: Line[]; close: () => Promise<void> }> {
  const config = configSchema.parse({ rateLimits: { enabled: false }, ...options.config });
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: fields as Record<string, unknown>, message });
  };
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const ephemeral = options.ephemeral ?? createInProcessStore();
  const { drainMilliseconds } = options;
  const app = await createHttpServer(
    { config, ephemeral, logger },
    { ...(drainMilliseconds !== undefined && { drainMilliseconds }) },
  );
  options.routes?.(app, config);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    url,
    lines,
    close: async () => {
      await app.close();
      await ephemeral.close();
    },
  };
}
