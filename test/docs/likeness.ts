const ANYTHING = '…';

/**
 * Whether an answer is what a page shows. A `…` inside of a text stands for anything, a member `"…"` for further members,
 * a last element `"…"` for further elements. Texts are equal otherwise; of numbers only the kind is compared, for they
 * are times mostly.
 * @returns where they differ, null when they do not
 */
export function difference(shown: unknown, given: unknown, place = 'answer'): string | null {
  if (typeof shown === 'string' && typeof given === 'string') {
    return isLike(shown, given) ? null : `${place}: "${given}" is not "${shown}"`;
  }
  if (Array.isArray(shown) && Array.isArray(given)) {
    const isOpen = shown.at(-1) === ANYTHING;
    const elements: unknown[] = isOpen ? shown.slice(0, -1) : shown;
    if (given.length < elements.length || (!isOpen && given.length > elements.length)) {
      return `${place} has ${given.length} elements, not ${elements.length}`;
    }
    return firstOf(elements, (element, index) => difference(element, given[index], `${place}[${index}]`));
  }
  if (isObject(shown) && isObject(given)) {
    const names = Object.keys(shown).filter((name) => name !== ANYTHING);
    const missing = names.find((name) => !(name in given));
    if (missing !== undefined) return `${place}.${missing} is missing: ${JSON.stringify(given)}`;
    const further = ANYTHING in shown ? undefined : Object.keys(given).find((name) => !(name in shown));
    if (further !== undefined) return `${place}.${further} is not shown`;
    return firstOf(names, (name) => difference(shown[name], given[name], `${place}.${name}`));
  }
  const areNumbers = typeof shown === 'number' && typeof given === 'number';
  if (areNumbers || shown === given) return null;
  return `${place}: ${JSON.stringify(given)} is not ${JSON.stringify(shown)}`;
}

/** The same of an HTTP answer as `curl -i` prints it: the status, the headers that are shown, the body if one is shown. */
export function httpDifference(shown: string, given: string): string | null {
  const [shownHead = '', shownBody] = partsOf(shown);
  const [givenHead = '', givenBody = ''] = partsOf(given);
  const [shownStatus = '', ...shownHeaders] = shownHead.split('\n');
  const [givenStatus = '', ...givenHeaders] = givenHead.split('\n');
  if (shownStatus !== givenStatus.trim()) return `the status is ${givenStatus}: ${given}`;
  const absent = shownHeaders.find((header) => !givenHeaders.some((line) => isHeaderLike(header, line)));
  if (absent !== undefined) return `no header is like "${absent}":\n${givenHead}`;
  return shownBody === undefined ? null : textDifference(shownBody, givenBody);
}

/** The same of a text, as JSON where it is JSON. */
export function textDifference(shown: string, given: string): string | null {
  const parsed = parsedOf(shown);
  if (parsed === undefined) return isLike(shown, given) ? null : `${given}\nis not\n${shown}`;
  const answer = parsedOf(given);
  return answer === undefined ? `no JSON: ${given}` : difference(parsed, answer);
}

function isHeaderLike(shown: string, given: string): boolean {
  const [name = '', value = ''] = shown.split(/:\s*/, 1).concat(shown.replace(/^[^:]*:\s*/, ''));
  return (
    given.toLowerCase().startsWith(`${name.toLowerCase()}:`) && isLike(value, given.replace(/^[^:]*:\s*/, ''))
  );
}

function isLike(shown: string, given: string): boolean {
  const literal = shown.split(ANYTHING).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('[\\s\\S]*')}$`).test(given.trim());
}

function partsOf(message: string): string[] {
  const text = message.replaceAll('\r', '').trim();
  const at = text.indexOf('\n\n');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at).trim()];
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstOf<T>(items: readonly T[], find: (item: T, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== null) return found;
  }
  return null;
}
