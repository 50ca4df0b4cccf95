import { type DocumentNode, visit } from 'graphql';
import { AppError } from '../../errors.js';

/** Longer text has no place in any argument of this API. */
export const MAX_STRING_LENGTH = 16_384;

/** Deeper than the deepest input, the conditions of a rule; the walk below and those after it recurse. */
const MAX_LEVELS = 64;

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

const fault = (path: readonly string[], publicMessage: string, detail: string) =>
  new AppError('BAD_USER_INPUT', detail, { path, publicMessage });

function checkText(text: string, path: readonly string[]): void {
  if (text.includes('\0')) throw fault(path, 'A text holds a NUL character.', 'NUL in a text');
  if (text.length > MAX_STRING_LENGTH) {
    throw new AppError('LIMIT_EXCEEDED', 'text too long', {
      path,
      publicMessage: `A text has ${text.length} characters, the limit is ${MAX_STRING_LENGTH}.`,
    });
  }
}

/** Refuses NUL characters and over-long texts among the literals. @throws AppError BAD_USER_INPUT, LIMIT_EXCEEDED */
export function checkLiterals(document: DocumentNode): void {
  visit(document, {
    StringValue({ value }) {
      checkText(value, []);
    },
    ObjectField({ name }) {
      checkKey(name.value, []);
    },
  });
}

/** Refuses the same anywhere in the variables, and what is nested too deep. @throws AppError BAD_USER_INPUT, LIMIT_EXCEEDED */
export function checkVariables(value: unknown, path: readonly string[] = []): void {
  if (typeof value === 'string') return checkText(value, path);
  if (value === null || typeof value !== 'object') return;
  if (path.length > MAX_LEVELS) {
    throw new AppError('LIMIT_EXCEEDED', 'variables nested too deep', {
      path: path.slice(0, 1),
      publicMessage: `A variable has more than ${MAX_LEVELS} levels.`,
    });
  }
  for (const [key, entry] of Object.entries(value)) {
    checkKey(key, path);
    checkVariables(entry, [...path, key]);
  }
}

function checkKey(key: string, path: readonly string[]): void {
  if (FORBIDDEN_KEYS.has(key)) throw fault(path, 'A key of an object is not allowed.', `key ${key}`);
  checkText(key, path);
}
