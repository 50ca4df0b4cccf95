import type { FastifyInstance } from 'fastify';
import type { Deps } from '../identity/deps.js';
import type { Catalog } from '../policies/catalog.js';
import { addAuditTrail } from './auditTrail.js';
import { addGatewayValidation } from './gateway.js';
import { addMe } from './me.js';
import { addOpenApi } from './openApi.js';
import { addRegistration } from './registration.js';
import { addSignIn } from './signIn.js';
import { addSignOut } from './signOut.js';

/** Mounts `/auth/*`, `/audit/events/*` and `/openapi.json`. `catalog`: the subjects and fields that the policy speaks of. */
export async function mountRest(app: FastifyInstance, deps: Deps, catalog: Catalog): Promise<void> {
  await app.register((scope, _options, done) => {
    addRegistration(scope, deps);
    addSignIn(scope, deps);
    addSignOut(scope, deps, catalog);
    addGatewayValidation(scope, deps);
    addMe(scope, deps, catalog);
    addAuditTrail(scope, deps, catalog);
    addOpenApi(scope);
    done();
  });
}
