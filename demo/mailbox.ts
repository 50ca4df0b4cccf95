const PATIENCE_MILLISECONDS = 10_000;
const PAUSE_MILLISECONDS = 100;

/** Reads the mail of a development server: from Mailpit where `mailpitUrl` is given, else from `/dev/outbox`. */
export class Mailbox {
  constructor(
    readonly serverUrl: string,
    readonly mailpitUrl: string | undefined,
  ) {}

  /** The token of the newest link sent to an address; waits for it, since mail leaves beside the request. */
  async linkToken(address: string): Promise<string> {
    const until = Date.now() + PATIENCE_MILLISECONDS;
    while (Date.now() < until) {
      const token = /[?&]token=([^\s&]+)/.exec((await this.#newestText(address)) ?? '')?.[1];
      if (token) return decodeURIComponent(token);
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MILLISECONDS);
      });
    }
    throw new Error(
      `no mail with a link reached ${address}; is this a production server without MAILPIT_URL?`,
    );
  }

  async #newestText(address: string): Promise<string | undefined> {
    return this.mailpitUrl === undefined
      ? this.#fromOutbox(address)
      : this.#fromMailpit(this.mailpitUrl, address);
  }

  async #fromOutbox(address: string): Promise<string | undefined> {
    const { messages } = await getJson<{ messages: { to: string; text: string }[] }>(
      new URL('/dev/outbox', this.serverUrl),
    );
    return messages.find(({ to }) => to === address)?.text;
  }

  async #fromMailpit(mailpitUrl: string, address: string): Promise<string | undefined> {
    const search = new URL('/api/v1/search', mailpitUrl);
    search.searchParams.set('query', `to:"${address}"`);
    const { messages } = await getJson<{ messages: { ID: string }[] }>(search);
    const [newest] = messages;
    if (!newest) return undefined;
    const { Text } = await getJson<{ Text: string }>(new URL(`/api/v1/message/${newest.ID}`, mailpitUrl));
    return Text;
  }
}

async function getJson<T>(url: URL): Promise<T> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`GET ${url.pathname} answered ${response.status}`);
  return (await response.json()) as T;
}
