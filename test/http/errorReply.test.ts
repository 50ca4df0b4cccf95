import { expect } from 'chai';
import fastify from 'fastify';
import { AppError } from '../../src/errors.js';
import { addErrorReplies } from '../../src/http/errorReply.js';
import { silentLogger } from '../support/logger.js';

/** The challenge of a refusal on a JSON door. */
async function challenge(error: AppError): Promise<unknown> {
  const app = fastify();
  addErrorReplies(app, silentLogger);
  app.get('/', () => {
    throw error;
  });
  const { statusCode, headers } = await app.inject('/');
  expect(statusCode).to.equal(401);
  await app.close();
  return headers['www-authenticate'];
}

describe('a refusal with status 401', () => {
  it('names what the session must reach where a step-up would help (RFC 9470 §3)', async () => {
    const requirement = { acr: 'aal2', maxAgeSeconds: 300 };
    expect(await challenge(new AppError('STEP_UP_REQUIRED', 'old', { requirement }))).to.equal(
      'Bearer realm="fieldgate", error="insufficient_user_authentication", acr_values="aal2", max_age="300"',
    );
    expect(
      await challenge(new AppError('STEP_UP_REQUIRED', 'old', { requirement: { maxAgeSeconds: 60 } })),
    ).to.equal('Bearer realm="fieldgate", error="insufficient_user_authentication", max_age="60"');
  });

  it('is a plain challenge otherwise', async () => {
    expect(await challenge(new AppError('UNAUTHENTICATED', 'nobody'))).to.equal('Bearer realm="fieldgate"');
  });
});
