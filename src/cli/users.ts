import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { AppError } from '../errors.js';
import { createUser } from '../identity/accounts/administration.js';
import type { Deps } from '../identity/deps.js';
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
    if (password === null) assertCanInvite(deps);
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
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}

/** A letter in the outbox of a process that ends with the command would reach nobody. */
function assertCanInvite({ config }: Deps): void {
  if (config.mail.smtpUrl) return;
  const ways = 'give --password-stdin or --generate-password';
  throw new AppError('CONFLICT', `without mail.smtpUrl no letter can be sent: ${ways}`);
}
