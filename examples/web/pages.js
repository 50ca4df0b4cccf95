// The three pages of the app. Everything that somebody typed is escaped.

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text) => String(text).replace(/[&<>"']/g, (character) => ESCAPES[character]);

const page = (title, body) =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;

export const homePage = (person) =>
  person
    ? page('Notes', `<p>Hello ${escaped(person.name ?? person.email)}. <a href="/notes">Your notes</a></p>`)
    : page('Notes', '<p><a href="/sign-in">Sign in</a></p>');

export const callbackPage = (text) => page('Notes', `<p>${escaped(text)} <a href="/">Back</a></p>`);

export const notesPage = ({ person, csrf }, notes) =>
  page(
    'Your notes',
    `<p>Signed in as ${escaped(person.email)}</p>
<ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>
<form method="post" action="/notes"><input type="hidden" name="csrf" value="${csrf}">
<label>Note <input name="text" required></label> <button>Add</button></form>
<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="${csrf}"><button>Sign out</button></form>`,
  );
