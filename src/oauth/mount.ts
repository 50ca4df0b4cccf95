import type { FastifyInstance } from 'fastify';
import { basePathOf } from '../http/basePath.js';
import type { Deps } from '../identity/deps.js';
import { authorizeEndpoint } from './authorize/authorizeEndpoint.js';
import { resumeEndpoint } from './authorize/resumeEndpoint.js';
import { deviceAuthorizationEndpoint } from './deviceAuthorizationEndpoint.js';
import { discoveryEndpoints } from './discoveryEndpoints.js';
import { type Endpoint, mountEndpoint } from './endpoint.js';
import { addOAuthErrors } from './errors.js';
import { introspectionEndpoint } from './introspectionEndpoint.js';
import { jwksEndpoint } from './jwksEndpoint.js';
import { logoutEndpoint } from './logoutEndpoint.js';
import { parEndpoint } from './parEndpoint.js';
import { registrationEndpoint } from './registration/registrationEndpoint.js';
import { registrationManagementEndpoint } from './registration/registrationManagementEndpoint.js';
import { revocationEndpoint } from './revocationEndpoint.js';
import { tokenEndpoint } from './tokenEndpoint.js';
import { userinfoEndpoint } from './userinfoEndpoint.js';

/** The authorization server. What stands here is mounted, documented and discovered; a new endpoint is one line. */
const ENDPOINTS: readonly Endpoint[] = [
  authorizeEndpoint,
  parEndpoint,
  resumeEndpoint,
  deviceAuthorizationEndpoint,
  tokenEndpoint,
  revocationEndpoint,
  introspectionEndpoint,
  userinfoEndpoint,
  jwksEndpoint,
  logoutEndpoint,
  registrationEndpoint,
  registrationManagementEndpoint,
];

/**
 * Mounts every OAuth endpoint with OAuth's own errors. An issuer with a path (`https://example.com/id`) is served with
 * and without it, so that a proxy may strip the path or not.
 */
export async function mountOAuth(app: FastifyInstance, deps: Deps): Promise<void> {
  await app.register((scope, _options, done) => {
    addOAuthErrors(scope, deps.logger);
    // The schemas are documentation: OAuth refuses in its own words, and no answer may lose a field on its way out.
    scope.setValidatorCompiler(() => () => true);
    scope.setSerializerCompiler(() => (data) => JSON.stringify(data));

    const path = basePathOf(deps.config);
    const endpoints = ENDPOINTS.filter((endpoint) => endpoint.isOn?.(deps.config) ?? true);
    const discovery = discoveryEndpoints(deps.config.issuer, endpoints);
    const mounted = new Map([...endpoints, ...discovery].map((endpoint) => [endpoint.path, endpoint]));
    for (const endpoint of endpoints) aliases(mounted, endpoint, `${path}${endpoint.path}`);
    for (const endpoint of discovery) aliases(mounted, endpoint, endpoint.path.replace(path, ''));
    for (const endpoint of mounted.values()) mountEndpoint(scope, deps, endpoint);
    done();
  });
}

function aliases(mounted: Map<string, Endpoint>, endpoint: Endpoint, path: string): void {
  if (mounted.has(path)) return;
  // Documented once, under its own path.
  mounted.set(path, { ...endpoint, path, schema: { ...endpoint.schema, hide: true } });
}
