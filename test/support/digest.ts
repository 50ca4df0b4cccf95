import { hash } from 'node:crypto';

/** SHA-256 in base64url: how Fieldgate stores what nobody may read, and what PKCE and DPoP compare. */
export const digestOf = (text: string): string => hash('sha256', text, 'base64url');
