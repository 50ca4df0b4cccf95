import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { enforceAddressLimit } from '../http/rateLimit.js';
import { confirmEmail, confirmPhone } from '../identity/accounts/confirmations.js';
import { signUp } from '../identity/accounts/signUp.js';
import type { Deps } from '../identity/deps.js';
import {
  type confirmEmailBody,
  confirmEmailSchema,
  type confirmPhoneBody,
  confirmPhoneSchema,
  type registerBody,
  registerSchema,
} from './schemas.js';

/** `/auth/register`, `/auth/confirm-email`, `/auth/confirm-phone`. */
export function addRegistration(app: FastifyInstance, deps: Deps): void {
  app.post<{ Body: z.infer<typeof registerBody> }>(
    '/auth/register',
    { schema: registerSchema },
    async (request, reply) => {
      await enforceAddressLimit(deps, request, reply, 'signUp');
      await signUp(deps, request.body, request.origin);
      return reply.code(202).header('cache-control', 'no-store').send({ status: 'accepted' });
    },
  );

  app.post<{ Body: z.infer<typeof confirmEmailBody> }>(
    '/auth/confirm-email',
    { schema: confirmEmailSchema },
    async (request, reply) => {
      await confirmEmail(deps, request.body, request.origin);
      return reply.header('cache-control', 'no-store').send({ status: 'confirmed' });
    },
  );

  app.post<{ Body: z.infer<typeof confirmPhoneBody> }>(
    '/auth/confirm-phone',
    { schema: confirmPhoneSchema },
    async (request, reply) => {
      await confirmPhone(deps, request.body, request.origin);
      return reply.header('cache-control', 'no-store').send({ status: 'confirmed' });
    },
  );
}
