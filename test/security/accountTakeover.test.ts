import { expect } from 'chai';
import { enrolTotp, signInWithTotp } from '../resolvers/authenticator.js';
import { mutate } from '../resolvers/mutate.js';
import { GOOD_PASSWORD, startApp, type TestApp } from '../support/app.js';

const OTHER_PASSWORD = 'copper Lantern 77 hums south';
const PHONE = '+447400123456';
const OTHER_PHONE = '+447400123457';

describe('who once had a hand on an account', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp();
  });
  afterEach(() => app.close());

  const reset = (token: string) => mutate(app, 'resetPassword', { token, newPassword: OTHER_PASSWORD });
  const codesOf = ({ userErrors }: { userErrors: readonly { code: string }[] }) =>
    userErrors.map(({ code }) => code);

  async function confirmPhone(phone: string): Promise<void> {
    const { code } = await app.lastLetterTo(phone);
    const { status, text } = await app.rest('/auth/confirm-phone', { body: { phone, code } });
    expect(status, text).to.equal(200);
  }

  async function confirmEmail(email: string): Promise<void> {
    const { token } = await app.lastLetterTo(email);
    const { status, text } = await app.rest('/auth/confirm-email', { body: { token } });
    expect(status, text).to.equal(200);
  }

  const accountOf = async (who: { email: string; password: string }) => {
    const { accessToken: token } = await app.signIn(who);
    const { data } = await app.graphql('{ viewer { id email phone } }', {}, { token });
    return data.viewer;
  };

  describe('by a sign-up with a stranger’s address and a phone of their own', () => {
    const victim = { email: 'victim@example.com', password: OTHER_PASSWORD };
    const thief = { email: PHONE, password: GOOD_PASSWORD };

    it('keeps their own account and nothing of the stranger’s, whose sign-up frees the address', async () => {
      await app.signUp({ email: victim.email, phone: PHONE });
      await confirmPhone(PHONE);
      await app.signUp(victim);
      await confirmEmail(victim.email);

      const theirs = await accountOf(victim);
      const thiefs = await accountOf(thief);
      expect([theirs.email, theirs.phone]).to.deep.equal([victim.email, null]);
      expect([thiefs.email, thiefs.phone]).to.deep.equal([null, PHONE]);
      expect(theirs.id).not.to.equal(thiefs.id);
      const event = await app.deps.models.auditEvents.findOne({ action: 'user.releaseContact' }).lean();
      expect([event?.objectType, `User:${event?.objectId}`]).to.deep.equal(['User', thiefs.id]);
    });

    it('gains nothing when they confirm the phone after the stranger was sent a password link', async () => {
      await app.signUp({ email: victim.email, phone: PHONE });
      const { code } = await app.lastLetterTo(PHONE);
      await app.signUp(victim);
      const link = await app.lastLetterTo(victim.email);
      expect((await app.rest('/auth/confirm-phone', { body: { phone: PHONE, code } })).status).to.equal(200);

      expect(codesOf(await reset(link.token))).to.deep.equal(['CODE_INVALID']);
      await app.signUp(victim);
      await confirmEmail(victim.email);
      expect((await accountOf(victim)).phone).to.equal(null);
    });

    it('loses the account to the stranger when nobody had confirmed anything', async () => {
      await app.signUp({ email: victim.email, phone: PHONE });
      const { code } = await app.lastLetterTo(PHONE);
      await app.signUp(victim);
      const link = await app.lastLetterTo(victim.email);
      expect(codesOf(await reset(link.token))).to.deep.equal([]);

      expect((await app.rest('/auth/confirm-phone', { body: { phone: PHONE, code } })).status).to.equal(400);
      expect((await accountOf(victim)).phone).to.equal(null);
    });

    it('does the same to a stranger’s number beside an address of their own', async () => {
      const { id } = await app.signUpAndConfirm();
      // What an import or an administrator may leave: a number that nobody has confirmed.
      await app.deps.models.users.updateOne({ _id: id }, { $set: { phone: PHONE } });
      const answer = await app.rest('/auth/register', { body: { phone: PHONE, password: OTHER_PASSWORD } });
      expect(answer.status).to.equal(202);
      await confirmPhone(PHONE);
      const account = await accountOf({ email: PHONE, password: OTHER_PASSWORD });
      expect(account.id).not.to.equal(`User:${id}`);
      expect(account.email).to.equal(null);
    });
  });

  it('by a session of hours ago, or one without the factor there is, moves no contact that a reset would go to', async () => {
    const person = await app.signInAs();
    const change = async (token: string) => {
      const changes = [
        await mutate(app, 'changeEmail', { newEmail: 'thief@example.com' }, { token }),
        await mutate(app, 'changePhone', { newPhone: PHONE }, { token }),
      ];
      return changes.map(({ codes }) => codes);
    };
    const refused = [['STEP_UP_REQUIRED'], ['STEP_UP_REQUIRED']];
    app.clock.advance(700);
    expect(await change(person.accessToken)).to.deep.equal(refused);
    const fresh = await app.signIn(person);
    const phone = await enrolTotp(app, fresh.accessToken);
    expect(await change(fresh.accessToken)).to.deep.equal(refused);
    expect(await change(await signInWithTotp(app, person, phone))).to.deep.equal([[], []]);
  });

  it('and reads its mail, resets the password and cannot move the address at once that its owner wins it back by', async () => {
    const person = await app.signInAs();
    await mutate(app, 'requestPasswordReset', { identifier: person.email });
    const { token } = await app.lastLetterTo(person.email);
    expect(codesOf(await reset(token))).to.deep.equal([]);
    const move = async () => {
      const thief = await app.signIn({ email: person.email, password: OTHER_PASSWORD });
      const credentials = { token: thief.accessToken };
      return mutate(app, 'changeEmail', { newEmail: 'thief@example.com' }, credentials);
    };
    expect((await move()).codes).to.deep.equal(['FORBIDDEN']);
    const { accessToken } = await app.signIn({ email: person.email, password: OTHER_PASSWORD });
    const added = await mutate(app, 'changePhone', { newPhone: PHONE }, { token: accessToken });
    expect([added.codes, codesOf(added)], 'a contact that there was not yet').to.deep.equal([[], []]);
    app.clock.advance(app.config.accounts.recoveryCooldownSeconds);
    expect((await move()).codes).to.deep.equal([]);
  });

  it('can do nothing with a password link to an address that is not the account’s any more', async () => {
    const person = await app.signInAs();
    await mutate(app, 'requestPasswordReset', { identifier: person.email });
    const old = await app.lastLetterTo(person.email);

    const newEmail = 'moved@example.com';
    await mutate(app, 'changeEmail', { newEmail }, { token: person.accessToken });
    await confirmEmail(newEmail);

    expect(codesOf(await reset(old.token))).to.deep.equal(['CODE_INVALID']);
    expect((await accountOf({ email: newEmail, password: person.password })).email).to.equal(newEmail);
  });

  it('can do nothing with a password link to a number that is not the account’s any more', async () => {
    const person = await app.signInAs();
    const change = async (newPhone: string) => {
      await mutate(app, 'changePhone', { newPhone }, { token: person.accessToken });
      await confirmPhone(newPhone);
    };
    await change(PHONE);
    await mutate(app, 'requestPasswordReset', { identifier: PHONE });
    const old = await app.lastLetterTo(PHONE);
    await change(OTHER_PHONE);

    expect(codesOf(await reset(old.token))).to.deep.equal(['CODE_INVALID']);
  });
});
