import type { Config } from '../schema.js';
import type { CheckedFault } from './checkedFault.js';

/** What format, algorithm and secret of one API must have to do with each other. */
export function resourceFaults(config: Config): CheckedFault[] {
  const own = config.tokens.audience ?? config.issuer;
  return config.resources.flatMap((resource, index) => {
    const faults: CheckedFault[] = [];
    const fault = (key: string, message: string) => faults.push({ path: ['resources', index, key], message });
    const isShared = resource.signingAlgorithm === 'HS256';

    if (resource.identifier.includes('#')) {
      // RFC 8707 §2
      fault('identifier', 'must have no fragment');
    }
    if (resource.tokenFormat === 'opaque' && resource.signingAlgorithm !== undefined) {
      fault('signingAlgorithm', 'must be absent, because opaque tokens are not signed');
    }
    if (isShared && resource.sharedSecret === undefined) {
      fault('sharedSecret', 'is required for HS256: at least 32 characters of its own');
    }
    if (!isShared && resource.sharedSecret !== undefined) {
      fault('sharedSecret', 'must be absent, because signingAlgorithm is not HS256');
    }
    // Whoever verifies with a shared secret can sign with it too: no such key may open this API or another.
    if (isShared && resource.identifier === own) {
      fault('signingAlgorithm', "must not be HS256 for Fieldgate's own API");
    }
    if (config.resources.findIndex(({ sharedSecret }) => sharedSecret === resource.sharedSecret) < index) {
      if (resource.sharedSecret !== undefined) fault('sharedSecret', 'belongs to another resource');
    }
    return faults;
  });
}
