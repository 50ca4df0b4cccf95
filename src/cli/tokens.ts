import { type RevokeTarget, revokeTokens } from '../identity/tokens/revokeTokens.js';
import { EXIT } from './exitCodes.js';
import { print, printError } from './output.js';
import { withHouse } from './withHouse.js';

export interface RevokeTokensOptions {
  readonly config?: string;
  readonly user?: string;
  readonly client?: string;
  readonly session?: string;
  readonly family?: string;
  readonly everything?: boolean;
  readonly json?: boolean;
}

/** Revokes tokens for every replica: the way that is left when nobody can sign in. Answers the exit code. */
export async function revokeFromOptions(options: RevokeTokensOptions): Promise<number> {
  const target = targetOf(options);
  if (!target) {
    const message = 'give exactly one of --user, --client, --session, --family and --everything';
    printError(new Error(message), options.json === true);
    return EXIT.usage;
  }
  await withHouse(options.config, (deps, { actor, origin }) => revokeTokens(deps, target, actor, origin));
  const { kind, id } = target;
  print(options.json, { revoked: target }, `revoked: ${kind}${id === undefined ? '' : ` ${id}`}`);
  return EXIT.ok;
}

function targetOf(options: RevokeTokensOptions): RevokeTarget | null {
  const kinds = (['user', 'client', 'session', 'family', 'everything'] as const).filter(
    (kind) => options[kind],
  );
  const [kind, ...others] = kinds;
  if (!kind || others.length > 0) return null;
  return kind === 'everything' ? { kind } : { kind, id: String(options[kind]) };
}
