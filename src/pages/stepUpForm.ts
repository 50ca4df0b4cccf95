import type { SignInOutcome } from '../identity/signIn/outcome.js';
import { beginStepUp, stepUpHelps } from '../identity/signIn/signIn.js';
import { accountName, type Errand, findPerson, requestField } from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { Visit } from './page.js';
import { signInContextOf } from './signInContext.js';

/** What the button is named that raises the session that is there. */
export const STEP_UP = 'stepUp';

/** Offers who is signed in, at too low a level, to show a factor instead of the password; null: that would not do. */
export async function stepUpForm(visit: Visit, id: string, errand: Errand | null): Promise<Safe | null> {
  const person = await raisable(visit, errand);
  if (!person) return null;
  return html`${visit.form(html`${requestField(id)}
<input type="hidden" name="identifier" value="">
<input type="hidden" name="password" value="">
<p>You are signed in as <strong>${accountName(person.user)}</strong>. This needs one more step.</p>
<button type="submit" name="${choice(STEP_UP)}" value="1">Continue</button>`)}
<p class="below">Or sign in anew:</p>`;
}

/** Begins it; null where there is nothing to raise any more. */
export async function stepUp(visit: Visit, id: string, errand: Errand | null): Promise<SignInOutcome | null> {
  const person = await raisable(visit, errand);
  if (!person) return null;
  const { user, session } = person;
  const running = { user, sessionId: session._id, amr: session.amr };
  return beginStepUp(visit.deps, running, errand?.wanted ?? {}, signInContextOf(visit, id));
}

async function raisable(visit: Visit, errand: Errand | null) {
  if (!errand?.mayStepUp) return null;
  const person = await findPerson(visit);
  if (!person || (errand.expectedUserId ?? person.user._id) !== person.user._id) return null;
  const { user, session } = person;
  return (await stepUpHelps(visit.deps, { user, amr: session.amr }, errand.wanted)) ? person : null;
}
