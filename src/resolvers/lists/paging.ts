import { AppError } from '../../errors.js';
import type { PagingArgs } from '../../schema/paging.js';

export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 20;

export interface Paging {
  readonly size: number;
  /** True: `last` before the cursor. */
  readonly backwards: boolean;
  readonly cursor: string | null;
  /** The argument that the cursor came in. */
  readonly cursorArgument: 'after' | 'before';
}

const fault = (argument: string, publicMessage: string) =>
  new AppError('BAD_USER_INPUT', publicMessage, { path: [argument], publicMessage });

/** @throws AppError BAD_USER_INPUT for arguments that contradict each other, LIMIT_EXCEEDED for too large a page */
export function readPaging({ first, after, last, before }: PagingArgs): Paging {
  const size = (argument: 'first' | 'last', asked: number) => {
    if (asked < 1) throw fault(argument, `\`${argument}\` must be at least 1.`);
    if (asked <= MAX_PAGE_SIZE) return asked;
    throw new AppError('LIMIT_EXCEEDED', 'page too large', {
      path: [argument],
      publicMessage: `\`${argument}\` is ${asked}, the limit is ${MAX_PAGE_SIZE}.`,
    });
  };
  const given = (value: unknown) => value !== null && value !== undefined;
  if (given(first) && given(last)) throw fault('last', '`first` and `last` exclude each other.');
  if (given(last) || given(before)) {
    if (given(after)) throw fault('after', '`after` goes with `first`, `before` with `last`.');
    if (given(first)) throw fault('before', '`after` goes with `first`, `before` with `last`.');
    return {
      size: size('last', last ?? DEFAULT_PAGE_SIZE),
      backwards: true,
      cursor: before ?? null,
      cursorArgument: 'before',
    };
  }
  return {
    size: size('first', first ?? DEFAULT_PAGE_SIZE),
    backwards: false,
    cursor: after ?? null,
    cursorArgument: 'after',
  };
}
