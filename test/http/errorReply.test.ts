import { expect } from 'chai';
import fastify from 'fastify';
import { AppError } from '../../src/errors.js';
import { addErrorReplies } from '../../src/http/errorReply.js';
import { silentLogger } from '../support/logger.js';

const OR_DPOP = ', DPoP algs="ES256 ES384 ES512 EdDSA Ed25519 PS256 PS384 PS512 RS256 RS384 RS512"';

/** The challenge of a refusal on a JSON door. */
async function challenge(error: AppError, authorization?: string): Promise<unknown> {
  const app = fastify();
  addErrorReplies(app, silentLogger);
  app.get('/', () => {
    throw error;
  });
  const { statusCode, headers } = await app.inject({
    url: '/',
    headers: { ...(authorization && { authorization }) },
  });
  expect(statusCode).to.equal(401);
  await app.close();
  return headers['www-authenticate'];
}

describe('a refusal with status 401', () => {
  it('names what the session must reach where a step-up would help (RFC 9470 §3)', async () => {
    const requirement = { acr: 'aal2', maxAgeSeconds: 300 };
    expect(await challenge(new AppError('STEP_UP_REQUIRED', 'old', { requirement }))).to.equal(
      'Bearer realm="fieldgate", error="insufficient_user_authentication", acr_values="aal2", max_age="300"' +
        OR_DPOP,
    );
    expect(
      await challenge(new AppError('STEP_UP_REQUIRED', 'old', { requirement: { maxAgeSeconds: 60 } })),
    ).to.equal(`Bearer realm="fieldgate", error="insufficient_user_authentication", max_age="60"${OR_DPOP}`);
  });

  it('is a plain challenge otherwise', async () => {
    expect(await challenge(new AppError('UNAUTHENTICATED', 'nobody'))).to.equal(
      `Bearer realm="fieldgate"${OR_DPOP}`,
    );
  });

  it('answers in the scheme that was used (RFC 9449 §7.1)', async () => {
    const refused = new AppError('UNAUTHENTICATED', 'nobody');
    expect(await challenge(refused, 'DPoP garbage')).to.match(
      /^DPoP realm="fieldgate", error="invalid_token", error_description="[^"]+", algs="ES256 [\w ]+"$/,
    );
    expect(await challenge(refused, 'Bearer garbage')).to.match(
      /^Bearer realm="fieldgate", error="invalid_token", error_description="[^"]+", DPoP algs="[^"]+"$/,
    );
  });
});
