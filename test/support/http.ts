export interface Credentials {
  /** Bearer token. */
  token?: string | undefined;
  /** `name=value` of a cookie. */
  cookie?: string | undefined;
  headers?: Record<string, string>;
}

export interface RestOptions extends Credentials {
  /** POST when there is a body or form, else GET. */
  method?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as application/x-www-form-urlencoded; a list of pairs may repeat a name. */
  form?: Record<string, string> | [string, string][];
  /** Client id and secret for HTTP Basic. */
  basic?: [string, string];
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed JSON; the text itself where it is none. */
  readonly body: T;
}

export interface GraphQLFault {
  readonly message: string;
  readonly path?: (string | number)[];
  readonly extensions: { readonly code: string; readonly [name: string]: unknown };
}

export interface GraphQLAnswer<T> extends Answer<{ data?: T | null; errors?: GraphQLFault[] }> {
  readonly data: T | null;
  readonly errors: readonly GraphQLFault[];
}

// Whoever asks for a field that is not there sees the test fail; types of every answer would hide more than help.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

export interface Http {
  rest<T = Json>(path: string, options?: RestOptions): Promise<Answer<T>>;
  graphql<T = Json>(
    document: string,
    variables?: Record<string, unknown>,
    credentials?: Credentials,
  ): Promise<GraphQLAnswer<T>>;
}

/** Requests to one server, through real HTTP. */
export function createHttp(url: string): Http {
  const rest = async <T>(path: string, options: RestOptions = {}): Promise<Answer<T>> => {
    const { body, form, basic } = options;
    const sent = body !== undefined ? JSON.stringify(body) : form && new URLSearchParams(form).toString();
    const response = await fetch(new URL(path, url), {
      method: options.method ?? (sent === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
        ...(basic && { authorization: `Basic ${btoa(basic.map(encodeURIComponent).join(':'))}` }),
        ...(options.cookie !== undefined && { cookie: options.cookie }),
        ...options.headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) as T };
  };
  return {
    rest,
    async graphql<T>(document: string, variables = {}, credentials: Credentials = {}) {
      const body = { query: document, variables };
      const answer = await rest<{ data?: T | null; errors?: GraphQLFault[] }>('/graphql', {
        ...credentials,
        body,
      });
      return { ...answer, data: answer.body.data ?? null, errors: answer.body.errors ?? [] };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
