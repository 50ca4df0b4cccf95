import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { basic, bearer, type Doors, observable, PASSWORD, SERVICE, startDoors } from '../http/doors.js';

const cookieOf = (response: Response, name: string) =>
  response.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
const pair = (cookie: string | undefined) => (cookie ?? '').split(';', 1)[0] ?? '';

describe('the session endpoints', () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors();
  });
  after(() => doors.close());

  const login = (body: object, headers: Record<string, string> = {}) =>
    doors.json('/auth/login', body, headers);
  const signedIn = async (options: object = {}) => {
    const user = await doors.user();
    const response = await login({ identifier: user.email, password: PASSWORD, ...options });
    expect(response.status).to.equal(200);
    return { user, response, body: (await response.json()) as Record<string, string> };
  };
  const codeOf = async (response: Response) => {
    const { error } = (await response.json()) as { error: { code: string; requestId: string } };
    expect(error.requestId).to.equal(response.headers.get('x-request-id'));
    return `${response.status} ${error.code}`;
  };

  describe('/auth/login', () => {
    it('gives the tokens in the body, without any cookie', async () => {
      const { user, response, body } = await signedIn();
      expect(response.headers.get('cache-control')).to.equal('no-store');
      expect(response.headers.getSetCookie()).to.deep.equal([]);
      expect(body).to.include({ tokenType: 'Bearer', expiresIn: 900 });
      expect(body['refreshToken']).to.be.a('string');
      expect(decodeJwt(body['accessToken'] ?? '')).to.include({ sub: user._id, client_id: 'fieldgate' });
    });

    it('puts the refresh token into an HttpOnly cookie instead, and sets the session cookie', async () => {
      const { response, body } = await signedIn({ cookie: true });
      expect(body).to.not.have.property('refreshToken');
      expect(cookieOf(response, 'fieldgate_refresh')).to.include(
        'Path=/auth/refresh; HttpOnly; SameSite=Strict',
      );
      expect(cookieOf(response, 'fieldgate_session')).to.include('Path=/; HttpOnly; SameSite=Lax');
    });

    it('sets no cookie for a page of a foreign origin', async () => {
      const user = await doors.user();
      const body = { identifier: user.email, password: PASSWORD, cookie: true };
      const response = await login(body, { origin: 'https://evil.example' });
      expect(await codeOf(response)).to.equal('403 FORBIDDEN');
      expect(response.headers.getSetCookie()).to.deep.equal([]);
      expect(await doors.deps.models.sessions.countDocuments({ userId: user._id })).to.equal(0);
    });

    it('narrows the scope and refuses to widen it', async () => {
      const { body } = await signedIn({ scope: 'openid' });
      expect(body['scope']).to.equal('openid');
      const user = await doors.user();
      const response = await login({
        identifier: user.email,
        password: PASSWORD,
        scope: 'openid everything',
      });
      expect(await codeOf(response)).to.equal('400 INVALID_SCOPE');
    });

    it('tells a wrong password from an unknown account by nothing: status, headers, body', async () => {
      const user = await doors.user({ username: 'ada', usernameNormalized: 'ada' });
      const [wrong, ...unknown] = await Promise.all(
        [user.email, 'nobody@example.com', '+493012345678', 'nobody'].map(async (identifier) =>
          observable(await login({ identifier, password: 'wrong' })),
        ),
      );
      expect(wrong).to.have.property('status', 401);
      for (const answer of unknown) expect(answer).to.deep.equal(wrong);
    });

    it('asks for a confirmed contact, and for a new password, only after the right one', async () => {
      const unconfirmed = await doors.user({ emailVerified: false });
      const expired = await doors.user({ mustChangePassword: true });
      for (const [user, expected] of [
        [unconfirmed, '403 CONFIRMATION_REQUIRED'],
        [expired, '403 FORBIDDEN'],
      ] as const) {
        expect(await codeOf(await login({ identifier: user.email, password: 'wrong' }))).to.equal(
          '401 INVALID_CREDENTIALS',
        );
        const response = await login({ identifier: user.email, password: PASSWORD, cookie: true });
        expect(response.headers.getSetCookie()).to.deep.equal([]);
        expect(await codeOf(response)).to.equal(expected);
        expect(await doors.deps.models.sessions.countDocuments({ userId: user._id })).to.equal(0);
      }
    });

    it('locks after failures in a row, for unknown accounts as well, with the same answer and Retry-After', async () => {
      const user = await doors.user();
      const last = await Promise.all(
        [user.email, 'nobody-at-all@example.com'].map(async (identifier) => {
          for (let index = 0; index < 5; index += 1) await login({ identifier, password: 'wrong' });
          return login({ identifier, password: PASSWORD });
        }),
      );
      for (const response of last) {
        expect(response.status).to.equal(423);
        expect(Number(response.headers.get('retry-after'))).to.be.greaterThan(0);
      }
      const [known, unknown] = await Promise.all(last.map(observable));
      expect(known).to.deep.equal(unknown);
    });
  });

  describe('/auth/refresh', () => {
    it('exchanges a refresh token in the body, and answers in the body', async () => {
      const { body } = await signedIn();
      const response = await doors.json('/auth/refresh', { refreshToken: body['refreshToken'] });
      expect(response.status).to.equal(200);
      expect(response.headers.getSetCookie()).to.deep.equal([]);
      expect(((await response.json()) as Record<string, string>)['refreshToken']).to.not.equal(
        body['refreshToken'],
      );
    });

    it('exchanges the cookie for a new cookie', async () => {
      const { response } = await signedIn({ cookie: true });
      const cookie = pair(cookieOf(response, 'fieldgate_refresh'));
      const again = await fetch(`${doors.url}/auth/refresh`, {
        method: 'POST',
        headers: { cookie, origin: doors.deps.config.issuer },
      });
      expect(again.status).to.equal(200);
      expect(await again.json())
        .to.have.property('accessToken')
        .and.not.property('refreshToken');
      expect(pair(cookieOf(again, 'fieldgate_refresh'))).to.not.equal(cookie);
      expect(cookieOf(again, 'fieldgate_session')).to.equal(undefined);
    });

    it('needs a proof of origin for the cookie, and leaves the family alone without one', async () => {
      const { response } = await signedIn({ cookie: true });
      const cookie = pair(cookieOf(response, 'fieldgate_refresh'));
      const forgeries: Record<string, string>[] = [
        {},
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
      ];
      for (const headers of forgeries) {
        const forged = await fetch(`${doors.url}/auth/refresh`, {
          method: 'POST',
          headers: { cookie, ...headers },
        });
        expect(await codeOf(forged)).to.equal('403 FORBIDDEN');
      }
      const honest = await doors.json('/auth/refresh', {}, { cookie });
      expect(honest.status).to.equal(200);
    });

    it('clears no cookie when it refuses: another tab may just have set a better one', async () => {
      const { response } = await signedIn({ cookie: true });
      const cookie = pair(cookieOf(response, 'fieldgate_refresh'));
      await doors.json('/auth/refresh', {}, { cookie });
      doors.clock.advance(60);
      const late = await doors.json('/auth/refresh', {}, { cookie });
      expect(await codeOf(late)).to.equal('401 INVALID_GRANT');
      expect(late.headers.getSetCookie()).to.deep.equal([]);
    });

    it('gives the loser of a race the same successor', async () => {
      const { response } = await signedIn({ cookie: true });
      const cookie = pair(cookieOf(response, 'fieldgate_refresh'));
      const tabs = await Promise.all([1, 2, 3].map(() => doors.json('/auth/refresh', {}, { cookie })));
      expect(tabs.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
      expect(new Set(tabs.map((tab) => pair(cookieOf(tab, 'fieldgate_refresh')))).size).to.equal(1);
    });

    it('refuses a request without any refresh token', async () => {
      expect(await codeOf(await doors.json('/auth/refresh', {}))).to.equal('401 UNAUTHENTICATED');
      expect(await codeOf(await fetch(`${doors.url}/auth/refresh`, { method: 'POST' }))).to.equal(
        '401 UNAUTHENTICATED',
      );
    });
  });

  describe('/auth/logout', () => {
    it('ends the session of a bearer token, with its refresh and access tokens', async () => {
      const { body } = await signedIn();
      const response = await fetch(`${doors.url}/auth/logout`, {
        method: 'POST',
        headers: bearer(body['accessToken']),
      });
      expect(response.status).to.equal(204);
      expect((await doors.get('/auth/me', bearer(body['accessToken']))).status).to.equal(401);
      const refresh = await doors.json('/auth/refresh', { refreshToken: body['refreshToken'] });
      expect(await codeOf(refresh)).to.equal('401 INVALID_GRANT');
    });

    it('ends the session of a cookie and clears both cookies', async () => {
      const { response } = await signedIn({ cookie: true });
      const cookie = pair(cookieOf(response, 'fieldgate_session'));
      const logout = await fetch(`${doors.url}/auth/logout`, {
        method: 'POST',
        headers: { cookie, 'x-fieldgate-csrf': '1' },
      });
      expect(logout.status).to.equal(204);
      expect(cookieOf(logout, 'fieldgate_session')).to.include('Expires=Thu, 01 Jan 1970');
      expect(cookieOf(logout, 'fieldgate_refresh'))
        .to.include('Expires=Thu, 01 Jan 1970')
        .and.include('Path=/auth/refresh');
      expect((await doors.get('/auth/me', { cookie })).status).to.equal(401);
    });

    it('leaves the other sessions of the user alone', async () => {
      const user = await doors.user();
      const [first, second] = await Promise.all(
        [1, 2].map(async () => {
          const response = await login({ identifier: user.email, password: PASSWORD });
          return (await response.json()) as Record<string, string>;
        }),
      );
      await fetch(`${doors.url}/auth/logout`, { method: 'POST', headers: bearer(first?.['accessToken']) });
      expect((await doors.get('/auth/me', bearer(second?.['accessToken']))).status).to.equal(200);
    });

    it('is refused to the token of a client, which has no session', async () => {
      const grant = { grant_type: 'client_credentials' };
      const issued = await doors.form('/oauth/token', grant, basic(SERVICE.id, SERVICE.secret));
      const { access_token: token } = (await issued.json()) as Record<string, string>;
      const response = await fetch(`${doors.url}/auth/logout`, { method: 'POST', headers: bearer(token) });
      expect(await codeOf(response)).to.equal('403 FORBIDDEN');
    });

    it('is refused to a foreign page, to nobody and to a bad token', async () => {
      const { response } = await signedIn({ cookie: true });
      const cookie = pair(cookieOf(response, 'fieldgate_session'));
      const logout = (headers: Record<string, string>) =>
        fetch(`${doors.url}/auth/logout`, { method: 'POST', headers });
      expect(await codeOf(await logout({ cookie, origin: 'https://evil.example' }))).to.equal(
        '403 FORBIDDEN',
      );
      expect(await codeOf(await logout({}))).to.equal('401 UNAUTHENTICATED');
      expect(await codeOf(await logout({ cookie, ...bearer('garbage') }))).to.equal('401 UNAUTHENTICATED');
      expect((await doors.get('/auth/me', { cookie })).status).to.equal(200);
    });
  });

  describe('wrong input', () => {
    const bodies: [title: string, path: string, body: unknown, expected: string][] = [
      [
        'an operator for the identifier',
        '/auth/login',
        { identifier: { $ne: null }, password: 'x' },
        '400 BAD_USER_INPUT',
      ],
      [
        'an operator for the password',
        '/auth/login',
        { identifier: 'x', password: { $ne: null } },
        '400 BAD_USER_INPUT',
      ],
      [
        'a list for the identifier',
        '/auth/login',
        { identifier: ['x'], password: 'x' },
        '400 BAD_USER_INPUT',
      ],
      ['a number for the password', '/auth/login', { identifier: 'x', password: 1 }, '400 BAD_USER_INPUT'],
      ['an empty identifier', '/auth/login', { identifier: '', password: 'x' }, '400 BAD_USER_INPUT'],
      ['no password', '/auth/login', { identifier: 'x' }, '400 BAD_USER_INPUT'],
      [
        'an unknown property',
        '/auth/login',
        { identifier: 'x', password: 'x', admin: true },
        '400 BAD_USER_INPUT',
      ],
      [
        'a text for a switch',
        '/auth/login',
        { identifier: 'x', password: 'x', cookie: 'true' },
        '400 BAD_USER_INPUT',
      ],
      [
        'an endless identifier',
        '/auth/login',
        { identifier: 'x'.repeat(321), password: 'x' },
        '400 BAD_USER_INPUT',
      ],
      [
        '1 MB of password',
        '/auth/login',
        { identifier: 'x', password: 'x'.repeat(1_048_576) },
        '413 LIMIT_EXCEEDED',
      ],
      ['a NUL in the identifier', '/auth/login', { identifier: 'a\0b', password: 'x' }, '400 BAD_USER_INPUT'],
      ['a list for a body', '/auth/login', [], '400 BAD_USER_INPUT'],
      ['null for a body', '/auth/login', null, '400 BAD_USER_INPUT'],
      ['malformed JSON', '/auth/login', '{"identifier"', '400 BAD_USER_INPUT'],
      ['no body', '/auth/login', '', '400 BAD_USER_INPUT'],
      [
        'an operator for the refresh token',
        '/auth/refresh',
        { refreshToken: { $ne: null } },
        '400 BAD_USER_INPUT',
      ],
      [
        'garbage for the refresh token',
        '/auth/refresh',
        { refreshToken: '{"$ne":null}' },
        '401 INVALID_GRANT',
      ],
      ['an operator for the token', '/auth/confirm-email', { token: { $ne: null } }, '400 BAD_USER_INPUT'],
      [
        'a token and a code',
        '/auth/confirm-email',
        { token: 'x', email: 'a@b.c', code: '1' },
        '400 BAD_USER_INPUT',
      ],
      ['a token that is none', '/auth/confirm-email', { token: '{"$ne":null}' }, '400 CODE_INVALID'],
      [
        'an operator for the code',
        '/auth/confirm-phone',
        { phone: '+4930123456', code: { $gt: '' } },
        '400 BAD_USER_INPUT',
      ],
      [
        'an operator for the e-mail address',
        '/auth/register',
        { email: { $ne: null }, password: PASSWORD },
        '400 BAD_USER_INPUT',
      ],
      [
        'an operator for the name',
        '/auth/register',
        { email: 'a@b.example', password: PASSWORD, name: { $gt: '' } },
        '400 BAD_USER_INPUT',
      ],
      [
        'roles',
        '/auth/register',
        { email: 'a@b.example', password: PASSWORD, roles: ['admin'] },
        '400 BAD_USER_INPUT',
      ],
    ];
    for (const [title, path, body, expected] of bodies) {
      it(`${path} refuses ${title} with ${expected} and changes nothing`, async () => {
        const { models } = doors.deps;
        const count = async () => [
          await models.users.countDocuments(),
          await models.sessions.countDocuments(),
        ];
        const before = await count();
        expect(await codeOf(await doors.json(path, body))).to.equal(expected);
        expect(await count()).to.deep.equal(before);
      });
    }

    it('takes forms for none of its business', async () => {
      expect(await codeOf(await doors.form('/auth/login', { identifier: 'x', password: 'x' }))).to.equal(
        '400 BAD_USER_INPUT',
      );
    });

    for (const path of ['register', 'confirm-email', 'confirm-phone', 'login', 'refresh', 'logout']) {
      it(`answers GET /auth/${path} with 405 and Allow: POST`, async () => {
        const response = await doors.get(`/auth/${path}`);
        expect(response.headers.get('allow')).to.equal('POST');
        expect(await codeOf(response)).to.equal('405 BAD_USER_INPUT');
      });
    }
  });
});

describe('the limit of sign-ins', () => {
  it('lets 5 per minute and address through, whoever signs in', async () => {
    const doors = await startDoors({ config: { rateLimits: { enabled: true } } });
    const attempt = (index: number) =>
      doors.json('/auth/login', { identifier: `user${index}@example.com`, password: 'x' });
    for (let index = 0; index < 5; index += 1) expect((await attempt(index)).status).to.equal(401);
    const refused = await attempt(5);
    expect(refused.status).to.equal(429);
    expect(refused.headers.get('ratelimit')).to.match(/, "signIn";r=0;t=\d+$/);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    await doors.close();
  });

  it('lets 10 per hour and account through, whatever the password', async () => {
    const config = {
      rateLimits: { enabled: true, signIn: { max: 100 }, general: { max: 1000 } },
      lockout: { maxFailures: 50 },
    };
    const doors = await startDoors({ config });
    const user = await doors.user();
    for (let index = 0; index < 10; index += 1) {
      await doors.json('/auth/login', { identifier: user.email, password: 'wrong' });
    }
    const refused = await doors.json('/auth/login', { identifier: user.email, password: PASSWORD });
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 3600);
    await doors.close();
  });
});
