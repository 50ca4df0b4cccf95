import { expect } from 'chai';
import { BREAK_GLASS_ID } from '../../../src/identity/accounts/administrators.js';
import { openEvents } from '../../../src/identity/audit/sealing.js';
import { beginPasskeySignIn } from '../../../src/identity/factors/passkeys.js';
import type { RequestOrigin } from '../../../src/identity/ports.js';
import { noteFailedPair } from '../../../src/identity/risk/stuffing.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import { enter } from '../../../src/identity/signIn/enter.js';
import type { SignInOutcome } from '../../../src/identity/signIn/outcome.js';
import { signInByPasskey } from '../../../src/identity/signIn/passkeySignIn.js';
import type { User } from '../../../src/models/user.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { type Passkey, storePasskey } from '../../support/passkey.js';
import { refusal } from '../../support/refusal.js';
import { mailTo, UNLIMITED } from '../accounts/support.js';

const STRANGE: RequestOrigin = { ...ORIGIN, address: '198.51.100.1', userAgent: 'curl/8' };

describe('signing in by a passkey alone', () => {
  let test: TestDeps;
  let user: User;
  let passkey: Passkey;

  async function open(config: ConfigInput = {}, fields: Partial<User> = {}): Promise<void> {
    test = await createTestDeps({ config: { ...UNLIMITED, ...config } });
    user = await storeUser(test.deps, { email: 'ada@example.com', ...fields });
    passkey = await storePasskey(test.deps, user._id);
  }
  afterEach(() => test.close());

  async function signIn(origin: RequestOrigin, userVerified = true): Promise<SignInOutcome> {
    const { challenge } = await beginPasskeySignIn(test.deps, null);
    const proof = { passkey: passkey.answer(challenge, { userVerified }) };
    return signInByPasskey(test.deps, proof, { origin, binding: 'browser' });
  }
  const signedInBefore = () => createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
  const assessments = async () =>
    openEvents(test.deps, await test.deps.models.auditEvents.find({ action: 'user.assessRisk' }).lean());

  it('is two factors that cannot be phished, if the key verified its user', async () => {
    await open();
    expect(await signIn(ORIGIN)).to.deep.include({ kind: 'proved', acr: 'phr', amr: ['hwk', 'user', 'mfa'] });
    await refusal(signIn(ORIGIN, false), 'CODE_INVALID');
    const after = await test.deps.models.users.findById(user._id).lean();
    expect(after?.lastSignInAt).to.be.a('date');
  });

  it('is weighed, and more than any challenge would ask for', async () => {
    await open({ risk: { weights: { newDevice: 60 } } });
    await signedInBefore();
    expect(await signIn(STRANGE)).to.include({ kind: 'proved', acr: 'phr' });
    const [noted, ...more] = await assessments();
    expect(more).to.deep.equal([]);
    expect(noted).to.include({ outcome: 'success', objectId: user._id });
    expect(JSON.stringify(noted)).to.include('newDevice');
  });

  it('is refused like an unknown key where too much speaks against it, and the owner is told', async () => {
    await open({ risk: { weights: { newDevice: 120 } } });
    await signedInBefore();
    const denied = await refusal(signIn(STRANGE), 'CODE_INVALID');
    await test.deps.models.factors.deleteMany({});
    const unknown = await refusal(signIn(STRANGE), 'CODE_INVALID');
    const wire = ({ code, publicMessage, path }: typeof denied) => ({ code, publicMessage, path });
    expect(wire(denied)).to.deep.equal(wire(unknown));
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/was refused/);
    expect(await test.deps.models.sessions.countDocuments()).to.equal(1);
  });

  it('is not refused for the passwords that strangers guess', async () => {
    await open({
      risk: { accountsPerAddress: 2, addressesPerAccount: 1, failuresOfWave: 2, weights: { newDevice: 1 } },
    });
    await signedInBefore();
    await noteFailedPair(test.deps, `account:${user._id}`, STRANGE.address);
    await noteFailedPair(test.deps, 'account:another', STRANGE.address);
    expect(await signIn(STRANGE)).to.include({ kind: 'proved' });
    const [noted] = await assessments();
    expect(JSON.stringify(noted)).to.include('newDevice').and.not.include('stuffing');
  });

  it('writes to the owner of a device that is new', async () => {
    await open();
    await signedInBefore();
    const proved = await signIn(STRANGE);
    if (proved.kind !== 'proved') throw new Error(proved.kind);
    await enter(test.deps, proved, { withCookie: false }, STRANGE);
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/new device/i);
  });

  it('lets nobody in whom the password would not', async () => {
    await open({}, { emailVerified: false });
    await refusal(signIn(ORIGIN), 'CONFIRMATION_REQUIRED');
    await test.deps.models.users.updateOne(
      { _id: user._id },
      { $set: { emailVerified: true, status: 'disabled' } },
    );
    await refusal(signIn(ORIGIN), 'ACCOUNT_LOCKED');
  });

  describe('of the break-glass account', () => {
    it('is told of like one by password', async () => {
      await open(
        { admin: { breakGlass: { password: 'a long emergency password' } } },
        { _id: BREAK_GLASS_ID },
      );
      await signIn(ORIGIN);
      expect(await test.deps.models.auditEvents.countDocuments({ action: 'breakGlass.signIn' })).to.equal(1);
    });

    it('opens nothing while the configuration has no password for it', async () => {
      await open({}, { _id: BREAK_GLASS_ID });
      await refusal(signIn(ORIGIN), 'ACCOUNT_LOCKED');
    });
  });

  it('audits what proves nothing', async () => {
    await open();
    await refusal(signIn(ORIGIN, false), 'CODE_INVALID');
    await test.settled();
    const [refused] = await test.deps.models.auditEvents.find({ action: 'user.signIn' }).lean();
    expect(refused).to.include({ outcome: 'denied' });
  });
});
