import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';

/** The level that every sign-in of an account must reach. */
export async function demandedAcr({ config }: Pick<Deps, 'config'>, _user: User): Promise<string> {
  return config.factors.requiredAcr;
}
