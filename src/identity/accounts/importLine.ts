import { z } from 'zod';
import { isAppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { assertVerifiableHash } from '../passwords/passwordHash.js';
import { validAttributes, validRoles } from './administeredFields.js';
import { identifierFields } from './newUser.js';
import { validProfile } from './profileFields.js';

const text = z.string().nullish();
const moment = z.iso.datetime({ offset: true }).nullish();

/** One line of an import file: a JSON object with these keys, all optional but one identifier. */
const importedUser = z.strictObject({
  email: text,
  emailVerified: z.boolean().nullish(),
  phone: text,
  phoneVerified: z.boolean().nullish(),
  username: text,
  /** PHC string: argon2, bcrypt, scrypt or PBKDF2. */
  passwordHash: text,
  mustChangePassword: z.boolean().nullish(),
  status: z.enum(['active', 'disabled']).nullish(),
  /** Absent: the configured default roles. */
  roles: z.array(z.string()).nullish(),
  attributes: z.record(z.string(), z.unknown()).nullish(),
  createdAt: moment,
  name: text,
  givenName: text,
  familyName: text,
  nickname: text,
  picture: text,
  website: text,
  gender: text,
  birthdate: text,
  zoneinfo: text,
  locale: text,
  address: z
    .strictObject({
      formatted: text,
      streetAddress: text,
      locality: text,
      region: text,
      postalCode: text,
      country: text,
    })
    .nullish(),
});

/** The account of a line, or what is wrong with the line, in words that repeat no value of it. */
export type ReadLine = { user: Partial<User> } | { fault: string };

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function faultOf(error: z.ZodError): string {
  return error.issues
    .map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': '))
    .join('; ');
}

/** Reads and validates one line of an import file. */
export function readImportLine(deps: Pick<Deps, 'config' | 'clock' | 'policy'>, line: string): ReadLine {
  const json = parseJson(line);
  if (typeof json !== 'object' || json === null) return { fault: 'not a JSON object' };
  const parsed = importedUser.safeParse(json);
  if (!parsed.success) return { fault: faultOf(parsed.error) };
  try {
    return { user: accountOf(deps, parsed.data) };
  } catch (error) {
    if (!isAppError(error, 'BAD_USER_INPUT')) throw error;
    return { fault: `${(error.path ?? []).join('.')}: ${error.publicMessage ?? 'malformed'}` };
  }
}

function accountOf(
  deps: Pick<Deps, 'config' | 'clock' | 'policy'>,
  line: z.output<typeof importedUser>,
): Partial<User> {
  const { email, phone, username, passwordHash, createdAt } = line;
  const identifiers = identifierFields(deps.config, { email, phone, username });
  const roles = line.roles ?? deps.config.accounts.defaultRoles;
  if (passwordHash) assertVerifiableHash(passwordHash);
  return {
    ...identifiers,
    ...validProfile(withoutNull(line)),
    emailVerified: line.emailVerified === true && Boolean(identifiers.email),
    phoneVerified: line.phoneVerified === true && Boolean(identifiers.phone),
    status: line.status ?? 'active',
    mustChangePassword: line.mustChangePassword === true,
    roleAssignments: validRoles(
      deps,
      roles.map((role) => ({ role })),
    ),
    attributes: validAttributes(line.attributes ?? {}),
    ...(passwordHash ? { passwordHash, passwordChangedAt: deps.clock() } : {}),
    ...(createdAt ? { createdAt: new Date(createdAt) } : {}),
  };
}

/** In an import null says the same as nothing. */
function withoutNull(line: z.output<typeof importedUser>): Parameters<typeof validProfile>[0] {
  return Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null));
}
