import { expect } from 'chai';
import { isNonNullType, isObjectType } from 'graphql';
import { buildApi } from '../../src/resolvers/api.js';
import { startApp, type TestApp } from '../support/app.js';
import { inputTypeOf, mutate } from './mutate.js';

type Role = 'anonymous' | 'user' | 'developer' | 'moderator' | 'auditor' | 'admin';
type Outcome = 'passes' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND';

const ROLES: readonly Role[] = ['anonymous', 'user', 'developer', 'moderator', 'auditor', 'admin'];
const all = (outcome: Outcome) =>
  Object.fromEntries(ROLES.map((role) => [role, outcome])) as Record<Role, Outcome>;
const signedIn: Record<Role, Outcome> = { ...all('passes'), anonymous: 'UNAUTHENTICATED' };
const nobodyBut = (roles: readonly Role[], others: Outcome): Record<Role, Outcome> => ({
  ...all(others),
  anonymous: 'UNAUTHENTICATED',
  ...Object.fromEntries(roles.map((role) => [role, 'passes' as const])),
});

/**
 * Every mutation, an input that is well-formed (and mostly wrong, so that little changes), and who gets past the guard.
 * A foreign object that one may not see is NOT_FOUND, an act that one may never do FORBIDDEN.
 */
const MATRIX: Record<string, { input: (victim: Victim) => object | null; outcome: Record<Role, Outcome> }> = {
  signUp: { input: () => ({ email: 'x', password: 'x' }), outcome: all('passes') },
  confirmEmail: { input: () => ({ token: 'x' }), outcome: all('passes') },
  confirmPhone: { input: () => ({ phone: '+442079460000', code: '000000' }), outcome: all('passes') },
  resendConfirmation: { input: () => ({ email: 'nobody@example.com' }), outcome: all('passes') },
  signIn: { input: () => ({ identifier: 'nobody@example.com', password: 'x' }), outcome: all('passes') },
  continueSignIn: { input: () => ({ transaction: 'x', code: '000000' }), outcome: all('UNAUTHENTICATED') },
  stepUp: {
    input: () => ({ acr: 'aal2' }),
    outcome: { ...all('passes'), anonymous: 'UNAUTHENTICATED' },
  },
  beginPasskeySignIn: { input: () => null, outcome: all('passes') },
  signInByPasskey: { input: () => ({ passkey: {} }), outcome: all('passes') },
  requestEmailSignIn: { input: () => ({ email: 'nobody@example.com' }), outcome: all('passes') },
  requestPasswordReset: { input: () => ({ identifier: 'nobody@example.com' }), outcome: all('passes') },
  resetPassword: { input: () => ({ token: 'x', newPassword: 'x' }), outcome: all('passes') },
  changePassword: { input: () => ({ currentPassword: 'x', newPassword: 'y' }), outcome: signedIn },
  updateProfile: { input: () => ({ birthdate: 'x' }), outcome: signedIn },
  changeEmail: { input: () => ({ newEmail: 'x' }), outcome: signedIn },
  changePhone: { input: () => ({ newPhone: 'x' }), outcome: signedIn },
  deleteAccount: { input: () => ({ password: 'x' }), outcome: signedIn },
  cancelAccountDeletion: { input: () => null, outcome: signedIn },
  exportAccountData: { input: () => null, outcome: signedIn },
  revokeOtherSessions: { input: () => null, outcome: signedIn },
  revokeConsent: { input: () => ({ clientId: 'x' }), outcome: signedIn },
  revokeSession: {
    input: ({ session }) => ({ id: session }),
    outcome: { ...nobodyBut(['admin'], 'NOT_FOUND'), moderator: 'FORBIDDEN', auditor: 'FORBIDDEN' },
  },
  requestAssistedRecovery: {
    input: ({ user }) => ({ id: user, reason: '' }),
    outcome: nobodyBut(['admin'], 'FORBIDDEN'),
  },
  approveAssistedRecovery: {
    input: ({ user }) => ({ id: user, requestId: 'x' }),
    // There is no such request.
    outcome: { ...nobodyBut([], 'FORBIDDEN'), admin: 'NOT_FOUND' },
  },
  createUser: { input: () => ({ email: 'x' }), outcome: nobodyBut(['admin'], 'FORBIDDEN') },
  updateUser: {
    input: ({ user }) => ({ id: user, birthdate: 'x' }),
    outcome: { ...nobodyBut(['admin'], 'NOT_FOUND'), moderator: 'FORBIDDEN', auditor: 'FORBIDDEN' },
  },
  setUserRoles: {
    input: ({ user }) => ({ id: user, roles: [{ role: 'emperor' }] }),
    outcome: nobodyBut(['admin'], 'FORBIDDEN'),
  },
  lockUser: {
    input: ({ user }) => ({ id: user, until: '2000-01-01T00:00:00Z' }),
    outcome: nobodyBut(['admin', 'moderator'], 'FORBIDDEN'),
  },
  unlockUser: {
    input: ({ user }) => ({ id: user }),
    outcome: nobodyBut(['admin', 'moderator'], 'FORBIDDEN'),
  },
  createRole: { input: () => ({ name: 'Not A Name' }), outcome: nobodyBut(['admin'], 'FORBIDDEN') },
  updateRole: {
    input: () => ({ id: 'Role:user', description: 'x' }),
    outcome: nobodyBut(['admin'], 'FORBIDDEN'),
  },
  deleteRole: { input: () => ({ id: 'Role:user' }), outcome: nobodyBut(['admin'], 'FORBIDDEN') },
  publishPolicy: {
    input: () => ({ draft: { removeRoles: ['admin'] }, comment: '' }),
    outcome: nobodyBut(['admin'], 'FORBIDDEN'),
  },
  // The first version is that of the release: going back to it changes nothing.
  rollbackPolicy: { input: () => ({ version: 1, comment: '' }), outcome: nobodyBut(['admin'], 'FORBIDDEN') },
  createClient: {
    input: () => ({ name: '', grantTypes: ['REFRESH_TOKEN'] }),
    outcome: nobodyBut(['admin', 'developer'], 'FORBIDDEN'),
  },
  updateClient: {
    input: () => ({ id: 'Client:fieldgate', name: 'x' }),
    outcome: { ...nobodyBut(['admin'], 'FORBIDDEN'), developer: 'NOT_FOUND' },
  },
  issueRegistrationToken: { input: () => ({ uses: 0 }), outcome: nobodyBut(['admin'], 'FORBIDDEN') },
  rotateClientSecret: {
    input: () => ({ id: 'Client:fieldgate' }),
    outcome: { ...nobodyBut(['admin'], 'FORBIDDEN'), developer: 'NOT_FOUND' },
  },
  deleteClient: {
    input: () => ({ id: 'Client:fieldgate' }),
    outcome: { ...nobodyBut(['admin'], 'FORBIDDEN'), developer: 'NOT_FOUND' },
  },
  revokeTokens: {
    input: ({ user }) => ({ user }),
    outcome: { ...nobodyBut(['admin'], 'NOT_FOUND'), moderator: 'FORBIDDEN', auditor: 'FORBIDDEN' },
  },
  beginTotpEnrollment: { input: () => ({ name: '' }), outcome: signedIn },
  confirmTotpEnrollment: { input: () => ({ factorId: 'x', code: '000000' }), outcome: signedIn },
  addEmailFactor: { input: () => null, outcome: signedIn },
  confirmEmailFactor: { input: () => ({ factorId: 'x', code: '000000' }), outcome: signedIn },
  addSmsFactor: { input: () => null, outcome: signedIn },
  confirmSmsFactor: { input: () => ({ factorId: 'x', code: '000000' }), outcome: signedIn },
  addPasskeyOptions: { input: () => null, outcome: signedIn },
  addPasskey: { input: () => ({ passkey: {} }), outcome: signedIn },
  renameFactor: { input: () => ({ id: 'x', name: 'x' }), outcome: signedIn },
  removeFactor: { input: () => ({ id: 'x' }), outcome: signedIn },
  removeUserFactors: {
    input: ({ user }) => ({ id: user, factorId: 'x' }),
    outcome: { ...nobodyBut(['admin'], 'NOT_FOUND'), moderator: 'FORBIDDEN', auditor: 'FORBIDDEN' },
  },
  regenerateRecoveryCodes: { input: () => null, outcome: signedIn },
  forgetTrustedDevices: { input: () => ({}), outcome: signedIn },
  // Last: it ends the session.
  signOut: { input: () => null, outcome: signedIn },
};

