import { html, type Safe } from './html.js';

/** What is wrong with one field of a form, in words for the person who filled it in. */
export interface Fault {
  readonly field: string;
  readonly text: string;
}

/** Above the form: what is wrong, each line a link to its field. It has the focus when the page opens. */
export function errorSummary(faults: readonly Fault[]): Safe | null {
  if (faults.length === 0) return null;
  return html`<div class="errors" role="alert" aria-labelledby="errors-title" tabindex="-1" autofocus>
<h2 id="errors-title">There is a problem</h2>
<ul>
${faults.map(({ field, text }) => html`<li><a href="#${field}">${text}</a></li>\n`)}</ul>
</div>`;
}

export interface PasswordField {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: 'new-password' | 'current-password';
  /** Shown above the input, read out with it. */
  readonly hints?: readonly string[];
}

/** A labelled password input with its hints and faults beside it. What was typed is never sent back. */
export function passwordField(field: PasswordField, faults: readonly Fault[]): Safe {
  const { name, label, autocomplete, hints = [] } = field;
  const own = faults.filter((fault) => fault.field === name);
  const described = [hints.length > 0 && `${name}-hint`, own.length > 0 && `${name}-fault`].filter(Boolean);
  return html`<div class="field">
<label for="${name}">${label}</label>
${hints.length > 0 && html`<ul class="hint" id="${name}-hint">${hints.map((hint) => html`<li>${hint}</li>`)}</ul>`}
${own.length > 0 && html`<p class="fault" id="${name}-fault">${own.map(({ text }) => text).join(' ')}</p>`}
<input type="password" id="${name}" name="${name}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" required${
    described.length > 0 && html` aria-describedby="${described.join(' ')}"`
  }${own.length > 0 && html` aria-invalid="true"`}>
</div>`;
}

export interface TextField {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'email';
  readonly autocomplete: 'username' | 'username webauthn' | 'email' | 'name' | 'one-time-code' | 'off';
  readonly value: string;
  readonly optional?: boolean;
}

/** A labelled input of one line, with its faults; keeps what was typed. */
export function textField(field: TextField, faults: readonly Fault[]): Safe {
  const { name, label, type, autocomplete, value, optional } = field;
  const own = faults.filter((fault) => fault.field === name);
  return html`<div class="field">
<label for="${name}">${label}</label>
${own.length > 0 && html`<p class="fault" id="${name}-fault">${own.map(({ text }) => text).join(' ')}</p>`}
<input type="${type}" id="${name}" name="${name}" value="${value}" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false"${
    !optional && html` required`
  }${own.length > 0 && html` aria-invalid="true" aria-describedby="${name}-fault"`}>
</div>`;
}
