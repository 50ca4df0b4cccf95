/**
 * Names that come with the release, for checks of what a file refers to. The definitions stand in `policies/`,
 * which configuration must not import; a test keeps these lists in step with them.
 */
export const BUILT_IN_ROLE_NAMES: readonly string[] = ['admin', 'moderator', 'user', 'auditor', 'developer'];

/** Scopes that come with the release, those of OpenID Connect included. */
export const BUILT_IN_SCOPE_NAMES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'phone',
  'address',
  'offline_access',
  'account',
  'users:read',
  'users:write',
  'roles:read',
  'roles:write',
  'clients:read',
  'clients:write',
  'sessions:read',
  'sessions:write',
  'audit:read',
  'policy:read',
  'policy:write',
];

/** The client under which Fieldgate's own doors issue tokens. */
export const BUILT_IN_CLIENT_ID = 'fieldgate';
