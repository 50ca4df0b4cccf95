const tty = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (code: number) => (text: string) => (tty ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = paint(1);
const dim = paint(2);
const red = paint(31);
const green = paint(32);
const cyan = paint(36);

const SECRETS = /^(?:password|newPassword|currentPassword|token|accessToken|refreshToken|idToken)$/;
const JWT_OR_TOKEN = /\b[\w-]{12}[\w.-]{20,}\b/g;

const shorten = (secret: string): string => `${secret.slice(0, 6)}… (${secret.length} characters)`;

/** JSON with secrets cut short: enough to see that a token changed, too little to use it. */
function pretty(value: unknown): string {
  const json = JSON.stringify(
    value,
    (name, member: unknown) => (typeof member === 'string' && SECRETS.test(name) ? shorten(member) : member),
    2,
  );
  return json.replace(JWT_OR_TOKEN, (text) => (/^[0-9a-f-]{36}$/.test(text) ? text : shorten(text)));
}

const indented = (text: string): string => text.replace(/^/gm, '    ');

let chapters = 0;
let kept = 0;

/** Prints the story, its requests and its answers, and counts the expectations that held. */
export const narrator = {
  chapter(title: string): void {
    chapters += 1;
    console.log(`\n${bold(`${chapters}. ${title}`)}`);
  },
  request(line: string, body?: unknown): void {
    console.log(cyan(`  → ${line}`));
    if (body !== undefined) console.log(dim(indented(pretty(body))));
  },
  answer(status: number, body: unknown): void {
    console.log(`  ← ${status < 400 ? green(String(status)) : red(String(status))}`);
    if (body !== undefined && body !== '') console.log(indented(pretty(body)));
  },
  note(text: string): void {
    console.log(dim(`  ${text}`));
  },
  held(text: string): void {
    kept += 1;
    console.log(green(`  ✔ ${text}`));
  },
  failed(text: string): void {
    console.error(red(`  ✘ ${text}`));
  },
  end(): void {
    console.log(bold(`\nThe end: ${kept} expectations held in ${chapters} chapters.`));
  },
};

/** Ends the story. */
export class ExpectationFailed extends Error {}

/** Prints the expectation if it holds. @throws ExpectationFailed otherwise */
export function expect(holds: boolean, text: string): asserts holds {
  if (!holds) throw new ExpectationFailed(text);
  narrator.held(text);
}
