import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { exportQuery, streamQuery } from './auditQuery.js';

// Every string is bounded and every object closed: what is not named here is refused before a handler runs.
const text = (max: number, description: string) => z.string().min(1).max(max).describe(description);
const password = text(1024, 'As typed');
const scope = text(2048, 'Space-separated; absent: all that the client may have');

const captcha = text(4096, 'The solution of the CAPTCHA that was demanded (`error.captcha`)');

export const registerBody = z.strictObject({
  email: text(320, 'E-mail address; this or a phone number is needed').optional(),
  phone: text(32, 'Phone number; this or an e-mail address is needed').optional(),
  username: text(64, 'Unique without regard to case').optional(),
  password,
  name: text(256, 'Full name').optional(),
  givenName: text(128, 'Given name').optional(),
  familyName: text(128, 'Family name').optional(),
  locale: text(35, 'BCP 47').optional(),
  captcha: captcha.optional(),
});

export const confirmEmailBody = z.union([
  z.strictObject({ token: text(512, 'From the mailed link') }),
  z.strictObject({ email: text(320, 'The address to confirm'), code: text(16, 'From the mail') }),
]);

export const confirmPhoneBody = z.strictObject({
  phone: text(32, 'The number to confirm'),
  code: text(16, 'From the message'),
});

export const loginBody = z.strictObject({
  identifier: text(320, 'E-mail address, phone number or username'),
  password,
  scope: scope.optional(),
  captcha: captcha.optional(),
  cookie: z
    .boolean()
    .optional()
    .describe(
      'True: the refresh token comes in an HttpOnly cookie instead of the body, with a session cookie',
    ),
});

export const refreshBody = z
  .strictObject({
    refreshToken: text(1024, 'Absent: the refresh cookie is used').optional(),
    scope: scope.optional(),
  })
  .optional();

const tokens = z.object({
  accessToken: z.string(),
  tokenType: z
    .enum(['Bearer', 'DPoP'])
    .describe('DPoP: bound to the key of the proof that came with the request (RFC 9449)'),
  expiresIn: z.int().describe('Seconds'),
  refreshToken: z.string().optional().describe('Absent when it is in the cookie'),
  idToken: z.string().optional(),
  scope: z.string(),
});

const validation = z.object({
  active: z.literal(true),
  sub: z.string(),
  scope: z.string().describe('Space-separated; empty for a session cookie, which no scope narrows'),
  roles: z.array(z.string()),
  clientId: z.string().nullable(),
  exp: z.int().describe('Epoch seconds'),
});

const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    path: z.array(z.string()).optional(),
    remedy: z.string().optional(),
    captcha: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** Draft 7 is what the validator speaks; its `$schema` member is of no use inside an OpenAPI document. */
export function jsonSchema(schema: z.ZodType, description?: string): Record<string, unknown> {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return { ...json, ...(description !== undefined && { description }) };
}

const ERRORS: Record<number, string> = {
  400: 'BAD_USER_INPUT, PASSWORD_TOO_WEAK, CODE_INVALID or INVALID_SCOPE',
  401: 'UNAUTHENTICATED, INVALID_CREDENTIALS or INVALID_GRANT',
  403: 'FORBIDDEN, CONFIRMATION_REQUIRED or CAPTCHA_REQUIRED',
  409: 'CONFLICT',
  413: 'LIMIT_EXCEEDED',
  415: 'BAD_USER_INPUT: neither JSON nor a form',
  423: 'ACCOUNT_LOCKED; see Retry-After',
  429: 'RATE_LIMITED; see Retry-After',
  503: 'UNAVAILABLE; see Retry-After',
};

/** The error answers of a route, each with the codes that it may carry. */
export function errors(...statuses: number[]): Record<number, unknown> {
  return Object.fromEntries(statuses.map((status) => [status, jsonSchema(errorBody, ERRORS[status])]));
}

