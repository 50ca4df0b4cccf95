import type { Credentials, GraphQLAnswer, Http } from '../support/http.js';

export interface Fault {
  readonly code: string;
  readonly path: string[];
  readonly message: string;
}

// As in `Http`: a field that is not there makes the test fail.
// oxlint-disable-next-line typescript/no-explicit-any
type Payload = any;

export interface Mutated extends GraphQLAnswer<Payload> {
  /** The payload of the mutation; null when it was refused as a whole. */
  readonly payload: Payload;
  readonly userErrors: readonly Fault[];
  /** Codes of the top-level errors. */
  readonly codes: readonly string[];
}

/** `XInput` of a mutation `x`. */
export const inputTypeOf = (mutation: string) => `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;

/** Runs one mutation; `selection` is what to read of its payload beside the user errors. */
export async function mutate(
  app: Http,
  mutation: string,
  input: object | null,
  credentials: Credentials = {},
  selection = '',
): Promise<Mutated> {
  const body = `{ userErrors { code path message } ${selection} }`;
  const document =
    input === null
      ? `mutation { ${mutation} ${body} }`
      : `mutation ($input: ${inputTypeOf(mutation)}!) { ${mutation}(input: $input) ${body} }`;
  const answer = await app.graphql(document, input === null ? {} : { input }, credentials);
  const payload = answer.data?.[mutation] ?? null;
  return {
    ...answer,
    payload,
    userErrors: payload?.userErrors ?? [],
    codes: answer.errors.map(({ extensions }) => extensions.code),
  };
}