interface Victim {
  readonly user: string;
  readonly session: string;
}

const schema = buildApi().schema;

describe('who gets past the guard of each mutation', () => {
  let app: TestApp;
  let victim: Victim;
  const tokens = new Map<Role, string>();
  before(async () => {
    app = await startApp({ factors: { emailSignIn: ['code'] } });
    const { id } = await app.signInAs();
    const session = await app.deps.models.sessions.findOne({ userId: id }).lean();
    victim = { user: `User:${id}`, session: `Session:${session?._id}` };
    for (const role of ROLES) {
      if (role === 'anonymous') continue;
      const { accessToken } = await app.signInAs(...(role === 'user' ? [] : [role]));
      tokens.set(role, accessToken);
    }
  });
  after(() => app.close());

  it('covers every mutation', () => {
    const fields = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(Object.keys(MATRIX).sort()).to.deep.equal(fields.sort());
  });

  for (const [mutation, { input, outcome }] of Object.entries(MATRIX)) {
    it(`judges ${mutation} by role`, async () => {
      for (const role of ROLES) {
        const token = tokens.get(role);
        const answer = await mutate(app, mutation, input(victim), { token });
        const [code] = answer.codes;
        expect(code ?? 'passes', `${role}: ${answer.text}`).to.equal(outcome[role]);
        expect(answer.payload === null, `${role}: ${answer.text}`).to.equal(outcome[role] !== 'passes');
      }
    });
  }
});

describe('the shape of mutations', () => {
  it('is one input named after it, and a nullable payload with user errors', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      expect(isNonNullType(field.type), field.name).to.equal(false);
      const payload = field.type;
      if (!isObjectType(payload)) throw new Error(`${field.name} has no payload`);
      expect(payload.name.toLowerCase(), field.name).to.equal(`${field.name}payload`.toLowerCase());
      expect(String(payload.getFields()['userErrors']?.type)).to.equal('[UserError!]!');
      for (const argument of field.args) {
        expect(argument.name).to.equal('input');
        expect(String(argument.type)).to.equal(`${inputTypeOf(field.name)}!`);
      }
    }
  });
});
