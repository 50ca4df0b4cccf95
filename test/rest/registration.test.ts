import { expect } from 'chai';
import { type Doors, observable, PASSWORD, startDoors } from '../http/doors.js';

describe('registration', () => {
  let doors: Doors;
  beforeEach(async () => {
    doors = await startDoors();
  });
  afterEach(() => doors.close());

  it('leads from /auth/register over the mailed link to a sign-in', async () => {
    const email = 'Grace@Example.com';
    const registered = await doors.json('/auth/register', {
      email,
      password: PASSWORD,
      name: 'Grace Hopper',
    });
    expect(registered.status).to.equal(202);
    expect(await registered.json()).to.deep.equal({ status: 'accepted' });

    const early = await doors.json('/auth/login', { identifier: email, password: PASSWORD });
    expect(early.status).to.equal(403);

    await doors.settled();
    const mail = doors.mails.at(-1);
    expect(mail?.to.toLowerCase()).to.equal('grace@example.com');
    const token = /[?&]token=([^\s&]+)/.exec(mail?.text ?? '')?.[1];
    const confirmed = await doors.json('/auth/confirm-email', { token: decodeURIComponent(token ?? '') });
    expect(confirmed.status).to.equal(200);
    expect(await confirmed.json()).to.deep.equal({ status: 'confirmed' });

    const signedIn = await doors.json('/auth/login', { identifier: 'grace@example.com', password: PASSWORD });
    expect(signedIn.status).to.equal(200);
  });

  it('leads from a phone number over the code in a message to a sign-in', async () => {
    const phone = '+4915112345678';
    expect((await doors.json('/auth/register', { phone, password: PASSWORD })).status).to.equal(202);
    await doors.settled();
    const code = /\b\d{6}\b/.exec(doors.texts.at(-1)?.text ?? '')?.[0];
    const wrong = await doors.json('/auth/confirm-phone', {
      phone,
      code: code === '000000' ? '000001' : '000000',
    });
    expect(wrong.status).to.equal(400);
    expect(await wrong.json()).to.have.nested.property('error.code', 'CODE_INVALID');
    expect((await doors.json('/auth/confirm-phone', { phone, code })).status).to.equal(200);
    expect((await doors.json('/auth/login', { identifier: phone, password: PASSWORD })).status).to.equal(200);
  });

  it('uses a confirmation once', async () => {
    await doors.json('/auth/register', { email: 'once@example.com', password: PASSWORD });
    await doors.settled();
    const token = /[?&]token=([^\s&]+)/.exec(doors.mails.at(-1)?.text ?? '')?.[1] ?? '';
    const body = { token: decodeURIComponent(token) };
    expect((await doors.json('/auth/confirm-email', body)).status).to.equal(200);
    const again = await doors.json('/auth/confirm-email', body);
    expect(again.status).to.equal(400);
    expect(await again.json()).to.have.nested.property('error.code', 'CODE_INVALID');
  });

  it('answers a free and a taken address by the same status, headers and body', async () => {
    const user = await doors.user();
    const [free, taken] = [
      await doors.json('/auth/register', { email: 'free@example.com', password: PASSWORD }),
      await doors.json('/auth/register', { email: user.email, password: PASSWORD }),
    ];
    expect(await observable(taken)).to.deep.equal(await observable(free));
    expect(taken.status).to.equal(202);
    expect(
      await doors.deps.models.users.countDocuments({ emailNormalized: user.email?.toLowerCase() }),
    ).to.equal(1);
  });

  it('answers a weak password the same whether or not the address is taken', async () => {
    const user = await doors.user();
    const [free, taken] = [
      await doors.json('/auth/register', { email: 'free@example.com', password: '12345678' }),
      await doors.json('/auth/register', { email: user.email, password: '12345678' }),
    ];
    expect(free.status).to.equal(400);
    expect(await observable(taken)).to.deep.equal(await observable(free));
  });

  it('names a username that is taken', async () => {
    await doors.user({ username: 'Ada', usernameNormalized: 'ada' });
    const response = await doors.json('/auth/register', {
      email: 'x@example.com',
      username: 'ADA',
      password: PASSWORD,
    });
    expect(response.status).to.equal(409);
    expect(await response.json())
      .to.have.nested.property('error.path')
      .deep.equal(['username']);
  });

  it('lets one of two win that sign up with one address in the same moment', async () => {
    const body = { email: 'race@example.com', password: PASSWORD };
    const answers = await Promise.all([
      doors.json('/auth/register', body),
      doors.json('/auth/register', body),
    ]);
    expect(answers.map(({ status }) => status)).to.deep.equal([202, 202]);
    expect(await doors.deps.models.users.countDocuments({ emailNormalized: 'race@example.com' })).to.equal(1);
  });

  it('is limited per address', async () => {
    const limited = await startDoors({
      config: { rateLimits: { enabled: true, signUp: { max: 2, windowSeconds: 3600 } } },
    });
    const register = (index: number) =>
      limited.json('/auth/register', { email: `u${index}@example.com`, password: PASSWORD });
    expect(
      [await register(1), await register(2), await register(3)].map(({ status }) => status),
    ).to.deep.equal([202, 202, 429]);
    expect(await limited.deps.models.users.countDocuments({ emailNormalized: 'u3@example.com' })).to.equal(0);
    await limited.close();
  });
});