type Documented = FastifySchema & { tags: string[]; summary: string; operationId: string };
const TAGS = ['Authentication'];
const nothing = (description: string) => ({ type: 'null', description });
const caller: Record<string, string[]>[] = [{ bearer: [] }, { session: [] }];

export const registerSchema: Documented = {
  tags: TAGS,
  operationId: 'register',
  summary: 'Sign up. The answer is the same whether or not the contact is already in use',
  body: jsonSchema(registerBody),
  response: {
    202: jsonSchema(z.object({ status: z.literal('accepted') }), 'A confirmation is on its way'),
    ...errors(400, 403, 409, 413, 415, 429, 503),
  },
};

export const confirmEmailSchema: Documented = {
  tags: TAGS,
  operationId: 'confirmEmail',
  summary: 'Confirm an e-mail address with the mailed link or code',
  body: jsonSchema(confirmEmailBody),
  response: {
    200: jsonSchema(z.object({ status: z.literal('confirmed') }), 'Confirmed'),
    ...errors(400, 413, 415, 429),
  },
};

export const confirmPhoneSchema: Documented = {
  ...confirmEmailSchema,
  operationId: 'confirmPhone',
  summary: 'Confirm a phone number with the code sent to it',
  body: jsonSchema(confirmPhoneBody),
};

export const loginSchema: Documented = {
  tags: TAGS,
  operationId: 'login',
  summary: 'Sign in',
  body: jsonSchema(loginBody),
  response: { 200: jsonSchema(tokens, 'Signed in'), ...errors(400, 401, 403, 413, 415, 423, 429, 503) },
};

export const refreshSchema: Documented = {
  tags: TAGS,
  operationId: 'refresh',
  summary: 'Exchange a refresh token, from the body or the cookie, for new tokens',
  // The body may be missing altogether: then the cookie speaks.
  body: { ...jsonSchema(refreshBody), type: ['object', 'null'] },
  response: { 200: jsonSchema(tokens, 'New tokens'), ...errors(400, 401, 403, 413, 415, 429, 503) },
};

export const logoutSchema: Documented = {
  tags: TAGS,
  operationId: 'logout',
  summary: 'End this session and all of its tokens',
  security: caller,
  response: { 204: nothing('Signed out; the cookies are cleared'), ...errors(401, 403, 429) },
};

export const validateSchema = (method: string): Documented => ({
  tags: TAGS,
  operationId: `validate${method}`,
  summary:
    'For gateways: who is behind this bearer token or session cookie, in the body and in X-Fieldgate-* headers',
  security: caller,
  response: { 200: jsonSchema(validation, 'Valid'), ...errors(401, 429) },
});

export const meSchema: Documented = {
  tags: TAGS,
  operationId: 'me',
  summary: 'The signed-in user: the fields that the policy lets them read',
  security: caller,
  response: {
    200: {
      type: 'object',
      description: 'Readable fields; others are absent',
      properties: { id: { type: 'string' } },
      additionalProperties: true,
    },
    ...errors(401, 403, 429),
  },
};

const streamed = (description: string) => ({ type: 'string', description });

export const auditExportSchema: Documented = {
  tags: ['Audit'],
  operationId: 'exportAuditEvents',
  summary:
    'The audit trail, oldest first, as far as the policy lets the caller read it; other fields are empty',
  security: caller,
  querystring: jsonSchema(exportQuery),
  response: {
    200: streamed('JSON Lines or CSV; X-Fieldgate-Total tells how many events'),
    ...errors(400, 401, 403, 429, 503),
  },
};

export const auditStreamSchema: Documented = {
  tags: ['Audit'],
  operationId: 'streamAuditEvents',
  summary: 'New audit events as server-sent events; goes on after Last-Event-ID',
  security: caller,
  querystring: jsonSchema(streamQuery),
  response: { 200: streamed('text/event-stream'), ...errors(400, 401, 403, 429, 503) },
};
