import { assetOf } from './asset.js';

/**
 * All the style there is. Sizes in rem, so that the reader's font size and zoom count; one column, so that 320 px
 * suffice; every pair of colours below has at least 4.5:1 (text) or 3:1 (borders, focus), in light and dark.
 */
const STYLESHEET = `:root {
  color-scheme: light dark;
  --ground: #f3f5f2;
  --sheet: #ffffff;
  --text: #18211c;
  --quiet: #4d5b54;
  --line: #d5dcd7;
  --edge: #748078;
  --accent: #1c6546;
  --accent-strong: #144d35;
  --on-accent: #ffffff;
  --fault: #a8201a;
  --fault-ground: #fdf1ef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101512;
    --sheet: #19201c;
    --text: #e7ede9;
    --quiet: #a7b4ad;
    --line: #303a34;
    --edge: #7d8a83;
    --accent: #84d3ab;
    --accent-strong: #a5e2c3;
    --on-accent: #0a2115;
    --fault: #ffb3a9;
    --fault-ground: #2c1a18;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  align-items: center;
  padding: clamp(1rem, 6vh, 4rem) 1rem 2rem;
  background: var(--ground);
  color: var(--text);
  overflow-wrap: anywhere;
}
header, main { width: 100%; max-width: 28rem; }
header { margin-bottom: 1rem; font-weight: 600; color: var(--quiet); }
main {
  background: var(--sheet);
  border: 1px solid var(--line);
  border-radius: 0.75rem;
  padding: clamp(1.25rem, 5vw, 2rem);
}
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 0 0 0.25rem; font-size: 1rem; }
p { margin: 0 0 1rem; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
main > :last-child, form > :last-child, .errors > :last-child { margin-bottom: 0; }
a { color: var(--accent); text-underline-offset: 0.15em; }
a:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
code { font: 0.9375em ui-monospace, monospace; }
.quiet { color: var(--quiet); }
.field { margin-bottom: 1.25rem; }
.field label { display: block; font-weight: 600; margin-bottom: 0.25rem; }
.hint { margin: 0 0 0.5rem; padding-left: 1.25rem; font-size: 0.9375rem; color: var(--quiet); }
.fault { margin: 0 0 0.5rem; color: var(--fault); }
input {
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 0.75rem;
  font: inherit;
  color: inherit;
  background: var(--sheet);
  border: 1px solid var(--edge);
  border-radius: 0.375rem;
}
input[aria-invalid] { border: 2px solid var(--fault); }
button {
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 1rem;
  font: inherit;
  font-weight: 600;
  color: var(--on-accent);
  background: var(--accent);
  border: 1px solid transparent;
  border-radius: 0.375rem;
  cursor: pointer;
}
button + p { margin-top: 1rem; }
button:hover { background: var(--accent-strong); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.errors {
  margin: 1.25rem 0;
  padding: 0.75rem 1rem;
  border: 1px solid var(--fault);
  border-left-width: 0.375rem;
  border-radius: 0.375rem;
  background: var(--fault-ground);
}
.errors ul { padding: 0; list-style: none; }
.errors a { color: var(--fault); }
.below { margin-top: 1.25rem; }
.secondary { margin-top: 0.75rem; color: var(--accent); background: transparent; border-color: var(--edge); }
.secondary:hover { color: var(--accent-strong); background: var(--ground); }
fieldset { margin: 0 0 1.25rem; padding: 0; border: 0; }
legend { margin-bottom: 0.5rem; padding: 0; font-weight: 600; }
.choice { display: flex; gap: 0.75rem; padding: 0.5rem 0; border-top: 1px solid var(--line); }
.choice input { flex: none; width: 1.5rem; min-height: 1.5rem; height: 1.5rem; margin: 0; accent-color: var(--accent); }
.choice span, .choice label { overflow-wrap: anywhere; min-width: 0; }
.facts { margin: 0 0 1rem; }
.facts dt { color: var(--quiet); font-size: 0.9375rem; }
.facts dd { margin: 0 0 0.5rem; }
.code { font: 700 1.5rem/1.25 ui-monospace, monospace; letter-spacing: 0.05em; }
form + form { margin-top: 0.75rem; }
.passkey { margin-top: 0.75rem; }
.passkey button { width: 100%; }
.codes { padding: 0; list-style: none; columns: 2; }
.codes .code { font-size: 1.125rem; }
.key { overflow-wrap: anywhere; font-size: 1.125rem; }
[hidden] { display: none !important; }
summary { min-height: 2.75rem; padding: 0.625rem 0; color: var(--accent); cursor: pointer; }
.qr { display: block; width: min(15rem, 100%); height: auto; margin: 0 auto; border-radius: 0.375rem; background: #ffffff; }
.parts { margin: 0 0 0.5rem 2.25rem; }
.parts summary { min-height: 1.5rem; font-size: 0.9375rem; color: var(--accent); cursor: pointer; }
.parts dt { font-size: 0.9375rem; color: var(--quiet); }
.parts dd { margin: 0 0 0.25rem; font-weight: 600; }
.for { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.links { padding: 0; list-style: none; }
.links li { padding: 0.625rem 0; border-top: 1px solid var(--line); }
.links li:last-child { padding-bottom: 0; }
.links span { display: block; font-size: 0.9375rem; color: var(--quiet); }
`;

export const stylesheet = assetOf('text/css', STYLESHEET);
