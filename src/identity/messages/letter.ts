import { escapeHtml } from './html.js';

/** What a mail says; `to` is added by the sender. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Letter {
  subject: string;
  /** Paragraphs above the link or code. */
  opening: readonly string[];
  link?: { label: string; url: string };
  code?: string;
  closing?: readonly string[];
}

/** One letter in its two forms, with the same words. Everything variable is escaped in the HTML form. */
export function composeLetter(letter: Letter): MailContent {
  const { link, code, closing = [] } = letter;
  const text = [
    ...letter.opening,
    ...(link ? [`${link.label}:\n${link.url}`] : []),
    ...(code === undefined ? [] : [`Or type this code: ${code}`]),
    ...closing,
  ].join('\n\n');
  const paragraph = (content: string) => `<p>${content}</p>`;
  const html = [
    ...letter.opening.map((line) => paragraph(escapeHtml(line))),
    ...(link ? [paragraph(`<a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a>`)] : []),
    ...(code === undefined ? [] : [paragraph(`Or type this code: <strong>${escapeHtml(code)}</strong>`)]),
    ...closing.map((line) => paragraph(escapeHtml(line))),
  ].join('\n');
  return {
    subject: letter.subject,
    text: `${text}\n`,
    html: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(letter.subject)}</title></head>\n<body>\n${html}\n</body></html>\n`,
  };
}
