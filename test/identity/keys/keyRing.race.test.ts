import { expect } from 'chai';
import { createKeyRing, type RunningKeyRing } from '../../../src/identity/keys/keyRing.js';
import { createSecretBox } from '../../../src/identity/keys/secretBox.js';
import type { SigningKeyStatus } from '../../../src/models/signingKey.js';
import { testConfig } from '../../support/deps.js';
import { silentLogger } from '../../support/logger.js';
import { openTestStores, type TestStores } from '../../support/stores.js';

const REPLICAS = 12;

describe('replicas that start or rotate at the same moment', () => {
  let stores: TestStores;
  let rings: RunningKeyRing[] = [];

  beforeEach(async () => {
    stores = await openTestStores();
    const secrets = createSecretBox(new Uint8Array(32).fill(1));
    const deps = { ...stores, secrets, config: testConfig(), logger: silentLogger };
    rings = await Promise.all(Array.from({ length: REPLICAS }, () => createKeyRing(deps)));
  });
  afterEach(async () => {
    await Promise.all(rings.map((ring) => ring.close()));
    await stores.close();
  });

  const count = (status: SigningKeyStatus) => stores.models.signingKeys.countDocuments({ status });

  it('agree on one current and one next key', async () => {
    expect(await count('current')).to.equal(1);
    expect(await count('next')).to.equal(1);
    const published = rings.map((ring) => JSON.stringify(ring.publicJwks()));
    expect(new Set(published).size).to.equal(1);
  });

  it('retire one key, not one each', async () => {
    await Promise.all(rings.map((ring) => ring.rotate()));
    expect(await count('retired')).to.equal(1);
    expect(await count('current')).to.equal(1);
    expect(await count('next')).to.equal(1);
    const now = Math.floor(stores.clock().getTime() / 1000);
    const claims = { iss: 'http://127.0.0.1:3000', sub: 'someone', iat: now, exp: now + 60 };
    for (const ring of rings) {
      const token = await ring.sign(claims, { typ: 'at+jwt' });
      for (const other of rings)
        expect((await other.verify(token, { typ: 'at+jwt' })).sub).to.equal('someone');
    }
  });
});
