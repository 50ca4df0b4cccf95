import { createRequire } from 'node:module';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { Config } from '../config/schema.js';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

/** The frame of the OpenAPI document; its paths come from the schemas of the routes that the doors mount. */
export function openApiOptions(config: Config): FastifyDynamicSwaggerOptions {
  return {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fieldgate',
        version,
        description:
          'REST and OAuth endpoints. Accounts, clients, roles and policies are managed through GraphQL.',
      },
      servers: [{ url: config.issuer }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          clientBasic: { type: 'http', scheme: 'basic', description: 'RFC 6749 §2.3.1' },
          session: { type: 'apiKey', in: 'cookie', name: 'fieldgate_session' },
        },
      },
    },
  };
}
