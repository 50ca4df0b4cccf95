import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { digestOf } from '../../support/digest.js';

export interface Issued {
  readonly cert: string;
  readonly key: string;
  /** RFC 8705 §3.1 */
  readonly thumbprint: string;
  /** As a JWK holds it (RFC 7517 §4.7). */
  readonly x5c: string[];
}

export interface Names {
  readonly commonName: string;
  readonly organization?: string;
  readonly dns?: string;
  readonly uri?: string;
  /** An hour ago unless said: the clock of a test may be behind. */
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const HOUR_MILLISECONDS = 3_600_000;

/** A certificate by that authority, or by itself. */
export async function issue(names: Names, by?: Issued): Promise<Issued> {
  const { commonName, organization, dns, uri, notBefore, notAfter } = names;
  const made = await generate(
    [
      ...(organization === undefined ? [] : [{ name: 'organizationName', value: organization }]),
      { name: 'commonName', value: commonName },
    ],
    {
      keyType: 'ec',
      algorithm: 'sha256',
      ...(by && { ca: { key: by.key, cert: by.cert } }),
      notBeforeDate: notBefore ?? new Date(Date.now() - HOUR_MILLISECONDS),
      ...(notAfter && { notAfterDate: notAfter }),
      extensions: [
        { name: 'basicConstraints', cA: by === undefined, critical: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: dns ?? 'nobody.example' },
            ...(uri === undefined ? [] : [{ type: 6 as const, value: uri }]),
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    },
  );
  const { raw } = new X509Certificate(made.cert);
  return {
    cert: made.cert,
    key: made.private,
    thumbprint: digestOf(raw),
    x5c: [raw.toString('base64')],
  };
}
