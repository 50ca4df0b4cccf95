import type { Answer, Http } from '../support/http.js';

/** What a browser without scripts does: keeps cookies, opens addresses, sends the form that it was shown. */
export interface Visitor {
  /** `name=value; …` of the cookies that it holds. */
  cookies(): string;
  open(path: string): Promise<Answer<string>>;
  /** Sends the form of `page` with its hidden fields; `fields` over them; `headers` over a browser's. */
  send(
    page: Answer<string>,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Answer<string>>;
}

export function createVisitor(http: Http): Visitor {
  const jar = new Map<string, string>();
  const keep = (answer: Answer<string>): Answer<string> => {
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return answer;
  };
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = () => ({ accept: 'text/html,*/*;q=0.8', ...(jar.size > 0 && { cookie: cookies() }) });

  return {
    cookies,
    open: async (path) => keep(await http.rest<string>(path, { headers: headers() })),
    async send(page, fields = {}, over = {}) {
      const { action, hidden } = formOf(page.text);
      return keep(
        await http.rest<string>(action, {
          form: { ...hidden, ...fields },
          headers: { ...headers(), origin: 'null', 'sec-fetch-site': 'same-origin', ...over },
        }),
      );
    },
  };
}

/** The first form of a page: where it goes, and what it sends without being typed. @throws when there is none */
export function formOf(markup: string): { action: string; hidden: Record<string, string> } {
  const [, action, content = ''] = /<form method="post" action="([^"]*)">(.*?)<\/form>/s.exec(markup) ?? [];
  if (action === undefined) throw new Error(`no form in:\n${markup}`);
  const hidden = content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return {
    action,
    hidden: Object.fromEntries([...hidden].map(([, name = '', value = '']) => [name, value])),
  };
}

/** The heading of a page. */
export function headingOf({ text }: Answer<string>): string {
  return /<h1>(.*?)<\/h1>/s.exec(text)?.[1] ?? '';
}
