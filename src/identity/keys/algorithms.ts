import type { Config } from '../../config/schema.js';

/**
 * The algorithms that this installation holds keys for, its own first: what the resources need, and what clients may
 * choose. HS256 is not among them: its key is the resource's own.
 */
export function signingAlgorithms(config: Pick<Config, 'tokens' | 'resources'>): readonly string[] {
  const ofResources = config.resources.flatMap(({ signingAlgorithm }) => signingAlgorithm ?? []);
  const all = [config.tokens.algorithm, ...config.tokens.additionalAlgorithms, ...ofResources];
  return [...new Set(all)].filter((algorithm) => algorithm !== 'HS256');
}
