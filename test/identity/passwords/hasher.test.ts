import { createHash, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { configSchema } from '../../../src/config/schema.js';
import { isAppError } from '../../../src/errors.js';
import { createPasswordHasher } from '../../../src/identity/passwords/hasher.js';
import { parsePasswordHash } from '../../../src/identity/passwords/passwordHash.js';
import { processorTimeOf } from '../../support/processorTime.js';

const config = (argon2Config: object = {}) =>
  configSchema.parse({ passwords: { argon2: { memoryKiB: 8192, timeCost: 1, ...argon2Config } } });

const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

const PASSWORD = 'correct horse – Straße';

function scryptHash(password: string, ln = 12): string {
  const salt = randomBytes(16);
  const digest = scryptSync(password, salt, 32, { cost: 2 ** ln, blockSize: 8, parallelization: 1 });
  return `$scrypt$ln=${ln},r=8,p=1$${unpadded(salt)}$${unpadded(digest)}`;
}

function pbkdf2Hash(password: string, hash: 'sha1' | 'sha256' | 'sha512', style: 'phc' | 'passlib'): string {
  const salt = randomBytes(16);
  const digest = pbkdf2Sync(password, salt, 1000, 32, hash);
  if (style === 'phc') return `$pbkdf2-${hash}$i=1000,l=32$${unpadded(salt)}$${unpadded(digest)}`;
  const ab64 = (bytes: Buffer) => unpadded(bytes).replaceAll('+', '.');
  return `$pbkdf2-${hash}$1000$${ab64(salt)}$${ab64(digest)}`;
}

describe('the password hasher', () => {
  const hasher = createPasswordHasher(config());

  it('makes argon2id hashes of the configured costs, each with a salt of its own', async () => {
    const [first, second] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
    expect(first).to.match(/^\$argon2id\$v=19\$m=8192,t=1,p=1\$/);
    expect(first).not.to.equal(second);
    expect(await hasher.verify(first, PASSWORD)).to.deep.equal({ matches: true, needsRehash: false });
    expect(await hasher.verify(first, 'another')).to.deep.equal({ matches: false, needsRehash: false });
  });

  it('asks for a new hash when the costs are not the configured ones', async () => {
    const old = await hasher.hash(PASSWORD);
    const stronger = createPasswordHasher(config({ timeCost: 2 }));
    expect(await stronger.verify(old, PASSWORD)).to.deep.equal({ matches: true, needsRehash: true });
  });

  it('verifies imported hashes of every supported scheme and asks to replace them', async () => {
    const bcryptHash = await bcrypt.hash(PASSWORD, 4);
    const imported = [
      bcryptHash,
      bcryptHash.replace('$2b$', '$2a$'),
      bcryptHash.replace('$2b$', '$2y$'),
      scryptHash(PASSWORD),
      pbkdf2Hash(PASSWORD, 'sha1', 'phc'),
      pbkdf2Hash(PASSWORD, 'sha256', 'phc'),
      pbkdf2Hash(PASSWORD, 'sha512', 'phc'),
      pbkdf2Hash(PASSWORD, 'sha256', 'passlib'),
      await argon2.hash(PASSWORD, { type: argon2.argon2i, memoryCost: 1024, timeCost: 1 }),
      await argon2.hash(PASSWORD, { type: argon2.argon2d, memoryCost: 1024, timeCost: 1 }),
    ];
    for (const hash of imported) {
      expect(await hasher.verify(hash, PASSWORD), hash).to.deep.equal({ matches: true, needsRehash: true });
      expect((await hasher.verify(hash, `${PASSWORD}.`)).matches, hash).to.equal(false);
    }
  });

  it('verifies published vectors', async () => {
    const base64 = (hex: string) => unpadded(Buffer.from(hex, 'hex'));
    const salt = unpadded(Buffer.from('salt'));
    // RFC 6070: PBKDF2-HMAC-SHA1, P = "password", S = "salt", c = 4096, dkLen = 20.
    const pbkdf2 = `$pbkdf2-sha1$i=4096$${salt}$${base64('4b007901b765489abead49d926f721d065a429c1')}`;
    expect((await hasher.verify(pbkdf2, 'password')).matches).to.equal(true);
    // RFC 7914 §12: scrypt(P="password", S="NaCl", N=1024, r=8, p=16).
    const scrypt = `$scrypt$ln=10,r=8,p=16$${unpadded(Buffer.from('NaCl'))}$${base64(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
        '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    )}`;
    expect((await hasher.verify(scrypt, 'password')).matches).to.equal(true);
  });

  it('takes one password typed in two Unicode forms for one', async () => {
    const composed = 'caf\u00e9 cr\u00e8me au\u00a0lait';
    const decomposed = 'cafe\u0301 cre\u0300me au lait';
    expect((await hasher.verify(await hasher.hash(composed), decomposed)).matches).to.equal(true);
  });

  it('verifies an imported hash that was made of the form as typed', async () => {
    const decomposed = 'cafe\u0301 cre\u0300me';
    const imported = scryptHash(decomposed);
    expect(await hasher.verify(imported, decomposed)).to.deep.equal({ matches: true, needsRehash: true });
  });

  it('refuses to hash NUL, control characters, nothing and more than 1024 bytes', () => {
    for (const password of ['', 'a\0bcdefgh', 'a\nbcdefgh', 'x'.repeat(1025), 'ü'.repeat(513)]) {
      expect(() => hasher.hash(password))
        .to.throw()
        .that.satisfies((error: unknown) => isAppError(error, 'BAD_USER_INPUT'));
    }
  });

  it('says no to an unusable password or hash without an error', async () => {
    const hash = await hasher.hash(PASSWORD);
    expect(await hasher.verify(hash, `${PASSWORD}\0`)).to.deep.equal({ matches: false, needsRehash: false });
    expect(await hasher.verify(hash, 'x'.repeat(1_000_000))).to.deep.equal({
      matches: false,
      needsRehash: false,
    });
    expect(await hasher.verify('{SSHA}abcdef', PASSWORD)).to.deep.equal({
      matches: false,
      needsRehash: false,
    });
    expect(await hasher.verify(null, PASSWORD)).to.deep.equal({ matches: false, needsRehash: false });
  });

  it('does not take the empty digest of a hostile hash for a match', async () => {
    for (const hash of [
      '$scrypt$ln=10,r=8,p=1$c2FsdHNhbHQ$',
      '$pbkdf2-sha256$i=1$c2FsdHNhbHQ$',
      '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$',
    ]) {
      expect((await hasher.verify(hash, PASSWORD)).matches, hash).to.equal(false);
    }
  });

  it('spends as much on an unknown user as on a known one', async function () {
    this.timeout(20_000);
    const slow = createPasswordHasher(config({ memoryKiB: 32_768, timeCost: 3 }));
    const hash = await slow.hash(PASSWORD);
    // The least of rounds taken in turns.
    const cost = async (stored: string | null) =>
      (await processorTimeOf(() => slow.verify(stored, 'wrong'))).milliseconds;
    let [known, unknown] = [Infinity, Infinity];
    for (let round = 0; round < 9; round += 1) {
      known = Math.min(known, await cost(hash));
      unknown = Math.min(unknown, await cost(null));
    }
    expect(unknown / known).to.be.within(0.5, 2);
  });

  it('refuses at once, with the time to come back, what the queue cannot hold', async () => {
    const narrow = createPasswordHasher(config({ concurrency: 1, queueLength: 2 }));
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => narrow.verify(null, 'x')));
    expect(answers.filter((answer) => answer.status === 'fulfilled')).to.have.length(3);
    for (const answer of answers) {
      if (answer.status === 'fulfilled') continue;
      expect(isAppError(answer.reason, 'UNAVAILABLE')).to.equal(true);
      expect((answer.reason as { retryAfterSeconds?: number }).retryAfterSeconds).to.be.at.least(1);
    }
    // The queue recovers.
    expect((await narrow.verify(null, 'x')).matches).to.equal(false);
  });
});

