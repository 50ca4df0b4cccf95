import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { basic, type Doors, OTHER, PASSWORD, SERVICE, startDoors } from '../http/doors.js';

const service = basic(SERVICE.id, SERVICE.secret);

describe('POST /oauth/token', () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors();
  });
  after(() => doors.close());

  const token = (parameters: Record<string, string> | string, headers: Record<string, string> = service) =>
    doors.form('/oauth/token', parameters, headers);
  const errorOf = async (response: Response) => {
    expect(response.headers.get('cache-control')).to.equal('no-store');
    expect(response.headers.get('content-type')).to.include('application/json');
    const body = (await response.json()) as Record<string, string>;
    expect(body).to.have.all.keys('error', 'error_description', 'request_id');
    return `${response.status} ${body['error']}`;
  };

  describe('password', () => {
    it('issues tokens to a first-party client, by e-mail address in any case', async () => {
      const user = await doors.user();
      const response = await token({
        grant_type: 'password',
        username: (user.email ?? '').toUpperCase(),
        password: PASSWORD,
        scope: 'openid offline_access read',
      });
      expect(response.status).to.equal(200);
      expect(response.headers.get('cache-control')).to.equal('no-store');
      expect(response.headers.get('pragma')).to.equal('no-cache');
      const body = (await response.json()) as Record<string, string>;
      expect(body).to.include({ token_type: 'Bearer', expires_in: 900, scope: 'openid offline_access read' });
      expect(body['refresh_token']).to.be.a('string');
      expect(body['id_token']).to.be.a('string');
      const claims = decodeJwt(body['access_token'] ?? '');
      expect(claims).to.include({
        sub: user._id,
        client_id: SERVICE.id,
        scope: 'openid offline_access read',
      });
      expect(decodeProtectedHeader(body['access_token'] ?? '').typ).to.equal('at+jwt');
    });

    it('issues to a public client that only names itself', async () => {
      const user = await doors.user();
      const parameters = {
        client_id: 'spa',
        grant_type: 'password',
        username: user.email ?? '',
        password: PASSWORD,
      };
      const response = await token(parameters, {});
      expect(response.status).to.equal(200);
      expect(await response.json()).to.include({ scope: 'openid offline_access read' });
    });

    it('is refused to a client that is not first-party, whatever its grant types', async () => {
      const user = await doors.user();
      const parameters = { grant_type: 'password', username: user.email ?? '', password: PASSWORD };
      const response = await token(parameters, basic('third-party', 'third-party-secret-0123456789-abc'));
      expect(await errorOf(response)).to.equal('400 unauthorized_client');
    });

    it('answers a wrong password and an unknown user alike', async () => {
      const user = await doors.user();
      const answers = await Promise.all(
        [user.email ?? '', 'nobody@example.com', '+493012345678', 'no_body'].map(async (username) => {
          const response = await token({ grant_type: 'password', username, password: 'wrong' });
          const { request_id: _id, ...body } = (await response.json()) as Record<string, string>;
          return JSON.stringify([response.status, body]);
        }),
      );
      expect(new Set(answers).size).to.equal(1);
      expect(answers[0]).to.include('invalid_grant');
    });

    it('is refused while the password must be changed', async () => {
      const user = await doors.user({ mustChangePassword: true });
      const response = await token({
        grant_type: 'password',
        username: user.email ?? '',
        password: PASSWORD,
      });
      expect(await errorOf(response)).to.equal('400 invalid_grant');
      expect(await doors.deps.models.sessions.countDocuments({ userId: user._id })).to.equal(0);
    });

    it('refuses a scope beyond the client before it looks at the password', async () => {
      const user = await doors.user();
      const parameters = {
        grant_type: 'password',
        username: user.email ?? '',
        password: 'wrong',
        scope: 'admin',
      };
      expect(await errorOf(await token(parameters))).to.equal('400 invalid_scope');
      expect(await doors.deps.models.failedAttempts.countDocuments({ _id: { $regex: user._id } })).to.equal(
        0,
      );
    });
  });

  describe('refresh_token', () => {
    it('rotates: a new access token and a new refresh token', async () => {
      const first = await doors.tokens(await doors.user());
      const response = await token({
        grant_type: 'refresh_token',
        refresh_token: first['refresh_token'] ?? '',
      });
      expect(response.status).to.equal(200);
      const second = (await response.json()) as Record<string, string>;
      expect(second['refresh_token']).to.be.a('string').and.not.equal(first['refresh_token']);
      expect(decodeJwt(second['access_token'] ?? '').sub).to.equal(
        decodeJwt(first['access_token'] ?? '').sub,
      );
    });

    it('narrows the scope of the access token and refuses to widen it', async () => {
      const first = await doors.tokens(await doors.user(), 'read offline_access');
      const refresh = { grant_type: 'refresh_token', refresh_token: first['refresh_token'] ?? '' };
      expect(await errorOf(await token({ ...refresh, scope: 'read write' }))).to.equal('400 invalid_scope');
      expect(await (await token({ ...refresh, scope: 'read' })).json()).to.include({ scope: 'read' });
    });

    it('refuses the token of another client, without harm to its family', async () => {
      const first = await doors.tokens(await doors.user());
      const refresh = { grant_type: 'refresh_token', refresh_token: first['refresh_token'] ?? '' };
      const stolen = await token({ ...refresh, client_id: OTHER.id, client_secret: OTHER.secret }, {});
      expect(await errorOf(stolen)).to.equal('400 invalid_grant');
      expect((await token(refresh)).status).to.equal(200);
    });

    it('refuses garbage and an old token with the same answer', async () => {
      const first = await doors.tokens(await doors.user());
      const refresh = { grant_type: 'refresh_token', refresh_token: first['refresh_token'] ?? '' };
      await token(refresh);
      doors.clock.advance(60);
      const old = await token(refresh);
      const garbage = await token({ ...refresh, refresh_token: 'garbage' });
      const strip = async (response: Response) => {
        const { request_id: _id, ...body } = (await response.json()) as Record<string, string>;
        return [response.status, body];
      };
      expect(await strip(old)).to.deep.equal(await strip(garbage));
    });
  });

  describe('client_credentials', () => {
    it('issues an access token about the client itself, and no refresh token', async () => {
      const response = await token({ grant_type: 'client_credentials', scope: 'read' });
      expect(response.status).to.equal(200);
      const body = (await response.json()) as Record<string, string>;
      expect(body).to.have.all.keys('access_token', 'token_type', 'expires_in', 'scope');
      expect(decodeJwt(body['access_token'] ?? '')).to.include({
        sub: SERVICE.id,
        client_id: SERVICE.id,
        scope: 'read',
      });
    });

    it('gives everything but the scopes about a user when none are named', async () => {
      expect(await (await token({ grant_type: 'client_credentials' })).json()).to.include({
        scope: 'read write',
      });
    });

    it('is refused to a client that may not use it, and to a public one that may', async () => {
      const spa = { grant_type: 'client_credentials', client_id: 'spa' };
      expect(await errorOf(await token(spa, {}))).to.equal('400 unauthorized_client');
      await doors.deps.models.clients.updateOne(
        { _id: 'spa' },
        { $push: { grantTypes: 'client_credentials' } },
      );
      expect(await errorOf(await token(spa, {}))).to.equal('400 unauthorized_client');
    });

    it('refuses a scope about a user', async () => {
      const response = await token({ grant_type: 'client_credentials', scope: 'openid read' });
      expect(await errorOf(response)).to.equal('400 invalid_scope');
    });
  });

  describe('client authentication', () => {
    const grant = { grant_type: 'client_credentials' };

    it('works by post for a client that is registered for it, and not by basic', async () => {
      const post = await token({ ...grant, client_id: OTHER.id, client_secret: OTHER.secret }, {});
      expect(post.status).to.equal(200);
      expect(await errorOf(await token(grant, basic(OTHER.id, OTHER.secret)))).to.equal('401 invalid_client');
    });

    const refused: [title: string, parameters: Record<string, string>, headers: Record<string, string>][] = [
      ['no credentials', grant, {}],
      ['a wrong secret', grant, basic(SERVICE.id, 'wrong')],
      ['an unknown client', grant, basic('nobody', 'wrong')],
      ['an empty secret', grant, basic(SERVICE.id, '')],
      ['a confidential client that only names itself', { ...grant, client_id: SERVICE.id }, {}],
      ['Basic that is not base64', grant, { authorization: 'Basic !!!' }],
      [
        'Basic without a colon',
        grant,
        { authorization: `Basic ${Buffer.from('service').toString('base64')}` },
      ],
      [
        'Basic with broken percent-encoding',
        grant,
        { authorization: `Basic ${Buffer.from('a%zz:b').toString('base64')}` },
      ],
      [
        'Basic with a NUL',
        grant,
        { authorization: `Basic ${Buffer.from('service%00:b').toString('base64')}` },
      ],
      ['a Mongo operator for a client id', { ...grant, client_id: '{"$ne":null}', client_secret: 'x' }, {}],
      ['an operator in the parameter name', { ...grant, 'client_id[$ne]': 'x', client_secret: 'x' }, {}],
      ['another scheme', grant, { authorization: 'Bearer abc' }],
    ];
    for (const [title, parameters, headers] of refused) {
      it(`refuses ${title} with 401 and a challenge`, async () => {
        const response = await token(parameters, headers);
        expect(response.headers.get('www-authenticate')).to.match(/^Basic realm=/);
        expect(await errorOf(response)).to.equal('401 invalid_client');
      });
    }

    it('answers an unknown client and a wrong secret alike', async () => {
      const strip = async (response: Response) => ({
        ...((await response.json()) as object),
        request_id: '',
      });
      const [unknown, wrong] = [
        await token(grant, basic('nobody', 'x')),
        await token(grant, basic(SERVICE.id, 'x')),
      ];
      expect(await strip(unknown)).to.deep.equal(await strip(wrong));
    });

    it('writes refusals to the audit trail, without the secret and cut to a length', async () => {
      const id = `x${'y'.repeat(5000)}`;
      await token(grant, basic(id, 'hush-hush-secret'));
      await doors.settled();
      const event = await doors.deps.models.auditEvents
        .findOne({ action: 'client.authenticate', objectId: id.slice(0, 128) })
        .lean();
      expect(event).to.include({ outcome: 'denied', actorKind: 'anonymous' });
      expect(JSON.stringify(event)).to.not.include('hush').and.not.include(id);
    });

    it('refuses two methods in one request', async () => {
      const response = await token({ ...grant, client_id: SERVICE.id, client_secret: SERVICE.secret });
      expect(await errorOf(response)).to.equal('400 invalid_request');
      expect(await errorOf(await token({ ...grant, client_id: OTHER.id }))).to.equal('400 invalid_request');
    });

    it('takes a client id in the body beside Basic when it is the same', async () => {
      expect((await token({ ...grant, client_id: SERVICE.id })).status).to.equal(200);
    });

    it('form-decodes id and secret of Basic', async () => {
      const encoded = Buffer.from(`ser%76ice:${SERVICE.secret}`).toString('base64');
      expect((await token(grant, { authorization: `Basic ${encoded}` })).status).to.equal(200);
    });
  });

  describe('malformed requests', () => {
    const grant = 'grant_type=client_credentials';
    const cases: [title: string, body: string, expected: string][] = [
      ['no parameters', '', '400 invalid_request'],
      ['a repeated parameter', `${grant}&scope=read&scope=read`, '400 invalid_request'],
      ['a repeated grant type', `${grant}&${grant}`, '400 invalid_request'],
      ['a repeated unknown parameter', `${grant}&x=1&x=2`, '400 invalid_request'],
      ['an empty grant type', 'grant_type=', '400 invalid_request'],
      ['an unknown grant type', 'grant_type=urn%3Aexample', '400 unsupported_grant_type'],
      ['a grant type that is a property of objects', 'grant_type=constructor', '400 unsupported_grant_type'],
      ['an operator for a grant type', 'grant_type%5B%24ne%5D=', '400 invalid_request'],
      ['no username', 'grant_type=password&password=x', '400 invalid_request'],
      ['no password', 'grant_type=password&username=x', '400 invalid_request'],
      ['no refresh token', 'grant_type=refresh_token', '400 invalid_request'],
      ['a NUL', `${grant}&scope=re%00ad`, '400 invalid_request'],
      ['a malformed scope', `${grant}&scope=read%20%20write`, '400 invalid_scope'],
      ['a scope with a quote', `${grant}&scope=%22read%22`, '400 invalid_scope'],
      [
        '1 MB of username',
        `grant_type=password&password=x&username=${'x'.repeat(1_048_576)}`,
        '413 invalid_request',
      ],
      [
        'an operator for a username',
        'grant_type=password&username=%7B%22%24ne%22%3Anull%7D&password=x',
        '400 invalid_grant',
      ],
      [
        'an operator for a refresh token',
        'grant_type=refresh_token&refresh_token=%7B%22%24ne%22%3Anull%7D',
        '400 invalid_grant',
      ],
    ];
    for (const [title, body, expected] of cases) {
      it(`refuses ${title} with ${expected}`, async () => {
        const headers = { ...service, 'content-type': 'application/x-www-form-urlencoded' };
        const response = await fetch(`${doors.url}/oauth/token`, { method: 'POST', body, headers });
        expect(await errorOf(response)).to.equal(expected);
      });
    }

    it('refuses a JSON body, also one with operators', async () => {
      const response = await doors.json('/oauth/token', { grant_type: { $ne: null } }, service);
      expect(await errorOf(response)).to.equal('400 invalid_request');
    });

    it('refuses malformed JSON and other content types in the words of OAuth', async () => {
      expect(await errorOf(await doors.json('/oauth/token', '{"a', service))).to.equal('400 invalid_request');
      const headers = { ...service, 'content-type': 'text/plain' };
      const response = await fetch(`${doors.url}/oauth/token`, { method: 'POST', body: 'x', headers });
      expect(await errorOf(response)).to.equal('415 invalid_request');
    });

    it('ignores credentials in the query string', async () => {
      const response = await doors.form(`/oauth/token?client_id=${OTHER.id}&client_secret=${OTHER.secret}`, {
        grant_type: 'client_credentials',
      });
      expect(await errorOf(response)).to.equal('401 invalid_client');
    });

    for (const path of ['/oauth/token', '/oauth/revoke', '/oauth/introspect']) {
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
        it(`answers ${method} ${path} with 405 and Allow: POST`, async () => {
          const response = await fetch(`${doors.url}${path}?grant_type=client_credentials`, {
            method,
            headers: service,
          });
          expect(response.headers.get('allow')).to.equal('POST');
          expect(await errorOf(response)).to.equal('405 invalid_request');
        });
      }
    }
  });

  it('counts requests with grant, outcome and duration, and no word of the caller', async () => {
    await token({ grant_type: 'client_credentials' });
    await token({ grant_type: 'attacker-made' });
    const { text } = await doors.deps.metrics.expose();
    expect(text).to.match(/auth_token_requests_total\{grant="client_credentials",outcome="success"\} [1-9]/);
    expect(text).to.include('auth_token_request_duration_seconds_bucket');
    expect(text).to.not.include('attacker-made');
  });
});

describe('the limit of the token endpoint', () => {
  it('lets 5 requests per minute and address through, then answers 429 in the words of OAuth', async () => {
    const doors = await startDoors({ config: { rateLimits: { enabled: true } } });
    const request = () => doors.form('/oauth/token', { grant_type: 'client_credentials' }, service);
    for (const remaining of [4, 3, 2, 1, 0]) {
      const response = await request();
      expect(response.status).to.equal(200);
      expect(response.headers.get('ratelimit-policy')).to.equal('"general";q=100;w=60, "token";q=5;w=60');
      expect(response.headers.get('ratelimit')).to.match(new RegExp(`, "token";r=${remaining};t=\\d+$`));
    }
    const refused = await request();
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    expect(await refused.json()).to.include({ error: 'temporarily_unavailable' });
    await doors.close();
  });
});
