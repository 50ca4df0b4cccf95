import type { Config } from '../config/schema.js';
import { AppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';
import type { Client } from '../models/client.js';

type DeclaredType = Config['authorizationDetailsTypes'][number];
type DeclaredField = DeclaredType['fields'][number];
type Details = Record<string, unknown>;

/** A person reads the values and agrees to them: none may look like another (Unicode TR 36 §2.8). */
const MISLEADING = /[^\P{Cc}\t\n\r]|[\u202A-\u202E\u2066-\u2069]/u;
/** More than any page could show. */
const MOST_ENTRIES = 20;

const IS: Record<DeclaredField['type'], (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
};

/**
 * The entries of an `authorization_details` parameter, each of a type that this client may ask for, with the fields
 * that the type has (RFC 9396 §5: an unknown type, an unknown field, a wrong or missing one are refused).
 * @throws AppError INVALID_AUTHORIZATION_DETAILS
 */
export function readAuthorizationDetails(
  { config }: Pick<Deps, 'config'>,
  client: Pick<Client, '_id' | 'authorizationDetailsTypes'>,
  text: string,
): Details[] {
  const entries = parse(text);
  if (!Array.isArray(entries) || entries.length === 0) throw refusal('must be a JSON array with an entry');
  if (entries.length > MOST_ENTRIES) throw refusal(`must have at most ${MOST_ENTRIES} entries`);
  return entries.map((entry: unknown) => checked(config, client, entry));
}

function checked(
  { authorizationDetailsTypes }: Config,
  client: Pick<Client, '_id' | 'authorizationDetailsTypes'>,
  entry: unknown,
): Details {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw refusal('every entry must be an object');
  }
  const { type, ...members } = entry as Details;
  const declared = authorizationDetailsTypes.find((one) => one.type === type);
  if (!declared || !(client.authorizationDetailsTypes ?? []).includes(declared.type)) {
    throw refusal('an entry has a type that this client may not use');
  }
  const known = new Set(declared.fields.map(({ name }) => name));
  if (!Object.keys(members).every((name) => known.has(name))) {
    throw refusal(`an entry of type ${declared.type} has an unknown field`);
  }
  for (const field of declared.fields) checkField(field, members[field.name]);
  return { type, ...members };
}

function checkField({ name, type, required, values }: DeclaredField, value: unknown): void {
  if (value === undefined) {
    if (required) throw refusal(`the field ${name} is missing`);
    return;
  }
  if (!IS[type](value)) throw refusal(`the field ${name} is of the wrong type`);
  if ([value].flat().some((one) => typeof one === 'string' && MISLEADING.test(one))) {
    throw refusal(`the field ${name} holds control characters`);
  }
  if (values.length === 0) return;
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  if (!texts.every((one) => values.includes(one))) throw refusal(`the field ${name} has an unknown value`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal('is not JSON');
  }
}

function refusal(detail: string): AppError {
  const publicMessage = `authorization_details: ${detail}`;
  return new AppError('INVALID_AUTHORIZATION_DETAILS', publicMessage, { publicMessage });
}
