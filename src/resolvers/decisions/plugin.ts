import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import type { Deps } from '../../identity/deps.js';
import type { GraphQLContext } from '../context.js';
import type { KeptRefusal } from '../guard/asked.js';
import { DecisionRecorder } from './recorder.js';

/**
 * At the end of a request: keeps what was refused, says where to step up, and adds the explanations that were asked
 * for. A request without refusals and without the header passes untouched.
 */
export function decisionsPlugin({
  config,
  decisions,
}: Pick<Deps, 'config' | 'decisions'>): ApolloServerPlugin<GraphQLContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue, response: { body } }) => {
        const { refusals, watch, origin } = contextValue;
        if (refusals !== undefined) {
          decisions.keep(
            [...refusals.values()].map((refusal) => keptOf(refusal, contextValue, origin.requestId)),
          );
        }
        if (body.kind !== 'single') return;
        const { singleResult } = body;
        if (singleResult.errors !== undefined) {
          singleResult.errors = singleResult.errors.map((error) => withAuthorizeUrl(error, config.issuer));
        }
        if (!(watch instanceof DecisionRecorder)) return;
        const { decisions: explained, leftOut } = watch.explain();
        singleResult.extensions = {
          ...singleResult.extensions,
          decisions: explained,
          ...(leftOut > 0 && { decisionsLeftOut: leftOut }),
        };
      },
    }),
  };
}

/** Everything that decided, and nobody's name. */
function keptOf(
  { id, asked, access, count }: KeptRefusal,
  { principal }: Pick<GraphQLContext, 'principal'>,
  requestId: string,
): Parameters<Deps['decisions']['keep']>[0][number] {
  const { action, subject, field, object } = asked;
  const { decision, decidedBy, rules } = access.explain(action, subject, object, field);
  return {
    _id: id,
    requestId,
    count,
    action,
    subject,
    field,
    code: decision.code,
    leg: decision.leg,
    ruleId: decision.ruleId,
    policyVersion: decision.policyVersion,
    remedy: decision.remedy,
    decidedBy,
    rules: JSON.stringify(rules),
    principalKind: principal.kind,
    roles: [...principal.roles],
    scopes: principal.token && [...principal.token.scopes],
    clientId: principal.token?.clientId ?? null,
    acr: principal.session?.acr ?? null,
  };
}

/** RFC 9470 §4: the values to repeat the authorization request with. */
function withAuthorizeUrl(error: GraphQLFormattedError, issuer: string): GraphQLFormattedError {
  const { extensions } = error;
  if (extensions?.['code'] !== 'STEP_UP_REQUIRED') return error;
  const url = new URL(`${issuer}/oauth/authorize`);
  const { acr_values, max_age } = extensions;
  if (typeof acr_values === 'string') url.searchParams.set('acr_values', acr_values);
  if (typeof max_age === 'number') url.searchParams.set('max_age', String(max_age));
  return { ...error, extensions: { ...extensions, authorizeUrl: url.href } };
}
