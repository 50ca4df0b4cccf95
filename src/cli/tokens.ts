import { type RevokeTarget, revokeTokens } from '../identity/tokens/revokeTokens.js';
import { EXIT } from './exitCodes.js';
import { withApp } from './withApp.js';

export interface RevokeTokensOptions {
  readonly config?: string;
  readonly user?: string;
  readonly client?: string;
  readonly session?: string;
  readonly family?: string;
  readonly everything?: boolean;
}

/** Revokes tokens for every replica: the way that is left when nobody can sign in. Answers the exit code. */
export async function revokeFromOptions(options: RevokeTokensOptions): Promise<number> {
  const target = targetOf(options);
  if (!target) {
    process.stderr.write('give exactly one of --user, --client, --session, --family and --everything\n');
    return EXIT.usage;
  }
  await withApp(options.config, (deps, { actor, origin }) => revokeTokens(deps, target, actor, origin));
  process.stdout.write(`revoked: ${target.kind}${target.id === undefined ? '' : ` ${target.id}`}\n`);
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
