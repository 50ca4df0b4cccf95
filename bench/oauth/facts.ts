/** Whose tokens both sides issue: one of the users that the database is made with. */
export const USER = 'user-0';
export const SCOPES = ['openid', 'profile', 'email'] as const;
export const RESOURCE = 'https://api.example';
/** So many refresh tokens are rotated side by side. */
export const CHAINS = 8;
