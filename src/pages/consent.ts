import { CLAIMS_OF_SCOPE, claimsByName, claimsRefusedWith } from '../identity/authorization/claimsRequest.js';
import type { AuthorizationRequest, Granted } from '../identity/authorization/request.js';
import { type ConsentDecision, findConsent, rememberConsent } from '../identity/consents.js';
import type { User } from '../models/user.js';
import { askedBoxes, boxes, INDIVISIBLE } from './consentForm.js';
import {
  accountName,
  backToRequest,
  type Flow,
  findFlow,
  findPerson,
  goOn,
  receiverOf,
  requestField,
  requestIdOf,
} from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';

/** `/consent?request=…`: what an app may do and know, each scope and each claim by itself. */
export const consentPage: Page<'request' | 'account'> = {
  path: '/consent',

  async show(visit) {
    const id = requestIdOf(visit.request);
    const flow = await findFlow(visit, id);
    const person = await findPerson(visit);
    return person ? formView(visit, id, flow, person.user) : backToRequest(visit, id);
  },

  submission: {
    fields: ['request', 'account'],
    limit: 'general',
    async handle(visit, { request: id, account }, choices) {
      const flow = await findFlow(visit, id);
      const person = await findPerson(visit);
      if (!person) return backToRequest(visit, id);
      const { user, session } = person;
      // Another tab signed somebody else in: nobody decides for them.
      if (account !== user._id) return formView(visit, id, flow, user);
      const { granted, decision } = readDecision(flow.request, choices);
      const nothing = granted.scopes.length === 0 && granted.authorizationDetails.length === 0;
      if (!choices.has('allow') || nothing) return goOn(visit, id, { refused: true });
      const between = { userId: user._id, clientId: flow.client._id };
      const decided = { ...between, ...decision };
      const consentRevision = await rememberConsent(visit.deps, decided, visit.request.origin);
      return goOn(visit, id, { consent: { sessionId: session._id, ...granted, consentRevision } });
    },
  },
};

/** What the ticked boxes mean. Only what was asked for counts, whatever boxes the form claims to have had. */
function readDecision(
  request: AuthorizationRequest,
  choices: ReadonlySet<string>,
): { granted: Granted; decision: Omit<ConsentDecision, 'userId' | 'clientId'> } {
  const isGranted = (scope: string) => scope === INDIVISIBLE || choices.has(boxes.scope(scope));
  const scopes = request.scopes.filter(isGranted);
  const byName = [...claimsByName(request).keys()];
  const parts = scopes.flatMap((scope) => partsOf(scope));
  const isTicked = (claim: string) => choices.has(boxes.claim(claim));
  const refusedClaims = [...parts, ...byName].filter((claim) => !isTicked(claim));
  return {
    granted: {
      scopes,
      refusedClaims: [...refusedClaims, ...claimsRefusedWith(request, scopes)],
      authorizationDetails: (request.authorizationDetails ?? []).filter((_entry, index) =>
        choices.has(boxes.details(index)),
      ),
    },
    decision: {
      granted: scopes,
      refused: request.scopes.filter((scope) => !isGranted(scope)),
      grantedClaims: [...parts, ...byName].filter(isTicked),
      refusedClaims,
    },
  };
}

/** The claims of a scope that have boxes of their own: of one alone, the scope's box is its box. */
function partsOf(scope: string): readonly string[] {
  const claims = CLAIMS_OF_SCOPE.get(scope) ?? [];
  return claims.length > 1 ? claims : [];
}

async function formView(visit: Visit, id: string, { request, client }: Flow, user: User): Promise<View> {
  const { deps, form } = visit;
  const before = await findConsent(deps, user._id, client._id);
  const asked = { request, before, scopes: deps.policy.current().scopes, config: deps.config };
  return {
    title: `Allow ${client.name}?`,
    body: html`<p>You are signed in as <strong>${accountName(user)}</strong>. <strong>${client.name}</strong> asks for your permission; you then go on to <strong>${receiverOf(request.redirectUri)}</strong>.</p>
${form(html`${requestField(id)}
<input type="hidden" name="account" value="${user._id}">
${askedBoxes(asked)}<button type="submit" name="${choice('allow')}" value="1">Allow</button>
<button type="submit" class="secondary" name="${choice('refuse')}" value="1">Refuse</button>
<p class="quiet">You can take this back at any time in your account.${termsOf(client)}</p>`)}`,
  };
}

function termsOf({ policyUri, tosUri }: Flow['client']): Safe {
  return html`${policyUri && html` <a href="${policyUri}" rel="noreferrer">Privacy policy of the app</a>.`}${
    tosUri && html` <a href="${tosUri}" rel="noreferrer">Terms of the app</a>.`
  }`;
}
