import { EJSON } from 'bson';

type Json = Record<string, unknown>;

/**
 * Commands on which the server that the tests run against departs from mongod's documented behaviour, so that it is
 * no measure for them.
 */
export function excluded(request: Json): boolean {
  // $pop on a field that is no array: mongod answers TypeMismatch (14), that server BadValue.
  return EJSON.stringify(request).includes('"$pop"');
}

/**
 * Whether the two may hold different documents from here on: mongod and the engine keep what a multi-document update
 * has changed before the document that refused it, that server takes it back.
 */
export function mayDivergeAfter(request: Json, reply: Json): boolean {
  return 'update' in request && 'writeErrors' in reply;
}

/**
 * Parts of a reply that are no measure: a findAndModify that changes nothing counts as no match there, and a $push
 * whose $slice takes the new elements away again counts as a change.
 */
export function withoutQuirks(request: Json, reply: Json): Json {
  if (EJSON.stringify(request).includes('"$slice"') && 'update' in request) {
    const { nModified: _count, ...others } = reply;
    return others;
  }
  if (!('findAndModify' in request)) return reply;
  const { lastErrorObject: _, ...rest } = reply;
  return rest;
}

/** $inc and $mul of a boolean: mongod refuses with TypeMismatch (14), that server takes it for a number. */
export function isBooleanArithmetic(request: Json, reply: Json, code: unknown): boolean {
  if (!/\$inc|\$mul/.test(EJSON.stringify(request))) return false;
  const errors = (reply['writeErrors'] ?? []) as { code: number }[];
  return String(code) === '14' || errors.some((error) => String(error.code) === '14');
}
