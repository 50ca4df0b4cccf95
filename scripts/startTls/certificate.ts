import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/**
 * The paths of a certificate for localhost, 127.0.0.1 and ::1 and of its key, both kept in `folder`. Made when there is
 * none or when it ends within a day; the key is readable by its owner only.
 */
export async function localCertificate(
  folder: string,
  now = new Date(),
): Promise<{ cert: string; key: string }> {
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  if (existsSync(key) && existsSync(cert) && isValidTomorrow(readFileSync(cert), now)) return { cert, key };

  const notAfterDate = new Date(now);
  notAfterDate.setFullYear(now.getFullYear() + 1);
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: now,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(key, made.private, { mode: 0o600 });
  writeFileSync(cert, made.cert);
  return { cert, key };
}

function isValidTomorrow(pem: Buffer, now: Date): boolean {
  return Date.parse(new X509Certificate(pem).validTo) > now.getTime() + 86_400_000;
}
