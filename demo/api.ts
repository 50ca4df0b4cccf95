import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { narrator } from './narrator.js';

export interface Fault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly remedy?: string };
}

const LONGEST_WAIT_SECONDS = 65;

/** The public API of one Fieldgate, spoken with fetch alone; each request and answer is printed. */
export class Api {
  constructor(readonly url: string) {}

  /** One operation from story.graphql, with a bearer token where given. */
  async graphql<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    token?: string,
  ): Promise<{ data: Data | null; errors: readonly Fault[] }> {
    const query = print(document);
    const name = /^\s*(?:query|mutation) (\w+)/.exec(query)?.[1] ?? '';
    narrator.request(`POST /graphql  ${name}${token ? '  (signed in)' : ''}`, variables);
    const answer = await this.#send('/graphql', { query, variables }, token);
    narrator.answer(answer.status, answer.body);
    const body = answer.body as { data?: Data | null; errors?: Fault[] };
    return { data: body.data ?? null, errors: body.errors ?? [] };
  }

  /** A JSON request to the REST door. */
  async rest(path: string, sent: object): Promise<{ status: number; body: Record<string, unknown> }> {
    narrator.request(`POST ${path}`, sent);
    const answer = await this.#send(path, sent);
    narrator.answer(answer.status, answer.body);
    return { status: answer.status, body: answer.body as Record<string, unknown> };
  }

  async #send(path: string, sent: object, token?: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch(new URL(path, this.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(sent),
    });
    const body: unknown = await response.json();
    const waitSeconds = limitedFor(response, body);
    if (waitSeconds === null) return { status: response.status, body };
    if (waitSeconds > LONGEST_WAIT_SECONDS) {
      throw new Error(`the rate limit lets us through in ${waitSeconds} s only; try again then`);
    }
    narrator.note(`rate limit reached, as it should be after several runs: going on in ${waitSeconds} s`);
    await new Promise((resolve) => {
      setTimeout(resolve, waitSeconds * 1000);
    });
    return this.#send(path, sent, token);
  }
}

function limitedFor(response: Response, body: unknown): number | null {
  const { errors } = body as { errors?: Fault[] };
  const limited =
    response.status === 429 || errors?.some(({ extensions }) => extensions.code === 'RATE_LIMITED');
  return limited ? Number(response.headers.get('retry-after') ?? 60) : null;
}
