/**
 * Whether the subject of a certificate, as Node tells it (a line for each part, in the order of the certificate), is the
 * name that a client registered as RFC 4514 writes it (the last part first). Types are compared without case, values
 * exactly.
 */
export function isSameName(subject: string | undefined, registered: string): boolean {
  // A part of several values is written with a bare plus, which a value would have escaped: nobody registers those.
  if (!subject || subject.includes(' + ')) return false;
  const shown = subject.split('\n').reverse().map(normalise);
  const wanted = splitUnescaped(registered).map(normalise);
  return shown.length === wanted.length && shown.every((part, index) => part === wanted[index]);
}

/** RFC 4514 §2.1: parts are separated by commas; one behind a backslash or between quotes belongs to a value. */
function splitUnescaped(name: string): string[] {
  return name.match(/(?:\\.|"(?:\\.|[^"\\])*"|[^,\\"])+/gs) ?? [];
}

function normalise(part: string): string {
  const equals = part.indexOf('=');
  const type = part.slice(0, equals).trim().toUpperCase();
  return `${type}=${unescape(part.slice(equals + 1))}`;
}

/** RFC 4514 §2.4: `\,` and `\2C`, bytes of UTF-8. Spaces around the value do not count, unless escaped. */
function unescape(value: string): string {
  const trimmed = value.replace(/^ +/, '').replace(/(?<!\\) +$/, '');
  const plain = /^"(.*)"$/s.exec(trimmed)?.[1] ?? trimmed;
  return plain.replaceAll(/(?:\\[\dA-Fa-f]{2})+|\\(.)/gs, (escaped, character: string | undefined) =>
    character === undefined ? Buffer.from(escaped.replaceAll('\\', ''), 'hex').toString('utf8') : character,
  );
}
