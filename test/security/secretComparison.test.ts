import { expect } from 'chai';
import { readTexts, type SourceText } from '../support/sourceGraph.js';

/** Whoever compares one of these by `===` tells by the time how much of a guess was right. */
const BY_EQUALS =
  /\b\w*(?:secret|digest|hash|signature|hmac|nonce|password|verifier)\w*(?:\([^)]*\))?\s*[!=]==(?!\s*(?:null|undefined|true|'))/i;

/** What is no secret, or is compared with nothing that a caller sends. */
const NO_SECRET = new Set([
  // The caller's own two texts.
  'src/identity/accounts/passwords.ts',
  'src/pages/newPassword.ts',
  // Configuration, read at the start.
  'src/identity/clients/declaredClients.ts',
  'src/config/checks/resources.ts',
]);

/** The hash chain of the audit trail is open to its readers; the engine has no callers but us. */
const NO_SECRETS = ['src/identity/audit/', 'src/stores/'];

/** Where something that a caller shows is held against what it must be. */
const COMPARERS = [
  'src/identity/clients/clientSecret.ts',
  'src/identity/tokens/dpopNonce.ts',
  'src/identity/tokens/refreshTokenFormat.ts',
  'src/identity/accounts/oneTimeProof.ts',
  'src/identity/passwords/matchHash.ts',
  'src/pages/formToken.ts',
  'src/resolvers/lists/cursor.ts',
  'src/rest/metrics.ts',
];

describe('the comparison of secrets', () => {
  let sources: SourceText[];
  before(() => {
    sources = readTexts('src');
  });

  it('never ends at the first difference (RFC 9700 §2.5 asks for client authentication that is no oracle)', () => {
    for (const guilty of ['if (digest(secret) === stored)', 'secretHash !== given', 'nonce === expected']) {
      expect(guilty).to.match(BY_EQUALS);
    }
    const lines = sources
      .filter(({ path }) => !NO_SECRET.has(path) && !NO_SECRETS.some((folder) => path.startsWith(folder)))
      .flatMap(({ path, text }) => text.split('\n').map((line) => `${path}: ${line.trim()}`))
      .filter((line) => BY_EQUALS.test(line) && !/: (?:\/\/|\*|\/\*)/.test(line));
    expect(lines).to.deep.equal([]);
  });

  for (const file of COMPARERS) {
    it(`takes constant time in ${file}`, () => {
      const text = sources.find(({ path }) => path === file)?.text ?? '';
      expect(text).to.match(/timingSafeEqual\(/);
    });
  }
});
