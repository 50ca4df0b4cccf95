/**
 * The fields that the built-in roles and scopes speak of, by subject, each named on purpose: a field that is new in
 * the schema belongs to nobody until it stands here. The boot check refuses names that the schema does not have.
 */
export const FIELDS = {
  User: {
    name: ['name', 'givenName', 'familyName', 'nickname', 'username'],
    profile: ['picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'address'],
    email: ['email', 'emailVerified'],
    phone: ['phone', 'phoneVerified'],
    state: [
      'status',
      'lockedAt',
      'lockedUntil',
      'lastSignInAt',
      'deletionScheduledAt',
      'createdAt',
      'updatedAt',
    ],
    security: ['passwordChangedAt', 'mustChangePassword', 'tokensValidAfter'],
    rights: ['roles', 'roleAssignments', 'attributes'],
    related: ['sessions', 'clients', 'connectedApps'],
    internal: ['lockReason'],
  },
  Session: {
    all: [
      'user',
      'client',
      'clientId',
      'device',
      'address',
      'acr',
      'amr',
      'authenticatedAt',
      'lastUsedAt',
      'idleExpiresAt',
      'expiresAt',
      'revokedAt',
      'revokedReason',
      'createdAt',
      'current',
      'refreshFamilies',
    ],
  },
  RefreshFamily: {
    all: [
      'session',
      'user',
      'client',
      'clientId',
      'scopes',
      'rotations',
      'replays',
      'lastReplayAt',
      'rotatedAt',
      'expiresAt',
      'revokedAt',
      'revokedReason',
      'createdAt',
    ],
  },
  Role: {
    summary: ['name', 'description', 'inherits', 'builtIn', 'createdAt', 'updatedAt'],
    rules: ['rules'],
  },
  Client: {
    /** What its owner may set. */
    metadata: [
      'name',
      'description',
      'tokenEndpointAuthMethod',
      'grantTypes',
      'redirectUris',
      'postLogoutRedirectUris',
      'scopes',
      'logoUri',
      'clientUri',
      'policyUri',
      'tosUri',
      'contacts',
      'jwks',
      'jwksUri',
      'tlsClientAuthSubjectDn',
      'tlsClientAuthSanDns',
      'tlsClientAuthSanUri',
      'tlsClientCertificateBoundAccessTokens',
      'dpopBoundAccessTokens',
      'requirePushedAuthorizationRequests',
      'requireSignedRequestObject',
      'requestUris',
      'subjectType',
      'sectorIdentifierUri',
      'idTokenSignedResponseAlg',
      'userinfoSignedResponseAlg',
      'introspectionSignedResponseAlg',
      'authorizationSignedResponseAlg',
      'backchannelLogoutUri',
      'backchannelLogoutSessionRequired',
      'refreshRevokesAccessTokens',
    ],
    /** What only an administrator sets: trust, rights, lifetimes. */
    administered: [
      'owner',
      'status',
      'firstParty',
      'roles',
      'accessTokenTtlSeconds',
      'refreshTokenTtlSeconds',
      'authorizationDetailsTypes',
      'allowedNetworks',
    ],
    facts: [
      'clientId',
      'declared',
      'dynamicallyRegistered',
      'tokensValidAfter',
      'lastUsedAt',
      'createdAt',
      'updatedAt',
    ],
  },
  PolicyVersion: {
    all: ['version', 'comment', 'publisher', 'createdAt', 'current', 'roles', 'scopes'],
  },
  Decision: {
    all: [
      'at',
      'requestId',
      'count',
      'action',
      'type',
      'field',
      'code',
      'leg',
      'ruleId',
      'policyVersion',
      'remedy',
      'decidedBy',
      'rules',
      'principalKind',
      'roles',
      'scopes',
      'clientId',
      'acr',
    ],
  },
  AuditEvent: {
    /** What a person may see of what they did themselves. */
    own: [
      'at',
      'action',
      'outcome',
      'objectType',
      'objectId',
      'clientId',
      'sessionId',
      'address',
      'userAgent',
    ],
    rest: [
      'reason',
      'actor',
      'actorKind',
      'actorId',
      'object',
      'fields',
      'before',
      'after',
      'requestId',
      'count',
      'chain',
      'sequence',
      'previousHash',
      'hash',
    ],
  },
} as const;

type Groups = Readonly<Record<string, readonly string[]>>;

/** `id` and every field of the subject. */
export function allFieldsOf(subject: keyof typeof FIELDS): readonly string[] {
  return ['id', ...Object.values(FIELDS[subject] as Groups).flat()];
}

/** What can be written of a user: by an administrator, and by the owner. */
export const USER_PROFILE = [...FIELDS.User.name, ...FIELDS.User.profile];
export const USER_WRITABLE = [
  ...USER_PROFILE,
  ...FIELDS.User.email,
  ...FIELDS.User.phone,
  'password',
  'status',
  'roles',
  'attributes',
  'mustChangePassword',
];
export const CLIENT_WRITABLE = [...FIELDS.Client.metadata, ...FIELDS.Client.administered];

/** The acts on a subject, each allowed as a whole. */
export const ACTS = {
  User: [
    'delete',
    'lock',
    'unlock',
    'setRoles',
    'changePassword',
    'changeContact',
    'export',
    'revokeSessions',
    'revokeTokens',
    'revokeConsent',
  ],
  OwnUser: [
    'delete',
    'changePassword',
    'changeContact',
    'export',
    'revokeSessions',
    'revokeTokens',
    'revokeConsent',
  ],
  Session: ['revoke'],
  Client: ['delete', 'rotateSecret', 'revokeTokens', 'issueRegistrationToken'],
  OwnClient: ['delete', 'rotateSecret', 'revokeTokens'],
  Role: ['delete'],
  Decision: ['explain'],
  PolicyVersion: ['publish', 'rollback', 'simulate', 'suggest'],
} as const;
