import { z } from 'zod';

/** A positive number of whole seconds. */
export const seconds = (description: string, fallback: number) =>
  z.number().int().positive().default(fallback).describe(description);

/** A list of texts; absent: empty. */
export const strings = (description: string) => z.array(z.string()).default([]).describe(description);

/** A string that is masked wherever configuration is shown, and that `<NAME>_FILE` or `{ file: path }` may give. */
export const secret = (
  description: string,
  options: { minLength?: number; pattern?: RegExp; must?: string } = {},
) => {
  const text = z.string().min(options.minLength ?? 1);
  const shaped = options.pattern ? text.regex(options.pattern, options.must) : text;
  return shaped.meta({ description, secret: true });
};
