import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createSecretBox } from '../../../src/identity/keys/secretBox.js';

describe('the secret box', () => {
  const masterKey = randomBytes(32);
  const box = createSecretBox(masterKey);

  it('opens what it closed, also after a restart', () => {
    const closed = box.encrypt('a secret ✓', 'user:1');
    expect(closed).to.match(/^v1\.[A-Za-z0-9_-]+$/);
    expect(closed).to.not.contain('secret');
    expect(createSecretBox(masterKey).decrypt(closed, 'user:1')).to.equal('a secret ✓');
    expect(box.decrypt(box.encrypt('', 'user:1'), 'user:1')).to.equal('');
  });

  it('never makes the same ciphertext twice', () => {
    expect(box.encrypt('same', 'user:1')).to.not.equal(box.encrypt('same', 'user:1'));
  });

  it('opens nothing under another key, in another context, or with a changed byte', () => {
    const closed = box.encrypt('a secret', 'user:1');
    expect(() => createSecretBox(randomBytes(32)).decrypt(closed, 'user:1')).to.throw('another master key');
    expect(() => box.decrypt(closed, 'user:2')).to.throw('another master key');
    const bytes = Buffer.from(closed.slice(3), 'base64url');
    for (const position of [0, 12, 28, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[position] = changed[position]! ^ 1;
      expect(() => box.decrypt(`v1.${changed.toString('base64url')}`, 'user:1')).to.throw(
        'another master key',
      );
    }
  });

  it('refuses what is no ciphertext', () => {
    for (const text of ['', 'v1', 'v1.', 'v2.AAAA', 'v1.AAAA', 'plain text', `v1.${'A'.repeat(37)}`]) {
      expect(() => box.decrypt(text, 'user:1'), text).to.throw('malformed');
    }
  });

  it('derives one key per purpose, the same as long as the master key lives', () => {
    expect(box.derive('one')).to.have.lengthOf(32);
    expect(createSecretBox(masterKey).derive('one')).to.deep.equal(box.derive('one'));
    expect(box.derive('two')).to.not.deep.equal(box.derive('one'));
    expect(createSecretBox(randomBytes(32)).derive('one')).to.not.deep.equal(box.derive('one'));
  });
});
