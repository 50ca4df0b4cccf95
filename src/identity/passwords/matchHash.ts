import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import type { PasswordHash } from './passwordHash.js';

const pbkdf2Async = promisify(pbkdf2);

function scryptAsync(password: string, hash: Extract<PasswordHash, { scheme: 'scrypt' }>): Promise<Buffer> {
  const { cost, blockSize, parallelism, salt, digest } = hash;
  // OpenSSL counts a little more than 128·N·r; the bound itself was checked when the hash was read.
  const maxmem = 128 * blockSize * (cost + parallelism + 2) + 1_048_576;
  return new Promise((resolve, reject) => {
    scrypt(
      password,
      salt,
      digest.length,
      { cost, blockSize, parallelization: parallelism, maxmem },
      (error, key) => {
        if (error) reject(error);
        else resolve(key);
      },
    );
  });
}

/** Whether the password made this hash. Computed in the thread pool, compared in constant time. */
export async function matchHash(hash: PasswordHash, password: string): Promise<boolean> {
  if (hash.scheme === 'argon2') return argon2.verify(hash.phc, password);
  if (hash.scheme === 'bcrypt') return bcrypt.compare(password, hash.phc);
  if (hash.scheme === 'scrypt') return timingSafeEqual(await scryptAsync(password, hash), hash.digest);
  const key = await pbkdf2Async(password, hash.salt, hash.iterations, hash.digest.length, hash.hash);
  return timingSafeEqual(key, hash.digest);
}
