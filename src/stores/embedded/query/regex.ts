import { CommandError } from '../errors.js';

/**
 * A PCRE pattern as a JavaScript one. What JavaScript cannot express is refused by name.
 * @throws CommandError 51091, 51108
 */
export function compileRegex(pattern: string, options: string): RegExp {
  for (const option of options) {
    if (!'imsu'.includes(option)) {
      throw new CommandError(51108, `$regex option '${option}' is not supported by the embedded engine`);
    }
  }
  if (pattern.includes('\0')) {
    throw new CommandError(51109, 'Regular expression cannot contain an embedded null byte');
  }
  const flags = options.replaceAll('u', '');
  const source = flags.includes('m') ? pattern : endsBeforeLastNewline(pattern);
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    // PCRE allows needless escapes that the `u` mode refuses.
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new CommandError(51091, `Regular expression is invalid: ${(error as Error).message}`);
  }
}

/** In PCRE a `$` without the m option also matches before a final newline. */
function endsBeforeLastNewline(pattern: string): string {
  let inClass = false;
  let result = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === '\\') {
      result += char + (pattern[++i] ?? '');
      continue;
    }
    if (char === '[') inClass = true;
    if (char === ']') inClass = false;
    result += char === '$' && !inClass ? '(?=\\n?(?![\\s\\S]))' : char;
  }
  return result;
}

/** The literal text that every match begins with, or '' if there is none. */
export function literalPrefix(pattern: string, options: string): string {
  if (!pattern.startsWith('^') || /[imx]/.test(options) || pattern.includes('|')) return '';
  const match = /^\^([^\\^$.[\]|()?*+{}]*)(.?)/su.exec(pattern);
  const text = match?.[1] ?? '';
  // A quantifier takes the last character back.
  return '?*{'.includes(match?.[2] || '\0') ? text.replace(/.$/su, '') : text;
}
