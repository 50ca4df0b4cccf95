import { CONFIG_EXIT_CODE, ConfigError } from '../config/configError.js';
import { AppError, type ErrorCode } from '../errors.js';

/** How a command ends. Numbers above 63 are those of sysexits.h. */
export const EXIT = {
  ok: 0,
  /** The command failed, did only a part of its work, or found something wrong. */
  failed: 1,
  /** Unknown command, option or argument. */
  usage: 2,
  /** EX_DATAERR: what was given is refused, or contradicts what is stored. */
  data: 65,
  /** EX_NOINPUT: there is no such user, client, role, session or file. */
  notFound: 66,
  /** EX_UNAVAILABLE: a database does not answer, or another process holds the data folder. */
  unavailable: 69,
  /** EX_CONFIG: the configuration is wrong, the master key included. */
  config: CONFIG_EXIT_CODE,
} as const;

/** What `--help` and docs/command-line.md tell. */
export const EXIT_CODES_HELP = `
Exit codes:
  0   done
  1   failed, done in part (import left lines out), or something is wrong (audit verify, doctor)
  2   unknown command, option or argument
  65  what was given is refused, or contradicts what is stored
  66  there is no such user, client, role, session or file
  69  a database does not answer, or another process holds the data folder
  78  the configuration is wrong, or the master key is not that of the database`;

/** What a command can do better about than `failed`; how people sign in concerns none of them. */
const BY_ERROR: Readonly<Partial<Record<ErrorCode, number>>> = {
  BAD_USER_INPUT: EXIT.data,
  PASSWORD_TOO_WEAK: EXIT.data,
  CODE_INVALID: EXIT.data,
  CONFLICT: EXIT.data,
  LIMIT_EXCEEDED: EXIT.data,
  INVALID_REQUEST: EXIT.data,
  INVALID_CLIENT: EXIT.data,
  INVALID_GRANT: EXIT.data,
  UNAUTHORIZED_CLIENT: EXIT.data,
  UNSUPPORTED_GRANT_TYPE: EXIT.data,
  INVALID_SCOPE: EXIT.data,
  INVALID_TARGET: EXIT.data,
  INVALID_AUTHORIZATION_DETAILS: EXIT.data,
  INVALID_DPOP_PROOF: EXIT.data,
  USE_DPOP_NONCE: EXIT.data,
  INVALID_TOKEN: EXIT.data,
  NOT_FOUND: EXIT.notFound,
  UNAVAILABLE: EXIT.unavailable,
  RATE_LIMITED: EXIT.unavailable,
};

/** The exit code of a command that threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return EXIT.config;
  if (error instanceof Error && error.name === 'MasterKeyError') return EXIT.config;
  if (error instanceof AppError) return BY_ERROR[error.code] ?? EXIT.failed;
  if (!(error instanceof Error)) return EXIT.failed;
  if (error.name === 'FolderInUseError') return EXIT.unavailable;
  return 'code' in error && error.code === 'ENOENT' ? EXIT.notFound : EXIT.failed;
}
