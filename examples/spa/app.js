// A browser-only app: it signs in by redirect, calls the API with the access token, renews it, and signs out.
import { UserManager } from 'oidc-client-ts';
import { apiUrl, settings } from './settings.js';

const manager = new UserManager(settings);
const element = (id) => document.getElementById(id);

async function callApi(method, body) {
  const user = await manager.getUser();
  const answer = await fetch(`${apiUrl}/notes`, {
    method,
    body,
    headers: { Authorization: `Bearer ${user.access_token}` },
  });
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  return (await answer.json()).notes;
}

function showNotes(notes) {
  element('notes').replaceChildren(
    ...notes.map((note) => Object.assign(document.createElement('li'), { textContent: note })),
  );
}

async function show(user) {
  element('sign-in').hidden = Boolean(user);
  element('signed-in').hidden = !user;
  if (!user) return;
  element('person').textContent = `Signed in as ${user.profile.email}`;
  showNotes(await callApi('GET'));
}

/** Runs what a click asks for, and says how it went. */
function on(id, event, action) {
  element(id).addEventListener(event, (happened) => {
    happened.preventDefault();
    element('status').textContent = '';
    action(happened).then(
      (text) => (element('status').textContent = text ?? ''),
      (error) => (element('status').textContent = `Failed: ${error.message}`),
    );
  });
}

on('sign-in', 'click', () => manager.signinRedirect());
on('sign-out', 'click', () => manager.signoutRedirect());
on('add', 'submit', async ({ target }) => {
  showNotes(await callApi('POST', new FormData(target).get('text')));
  target.reset();
  return 'Added';
});
on('renew', 'click', async () => {
  await show(await manager.signinSilent());
  return 'Renewed';
});

const parameters = new URLSearchParams(location.search);
if (parameters.has('state')) {
  // Back from Fieldgate, with a code or a refusal. Neither stays in the address.
  await manager
    .signinCallback()
    .catch((error) => (element('status').textContent = `Failed: ${error.message}`));
  history.replaceState(null, '', '/');
}
await show(await manager.getUser());
