import { escapeHtml } from '../identity/messages/html.js';

/** Not exported: nothing but `html` makes one, so that no text is markup because somebody said so. */
class Markup {
  constructor(readonly text: string) {}
}

/** HTML in which everything that came from elsewhere is escaped. */
export type Safe = Markup;

/** What may stand in a template. `null`, `undefined` and `false` leave nothing, a list is joined. */
export type Content = Safe | string | number | null | undefined | false | readonly Content[];

/**
 * The only way to markup: html`<p title="${text}">${text}</p>`. Every value is escaped but what `html` made itself.
 * @throws Error for a value in an attribute without quotes, which escaping would not hold
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Safe {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) {
    if (/=\s*$/.test(parts[index] ?? '')) throw new Error('a value stands in an attribute without quotes');
    text += markupOf(value) + (parts[index + 1] ?? '');
  }
  return new Markup(text);
}

/** The text of a finished document, for the wire. */
export function renderHtml(document: Safe): string {
  return `<!doctype html>\n${document.text}\n`;
}

function markupOf(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  return content.map(markupOf).join('');
}
