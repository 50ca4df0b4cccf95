import { basePathOf } from '../http/basePath.js';
import { readBrowserKey } from '../http/cookies.js';
import { endPending, findPending, noteDeviceClient } from '../identity/authorization/pending.js';
import { decideDevice, findWaitingDevice } from '../identity/device/decideDevice.js';
import { showUserCode } from '../identity/device/userCode.js';
import { describeDevice } from '../identity/sessions/device.js';
import { reachesDemanded } from '../identity/signIn/demandedAcr.js';
import type { Client } from '../models/client.js';
import type { DeviceAuthorization } from '../models/deviceAuthorization.js';
import type { Session } from '../models/session.js';
import type { User } from '../models/user.js';
import { boxes, detailsRow, INDIVISIBLE } from './consentForm.js';
import {
  accountName,
  DEVICE_CONFIRM_PATH,
  findPerson,
  onwards,
  pageAddress,
  requestField,
  requestIdOf,
} from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';

interface Person {
  readonly user: User;
  readonly session: Session;
}

interface Waiting {
  readonly userCode: string;
  readonly authorization: DeviceAuthorization;
  readonly client: Client;
}

/** `/device/confirm?request=…`: which app on which device wants what; a person says yes or no (RFC 8628 §3.3). */
export const deviceConfirmPage: Page<'request' | 'account'> = {
  path: DEVICE_CONFIRM_PATH,

  async show(visit) {
    const id = requestIdOf(visit.request);
    const userCode = await readErrand(visit, id);
    const person = await findPerson(visit);
    if (!person) return onwards(pageAddress(visit, '/sign-in', id));
    const waiting = await findWaiting(visit, userCode, person.user);
    if (!waiting) return nothingWaits(visit);
    if (isTooWeak(visit, person, waiting.client)) return toSignIn(visit, id, waiting.client);
    return formView(visit, id, waiting, person.user);
  },

  submission: {
    fields: ['request', 'account'],
    limit: 'general',
    async handle(visit, { request: id, account }, choices) {
      const { deps, request } = visit;
      const userCode = await readErrand(visit, id);
      const person = await findPerson(visit);
      if (!person) return onwards(pageAddress(visit, '/sign-in', id));
      const { user, session } = person;
      const waiting = await findWaiting(visit, userCode, user);
      if (!waiting) return nothingWaits(visit);
      // Another tab signed somebody else in: nobody decides for them.
      if (account !== user._id) return formView(visit, id, waiting, user);
      const { authorization, client } = waiting;
      const chosen = authorization.scopes.filter(
        (scope) => scope === INDIVISIBLE || choices.has(boxes.scope(scope)),
      );
      const granted = choices.has('allow') ? chosen : [];
      if (granted.length > 0 && isTooWeak(visit, person, client)) return toSignIn(visit, id, client);
      const grantedDetails = detailsOf(authorization).filter((_entry, index) =>
        choices.has(boxes.details(index)),
      );
      await decideDevice(deps, { authorization, session, granted, grantedDetails }, request.origin);
      await endPending(deps, 'device', id);
      return granted.length > 0 ? connected(client) : refused();
    },
  },
};

const detailsOf = ({ authorizationDetails }: DeviceAuthorization) => authorizationDetails ?? [];

function isTooWeak({ deps }: Visit, { user, session }: Person, client: Client): boolean {
  return !reachesDemanded(deps, user, session, client._id);
}

/** Raises the sign-in to what the app demands, and comes back. */
async function toSignIn(visit: Visit, id: string, client: Client): Promise<View> {
  const { deps, request } = visit;
  await noteDeviceClient(deps, id, readBrowserKey(request, deps.config), client._id);
  return onwards(pageAddress(visit, '/sign-in', id));
}

/** @throws AppError INVALID_GRANT when no code was typed in this browser under the id */
async function readErrand({ deps, request }: Visit, id: string): Promise<string> {
  const { userCode } = await findPending(deps, 'device', id, readBrowserKey(request, deps.config));
  return userCode;
}

async function findWaiting({ deps }: Visit, userCode: string, user: User): Promise<Waiting | null> {
  const authorization = await findWaitingDevice(deps, userCode, user._id);
  const client =
    authorization &&
    (await deps.models.clients.findOne({ _id: authorization.clientId, status: 'active' }).lean<Client>());
  return client ? { userCode, authorization, client } : null;
}

/** One text, whether the code never was, is over, or was decided upon. */
function nothingWaits({ deps }: Visit): View {
  return {
    status: 400,
    title: 'No device waits under this code',
    body: html`<p>It may be mistyped, used already, or too old. Look at your device again: it may show another one by now.</p>
<p class="below"><a href="${basePathOf(deps.config)}/device">Type a code</a></p>`,
  };
}

function formView(visit: Visit, id: string, waiting: Waiting, user: User): View {
  const { deps, form } = visit;
  const { userCode, authorization, client } = waiting;
  const known = deps.policy.current().scopes;
  const details = detailsOf(authorization);
  const row = (scope: string, index: number): Safe => {
    const text = known.get(scope)?.description || scope;
    if (scope === INDIVISIBLE) return html`<p class="choice"><span>${text}</span></p>\n`;
    return html`<div class="choice">
<input type="checkbox" id="scope-${index}" name="${choice(boxes.scope(scope))}" value="1" checked>
<label for="scope-${index}">${text}</label>
</div>
`;
  };
  return {
    title: `Connect ${client.name}?`,
    body: html`<p>You are signed in as <strong>${accountName(user)}</strong>. A device with <strong>${client.name}</strong> asks for your permission.</p>
<dl class="facts">
<dt>Code</dt><dd><strong class="code">${showUserCode(userCode)}</strong></dd>
<dt>Device</dt><dd>${describeDevice(authorization.userAgent).name}</dd>
<dt>Address of the device</dt><dd>${authorization.address}</dd>
</dl>
<p><strong>Does your device show this code, and did you start this yourself?</strong> If somebody sent you the code, refuse: they would get into your account.</p>
${form(html`${requestField(id)}
<input type="hidden" name="account" value="${user._id}">
<fieldset>
<legend>It may:</legend>
${authorization.scopes.map(row)}</fieldset>
${
  details.length > 0 &&
  html`<fieldset>
<legend>This time, it may:</legend>
${details.map((entry, index) => detailsRow(deps.config, entry, index))}</fieldset>
`
}${
  authorization.resources.length > 0 &&
  html`<p class="quiet">For use at ${authorization.resources.map((uri, index) => html`${index > 0 && ', '}<code>${uri}</code>`)}.</p>
`
}<button type="submit" name="${choice('allow')}" value="1">Connect</button>
<button type="submit" class="secondary" name="${choice('refuse')}" value="1">Refuse</button>
<p class="quiet">You can take this back at any time in your account.</p>`)}
<p class="below"><a href="${pageAddress(visit, '/sign-in', id)}">Use another account</a></p>`,
  };
}

function connected(client: Client): View {
  return {
    title: 'Your device is connected',
    body: html`<p><strong>${client.name}</strong> goes on by itself within seconds. You can close this page.</p>`,
  };
}

function refused(): View {
  return {
    title: 'You refused',
    body: html`<p>Nothing was connected. You can close this page.</p>`,
  };
}