describe('the bounds of imported hashes', () => {
  const salt = unpadded(randomBytes(16));
  const digest = unpadded(createHash('sha256').update('x').digest());

  it('reads what real systems write', () => {
    for (const hash of [
      `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${digest}`,
      `$argon2i$m=4096,t=3,p=1$${salt}$${digest}`,
      `$scrypt$ln=17,r=8,p=1$${salt}$${digest}`,
      `$pbkdf2-sha256$i=600000$${salt}$${digest}`,
      `$pbkdf2-sha512$i=210000,l=32$${salt}$${digest}=`,
    ]) {
      expect(parsePasswordHash(hash), hash).not.to.equal(null);
    }
  });

  it('refuses costs that would eat the machine', () => {
    for (const hash of [
      `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${digest}`,
      `$argon2id$v=19$m=262144,t=16,p=1$${salt}$${digest}`,
      `$argon2id$v=19$m=65536,t=100000,p=1$${salt}$${digest}`,
      `$scrypt$ln=31,r=8,p=1$${salt}$${digest}`,
      `$scrypt$ln=17,r=8,p=16$${salt}$${digest}`,
      `$pbkdf2-sha256$i=999999999$${salt}$${digest}`,
      `$2b$31$${'a'.repeat(53)}`,
      `$pbkdf2-sha256$i=1000,l=64$${salt}$${digest}`,
      `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${'A'.repeat(250)}`,
      `$argon2id$v=19$m=65536,t=3,p=4,data=AAAA$${salt}$${digest}`,
      'plaintext',
    ]) {
      expect(parsePasswordHash(hash), hash).to.equal(null);
    }
  });
});
