import { error, type Schema, TAGS } from './parts.js';

/** The answers of pages that a browser visits on its way. */
const browserAnswers = {
  303: { description: 'On to the app, or to a page for the person', type: 'null' },
  400: error('Client or redirect URI are not proven; a browser gets a page'),
} as const;

export const authorizeSchema: Schema = {
  tags: TAGS,
  operationId: 'authorize',
  summary:
    'Ask the person in this browser for an authorization code (RFC 6749 §4.1, OpenID Connect Core §3.1.2)',
  response: {
    200: { description: 'response_mode=form_post: a page that posts the answer', type: 'string' },
    ...browserAnswers,
  },
};

export const resumeSchema: Schema = {
  tags: TAGS,
  operationId: 'resumeAuthorization',
  summary: 'Where the hosted pages lead back into an authorization',
  response: browserAnswers,
};

export const logoutSchema: Schema = {
  tags: TAGS,
  operationId: 'endSession',
  summary: 'Ask the person in this browser whether to sign out (OpenID Connect RP-Initiated Logout)',
  response: browserAnswers,
};
