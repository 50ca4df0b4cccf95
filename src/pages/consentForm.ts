import type { Config } from '../config/schema.js';
import { CLAIMS_OF_SCOPE, claimsByName } from '../identity/authorization/claimsRequest.js';
import type { AuthorizationRequest } from '../identity/authorization/request.js';
import type { Consent } from '../models/consent.js';
import type { Policy } from '../policies/rule.js';
import { CLAIM_WORDS } from './claimWords.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';

/** Without it there is no sign-in at all: who refuses it refuses the app. */
export const INDIVISIBLE = 'openid';

/** What each box is called in the form. */
export const boxes = {
  scope: (scope: string) => `scope.${scope}`,
  claim: (claim: string) => `claim.${claim}`,
  details: (index: number) => `details.${index}`,
};

interface Asked {
  readonly request: AuthorizationRequest;
  /** What the person decided before: boxes that they left empty stay empty. */
  readonly before: Consent | null;
  readonly scopes: Policy['scopes'];
  readonly config: Pick<Config, 'authorizationDetailsTypes'>;
}

/** Everything that is asked for, each with a box of its own; it works without scripts. */
export function askedBoxes(asked: Asked): Safe {
  const { request } = asked;
  const byName = [...claimsByName(request)];
  const details = request.authorizationDetails ?? [];
  return html`<fieldset>
<legend>It may:</legend>
${request.scopes.map((scope) => scopeRow(asked, scope))}</fieldset>
${
  byName.length > 0 &&
  html`<fieldset>
<legend>It may also know:</legend>
${byName.map(([claim, { essential }]) => claimRow(asked, claim, essential && ' (the app says that it needs this)'))}</fieldset>
`
}${
  details.length > 0 &&
  html`<fieldset>
<legend>This time, it may:</legend>
${details.map((entry, index) => detailsRow(asked.config, entry, index))}</fieldset>
`
}${
  request.resources &&
  html`<p class="quiet">For use at ${request.resources.map((uri, index) => html`${index > 0 && ', '}<code>${uri}</code>`)}.</p>
`
}`;
}

function scopeRow(asked: Asked, scope: string): Safe {
  const text = asked.scopes.get(scope)?.description || scope;
  if (scope === INDIVISIBLE) return html`<p class="choice"><span>${text}</span></p>\n`;
  const claims = CLAIMS_OF_SCOPE.get(scope) ?? [];
  const row = box(boxes.scope(scope), text, !asked.before?.refusedScopes.includes(scope));
  if (claims.length < 2) return row;
  return html`${row}<details class="parts">
<summary>Choose what exactly<span class="for"> of: ${text}</span></summary>
${claims.map((claim) => claimRow(asked, claim))}</details>
`;
}

function claimRow({ before }: Asked, claim: string, note: string | false = false): Safe {
  const isGranted = !before?.refusedClaims?.includes(claim);
  return box(boxes.claim(claim), html`${CLAIM_WORDS[claim] ?? claim}${note}`, isGranted);
}

/** An entry of `authorization_details`, with a box of its own. Never from memory: each is for itself. */
export function detailsRow(
  config: Asked['config'],
  entry: Readonly<Record<string, unknown>>,
  index: number,
): Safe {
  const declared = config.authorizationDetailsTypes.find(({ type }) => type === entry['type']);
  const rows = (declared?.fields ?? []).flatMap(({ name, label }) => {
    const value = entry[name];
    return value === undefined ? [] : [html`<dt>${label ?? name}</dt><dd>${inWords(value)}</dd>\n`];
  });
  return html`${box(boxes.details(index), declared?.description ?? String(entry['type']), true)}${
    rows.length > 0 && html`<dl class="parts">\n${rows}</dl>\n`
  }`;
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(inWords).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

function box(name: string, text: string | Safe, isTicked: boolean): Safe {
  return html`<div class="choice">
<input type="checkbox" id="${name}" name="${choice(name)}" value="1"${isTicked && html` checked`}>
<label for="${name}">${text}</label>
</div>
`;
}
