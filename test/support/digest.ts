import { hash } from 'node:crypto';

/** SHA-256 in base64url: how Fieldgate stores what nobody may read, and what PKCE and DPoP compare. */
export const digestOf = (data: string | Buffer): string => hash('sha256', data, 'base64url');
