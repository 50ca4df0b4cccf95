import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createSecretBox } from '../../../src/identity/keys/secretBox.js';
import { openSecrets, type RunningSecrets } from '../../../src/identity/keys/secrets.js';
import { makeSigningKey } from '../../../src/identity/keys/signingKeyMaterial.js';
import { silentLogger } from '../../support/logger.js';
import { refusal } from '../../support/refusal.js';
import { openTestStores, type TestStores } from '../../support/stores.js';

describe('the secrets of an installation', () => {
  let stores: TestStores;
  const masterKey = randomBytes(32).toString('base64url');
  const opened: RunningSecrets[] = [];
  beforeEach(async () => {
    stores = await openTestStores();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await stores.close();
  });

  const open = async (key = masterKey) => {
    const { clock, ephemeral, models } = stores;
    const config = { masterKey: key, dataDirectory: '' };
    const secrets = await openSecrets({ config, clock, ephemeral, models, logger: silentLogger });
    opened.push(secrets);
    return secrets;
  };

  it('are one for processes that start together, and the same after a restart', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => open()));
    const closed = all.map((one, index) => one.encrypt(`text ${index}`, 'user:1'));
    const later = await open();
    expect(closed.map((text) => later.decrypt(text, 'user:1'))).to.deep.equal(
      all.map((_one, n) => `text ${n}`),
    );
    for (const one of all) expect(one.derive('x')).to.deep.equal(later.derive('x'));
    expect(await stores.models.dataKeys.countDocuments()).to.equal(2);
  });

  it('name the data key in each ciphertext, and keep no key readable', async () => {
    const secrets = await open();
    expect(secrets.encrypt('a secret', 'user:1')).to.match(/^v2\.k1\.[A-Za-z0-9_-]+$/);
    const derived = Buffer.from(secrets.derive('pages.csrf')).toString('base64url');
    const stored = JSON.stringify(await stores.models.dataKeys.find().lean());
    expect(stored).to.not.contain(derived).and.not.contain(masterKey);
  });

  it('open nothing in another context, and refuse what is no ciphertext of theirs', async () => {
    const secrets = await open();
    const closed = secrets.encrypt('a secret', 'user:1');
    expect(() => secrets.decrypt(closed, 'user:2')).to.throw('was changed');
    expect(() => secrets.decrypt(closed.replace('k1', 'k9'), 'user:1')).to.throw('unknown data key k9');
    expect(() => secrets.decrypt('plain', 'user:1')).to.throw('malformed');
  });

  it('go on with a database that was encrypted under the master key itself: all opens, all derives the same', async () => {
    const before = createSecretBox(Buffer.from(masterKey, 'base64url'));
    const key = await makeSigningKey(before, 'ES256');
    await stores.models.signingKeys.create({ ...key, status: 'current' });
    const seed = before.encrypt('a seed', 'factor:1');
    const secrets = await open();
    expect(secrets.decrypt(seed, 'factor:1')).to.equal('a seed');
    expect(secrets.derive('subject.pairwise')).to.deep.equal(before.derive('subject.pairwise'));
    expect((await open()).decrypt(secrets.encrypt('new', 'x'), 'x')).to.equal('new');
  });

  it('refuse another master key at once, name both, and write nothing', async () => {
    await open();
    const before = JSON.stringify(await stores.models.dataKeys.find().lean());
    const error = await refusal(open(randomBytes(32).toString('base64url')), 'INTERNAL');
    expect(error.name).to.equal('MasterKeyError');
    expect(error.message).to.contain('this database was made with the master key').and.contain('Bring back');
    expect(JSON.stringify(await stores.models.dataKeys.find().lean())).to.equal(before);
  });

  it('refuse another master key for a database from before, too', async () => {
    const key = await makeSigningKey(createSecretBox(randomBytes(32)), 'ES256');
    await stores.models.signingKeys.create({ ...key, status: 'current' });
    expect((await refusal(open(), 'INTERNAL')).name).to.equal('MasterKeyError');
    expect(await stores.models.dataKeys.countDocuments()).to.equal(0);
  });
});
