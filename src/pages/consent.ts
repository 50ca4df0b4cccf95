import { findConsent, rememberConsent } from '../identity/consents.js';
import type { User } from '../models/user.js';
import {
  accountName,
  backToRequest,
  type Flow,
  findFlow,
  findPerson,
  goOn,
  requestField,
  requestIdOf,
} from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';

/** Without it there is no sign-in at all: who refuses it refuses the app. */
const INDIVISIBLE = 'openid';

/** `/consent?request=…`: what an app may do, each scope by itself. */
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
      const { scopes } = flow.request;
      const isGranted = (scope: string) => scope === INDIVISIBLE || choices.has(`scope.${scope}`);
      const granted = scopes.filter(isGranted);
      if (!choices.has('allow') || granted.length === 0) return goOn(visit, id, { refused: true });
      const refused = scopes.filter((scope) => !isGranted(scope));
      const decision = { userId: user._id, clientId: flow.client._id, granted, refused };
      await rememberConsent(visit.deps, decision, visit.request.origin);
      return goOn(visit, id, { consent: { sessionId: session._id, scopes: granted } });
    },
  },
};

async function formView(visit: Visit, id: string, { request, client }: Flow, user: User): Promise<View> {
  const { deps, form } = visit;
  const before = await findConsent(deps, user._id, client._id);
  const known = deps.policy.current().scopes;
  const row = (scope: string, index: number): Safe => {
    const text = known.get(scope)?.description || scope;
    if (scope === INDIVISIBLE) return html`<p class="choice"><span>${text}</span></p>\n`;
    return html`<div class="choice">
<input type="checkbox" id="scope-${index}" name="${choice(`scope.${scope}`)}" value="1"${
      !before?.refusedScopes.includes(scope) && html` checked`
    }>
<label for="scope-${index}">${text}</label>
</div>
`;
  };
  return {
    title: `Allow ${client.name}?`,
    body: html`<p>You are signed in as <strong>${accountName(user)}</strong>. <strong>${client.name}</strong> asks for your permission.</p>
${form(html`${requestField(id)}
<input type="hidden" name="account" value="${user._id}">
<fieldset>
<legend>It may:</legend>
${request.scopes.map(row)}</fieldset>
<button type="submit" name="${choice('allow')}" value="1">Allow</button>
<button type="submit" class="secondary" name="${choice('refuse')}" value="1">Refuse</button>
<p class="quiet">You can take this back at any time in your account.${termsOf(client)}</p>`)}`,
  };
}

function termsOf({ policyUri, tosUri }: Flow['client']): Safe {
  return html`${policyUri && html` <a href="${policyUri}" rel="noreferrer">Privacy policy of the app</a>.`}${
    tosUri && html` <a href="${tosUri}" rel="noreferrer">Terms of the app</a>.`
  }`;
}
