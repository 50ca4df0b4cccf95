import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Config } from '../config/schema.js';
import { AppError } from '../errors.js';
import { createUser } from '../identity/accounts/administration.js';
import { assertCanSend } from './assertCanSend.js';
import { EXIT } from './exitCodes.js';
import { print } from './output.js';
import { withHouse } from './withHouse.js';

export interface CreateUserOptions {
  readonly config?: string;
  readonly email?: string;
  readonly username?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly role?: string[];
  readonly passwordStdin?: boolean;
  readonly generatePassword?: boolean;
  readonly json?: boolean;
}

/**
 * Creates a confirmed account. Its password is read from standard input, or made and printed once (and must be changed
 * at the first sign-in), or set by the owner through the link of a letter. Answers the exit code.
 */
export async function createUserFromOptions(options: CreateUserOptions): Promise<number> {
  const password = await passwordOf(options);
  const user = await withHouse(options.config, async (deps, { actor, origin }) => {
    if (password === null) assertCanInvite(deps.config, options);
    const { email, username, phone, name, role, generatePassword } = options;
    const input = {
      email,
      username,
      phone,
      name,
      password,
      emailVerified: email !== undefined,
      phoneVerified: phone !== undefined,
      mustChangePassword: generatePassword === true,
      roles: role ?? null,
    };
    return createUser(deps, input, actor, origin);
  });
  const made = options.generatePassword ? { password } : {};
  const text = [`created ${user._id}`, ...(made.password ? [`password: ${made.password}`] : [])];
  print(options.json, { id: user._id, ...made }, text.join('\n'));
  return EXIT.ok;
}

async function passwordOf({ passwordStdin, generatePassword }: CreateUserOptions): Promise<string | null> {
  if (generatePassword) return randomBytes(15).toString('base64url');
  if (!passwordStdin) return null;
  const typed = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (typed === '') throw new AppError('BAD_USER_INPUT', 'there is no password on standard input');
  return typed;
}

/** Who is given no password is told how to set one: by mail before SMS, as `ownerOf` has it. @throws AppError CONFLICT */
function assertCanInvite(config: Config, { email, phone, username }: CreateUserOptions): void {
  const otherWay = 'give --password-stdin or --generate-password';
  if (email) assertCanSend(config, 'email', otherWay);
  else if (phone) assertCanSend(config, 'phone', otherWay);
  else if (username) {
    throw new AppError(
      'CONFLICT',
      `there is neither an address nor a number to send a letter to: ${otherWay}`,
    );
  }
}
