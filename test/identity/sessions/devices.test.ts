import { expect } from 'chai';
import type { RequestOrigin } from '../../../src/identity/ports.js';
import { assertSameKindOfDevice } from '../../../src/identity/sessions/otherDevice.js';
import { enter } from '../../../src/identity/signIn/enter.js';
import type { ProvedSignIn } from '../../../src/identity/signIn/outcome.js';
import type { User } from '../../../src/models/user.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { mailTo, tally } from '../accounts/support.js';

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1';

describe('the sessions of an account', () => {
  let test: TestDeps;
  let ada: User;
  async function open(sessions: ConfigInput['sessions'] = {}): Promise<void> {
    const places = { placeOf: () => ({ city: 'Riga', country: 'Latvia', latitude: 57, longitude: 24 }) };
    test = await createTestDeps({ config: { sessions }, deps: { places } });
    ada = await storeUser(test.deps, { email: 'ada@example.com' });
  }
  afterEach(() => test.close());

  const proved = (): ProvedSignIn => ({
    kind: 'proved',
    user: ada,
    amr: ['pwd'],
    acr: 'aal1',
    sessionId: null,
    trustedDevice: null,
    recoveryCodes: null,
    tokenScopes: null,
  });
  const signIn = (origin: RequestOrigin = ORIGIN, withCookie = true) =>
    enter(test.deps, proved(), { withCookie }, origin);
  const alive = async () =>
    (await test.deps.models.sessions.find({ userId: ada._id, revokedAt: null }).sort({ _id: 1 }).lean()).map(
      ({ _id }) => _id,
    );

  it('are as many as allowed: the oldest ends, with its tokens', async () => {
    await open({ maxPerUser: 2 });
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.push((await signIn()).session._id);
      test.clock.advance(1);
    }
    expect(await alive()).to.deep.equal(ids.slice(1));
    const token = { jti: 'any', sid: ids[0], sub: ada._id, clientId: 'any', issuedAtSeconds: 0 };
    expect(test.deps.denylist.isDenied(token)).to.equal(true);
  });

  it('are as many as allowed: a new one is refused where it is configured so, also of several at once', async () => {
    await open({ maxPerUser: 2, whenFull: 'refuse' });
    const first = (await signIn()).session._id;
    test.clock.advance(1);
    const counts = await tally(Array.from({ length: 5 }, () => signIn()));
    expect(counts).to.deep.equal({ ok: 1, LIMIT_EXCEEDED: 4 });
    const left = await alive();
    expect(left).to.have.length(2);
    expect(left[0]).to.equal(first);
    // Those that are over count no more.
    test.clock.advance(test.deps.config.sessions.idleTtlSeconds);
    await signIn();
  });

  it('remember where they were opened', async () => {
    await open();
    const { session } = await signIn();
    expect(session.place).to.include({ city: 'Riga', country: 'Latvia' });
  });

  it('from a new device are told to the owner and the audit trail, others are not', async () => {
    await open();
    const { deviceToken } = await signIn();
    const known = { ...ORIGIN, deviceToken: deviceToken ?? '' };
    await signIn({ ...known, address: '192.0.2.77' });
    await test.settled();
    expect(test.mails).to.have.length(0);
    await signIn({ ...ORIGIN, userAgent: PHONE });
    const mail = await mailTo(test, 'ada@example.com');
    expect(mail.subject).to.match(/new device/);
    expect(mail.text).to.include('Safari on iOS').and.to.include('Riga, Latvia');
    expect(await test.deps.models.auditEvents.countDocuments({ action: 'user.newDevice' })).to.equal(1);
  });

  it('of programs without cookies are from a new device where network and program are new', async () => {
    await open();
    await signIn(ORIGIN, false);
    await signIn(ORIGIN, false);
    await test.settled();
    expect(test.mails).to.have.length(0);
    await signIn({ ...ORIGIN, userAgent: 'curl/8' }, false);
    await test.settled();
    expect(test.mails).to.have.length(1);
    expect(await test.deps.models.knownDevices.countDocuments()).to.equal(0);
  });

  for (const otherDeviceRefresh of ['note', 'refuse'] as const) {
    it(`${otherDeviceRefresh} a refresh from another kind of device`, async () => {
      await open({ otherDeviceRefresh });
      const entered = await enter(test.deps, proved(), { clientId: 'app', withCookie: false }, ORIGIN);
      const family = { userId: ada._id, clientId: 'app', sessionId: entered.session._id };
      const newer = { ...ORIGIN, userAgent: ORIGIN.userAgent.replaceAll('128', '140') };
      await assertSameKindOfDevice(test.deps, entered.session, family, newer);
      const noted = () => test.deps.models.auditEvents.countDocuments({ action: 'session.otherDevice' });
      expect(await noted()).to.equal(0);
      const elsewhere = assertSameKindOfDevice(test.deps, entered.session, family, {
        ...ORIGIN,
        userAgent: 'python-requests/2.32',
      });
      if (otherDeviceRefresh === 'refuse') await refusal(elsewhere, 'INVALID_GRANT');
      else await elsewhere;
      expect(await noted()).to.equal(1);
      // Of an app entered through a browser it is not known from where it refreshes.
      const other = { ...family, clientId: 'other' };
      await assertSameKindOfDevice(test.deps, entered.session, other, { ...ORIGIN, userAgent: 'curl/8' });
      expect(await noted()).to.equal(1);
    });
  }
});
