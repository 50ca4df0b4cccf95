import { AppError } from '../errors.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { cell, print, table } from './output.js';
import { withHouse } from './withHouse.js';

/** Prints the roles of the policy in force. Answers the exit code. */
export async function listRoles({ config, json }: CommonOptions): Promise<number> {
  const { version, roles } = await withHouse(config, async ({ policy }) => {
    const { version: number, roles: byName } = policy.current();
    return { version: number, roles: [...byName.values()] };
  });
  const told = roles.map(({ name, description, inherits, builtIn, rules }) => ({
    name,
    description,
    inherits,
    builtIn,
    rules: rules.length,
  }));
  const rows = told.map(({ name, inherits, rules, description }) =>
    [name, inherits, String(rules), description].map(cell),
  );
  print(json, { policyVersion: version, roles: told }, table(['name', 'inherits', 'rules', ''], rows));
  return EXIT.ok;
}

/** Prints one role with its rules. @throws AppError NOT_FOUND. Answers the exit code. */
export async function showRole(name: string, { config, json }: CommonOptions): Promise<number> {
  const role = await withHouse(config, async ({ policy }) => policy.current().roles.get(name));
  if (!role) throw new AppError('NOT_FOUND', `there is no role ${name}`);
  print(json, role, JSON.stringify(role, null, 2));
  return EXIT.ok;
}
