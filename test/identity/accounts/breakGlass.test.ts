import { expect } from 'chai';
import { BREAK_GLASS_ID } from '../../../src/identity/accounts/administrators.js';
import { prepareBreakGlass } from '../../../src/identity/accounts/breakGlass.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { rememberDevice } from '../../../src/identity/defence/knownDevices.js';
import { regenerateRecoveryCodes } from '../../../src/identity/factors/recoveryCodes.js';
import { trustDevice } from '../../../src/identity/factors/trustedDevices.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps, testConfig } from '../../support/deps.js';
import { recordingLogger } from '../../support/logger.js';
import { storePasskey } from '../../support/passkey.js';
import { refusal } from '../../support/refusal.js';

const PASSWORD = 'in case of fire only';
const ENABLED = testConfig({ admin: { breakGlass: { password: PASSWORD } } });

describe('the break-glass account', () => {
  let test: TestDeps;
  const log = recordingLogger();
  const enabled = () => ({ ...test.deps, config: ENABLED, logger: log });
  const signIn = (deps: TestDeps['deps']) =>
    verifyCredentials(deps, { identifier: 'break-glass', password: PASSWORD }, ORIGIN);
  const actions = async () =>
    (
      await test.deps.models.auditEvents
        .find({ action: /^breakGlass/ })
        .sort({ _id: 1 })
        .lean()
    ).map(({ action }) => action);

  beforeEach(async () => {
    test = await createTestDeps();
    await storeUser(test.deps, { email: 'chief@example.com', roleAssignments: [{ role: 'admin' }] });
    await storeUser(test.deps, { email: 'mia@example.com' });
  });
  afterEach(() => test.close());

  it('does not exist without its password in the configuration', async () => {
    await prepareBreakGlass(test.deps);
    expect(await test.deps.models.users.findById(BREAK_GLASS_ID).lean()).to.equal(null);
    await refusal(signIn(test.deps), 'INVALID_CREDENTIALS');
  });

  it('is an administrator with it, and every sign-in is audited, logged and mailed to the others', async () => {
    await prepareBreakGlass(enabled());
    const user = await signIn(enabled());
    expect(user.roleAssignments.map(({ role }) => role)).to.deep.equal(['admin']);
    await test.settled();
    expect(await actions()).to.deep.equal(['breakGlass.enable', 'breakGlass.signIn']);
    expect(test.mails.map(({ to }) => to)).to.deep.equal(['chief@example.com']);
    expect(test.mails[0]?.text).to.include(ORIGIN.address);
    expect(JSON.stringify(log.lines)).to.include('the break-glass account signed in');
  });

  it('stops to work where the password is gone, at once and with its sessions at the next start', async () => {
    await prepareBreakGlass(enabled());
    await refusal(signIn(test.deps), 'ACCOUNT_LOCKED');
    await prepareBreakGlass(test.deps);
    expect((await test.deps.models.users.findById(BREAK_GLASS_ID).lean())?.status).to.equal('disabled');
    expect(await actions()).to.deep.equal(['breakGlass.enable', 'breakGlass.disable']);
    await prepareBreakGlass(enabled());
    await signIn(enabled());
  });

  it('keeps nothing by which whoever used it once could come back when it is opened the next time', async () => {
    const { models } = test.deps;
    await prepareBreakGlass(enabled());
    await storePasskey(test.deps, BREAK_GLASS_ID);
    await regenerateRecoveryCodes(test.deps, BREAK_GLASS_ID);
    await trustDevice(test.deps, BREAK_GLASS_ID, ORIGIN);
    await rememberDevice(test.deps, BREAK_GLASS_ID, ORIGIN);
    const contact = { email: 'x@example.com', emailNormalized: 'x@example.com', phone: '+442079460018' };
    const confirmed = { emailVerified: true, phoneVerified: true };
    await models.users.updateOne({ _id: BREAK_GLASS_ID }, { $set: { ...contact, ...confirmed } });
    await prepareBreakGlass(test.deps);
    for (const kept of [models.factors, models.recoveryCodes, models.trustedDevices, models.knownDevices]) {
      expect(await kept.countDocuments()).to.equal(0);
    }
    const { email, phone, emailVerified } = (await models.users.findById(BREAK_GLASS_ID).lean()) ?? {};
    expect([email ?? null, phone ?? null, emailVerified]).to.deep.equal([null, null, false]);
  });

  it('is never made of an account that has its username', async () => {
    const taken = await storeUser(test.deps, { username: 'break-glass', usernameNormalized: 'break-glass' });
    await prepareBreakGlass(enabled());
    expect(await test.deps.models.users.findById(BREAK_GLASS_ID).lean()).to.equal(null);
    const stored = await test.deps.models.users.findById(taken._id).lean();
    expect(stored?.roleAssignments.map(({ role }) => role)).to.deep.equal(['user']);
    expect(JSON.stringify(log.lines)).to.include('another account has its username');
  });
});
