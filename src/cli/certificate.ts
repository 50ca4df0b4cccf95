import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** What a certificate for this machine alone is made for. */
const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/**
 * The paths of a self-signed certificate for the hosts and of its key, both kept in `folder`. Made when there is none
 * or when it ends within a day; the key is readable by its owner only. For development: nobody trusts it by itself.
 */
export async function localCertificate(
  folder: string,
  { hosts = LOCAL_HOSTS, now = new Date() }: { hosts?: readonly string[] | undefined; now?: Date } = {},
): Promise<{ cert: string; key: string }> {
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  if (existsSync(key) && existsSync(cert) && isValidTomorrow(readFileSync(cert), now)) return { cert, key };

  const notAfterDate = new Date(now);
  notAfterDate.setFullYear(now.getFullYear() + 1);
  const made = await generate([{ name: 'commonName', value: hosts[0] ?? 'localhost' }], {
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
        altNames: hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
      },
    ],
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(key, made.private, { mode: 0o600 });
  writeFileSync(cert, made.cert);
  return { cert, key };
}

function isValidTomorrow(pem: Buffer, now: Date): boolean {
  return Date.parse(new X509Certificate(pem).validTo) > now.getTime() + 86_400_000;
}
