import { expect } from 'chai';
import { BUILT_IN_ROLE_NAMES } from '../../src/config/builtIn.js';
import { checkAddresses } from '../../src/config/checks/addresses.js';
import { checkCaptcha } from '../../src/config/checks/captcha.js';
import { checkDeclared } from '../../src/config/checks/declared.js';
import { checkProduction } from '../../src/config/checks/production.js';
import { pathText } from '../../src/config/issues.js';
import { type Config, configSchema } from '../../src/config/schema.js';

const faultsOf = (check: typeof checkDeclared, content: object): string[] =>
  check(configSchema.parse(content) satisfies Config).map(
    ({ path, message }) => `${pathText(path)}: ${message}`,
  );

describe('checks across keys', () => {
  const client = { clientId: 'web', secret: '0123456789abcdef', grantTypes: ['client_credentials'] };

  it('finds nothing wrong with the defaults', () => {
    expect(
      [checkAddresses, checkCaptcha, checkDeclared, checkProduction].flatMap((check) => faultsOf(check, {})),
    ).to.deep.equal([]);
  });

  it('refuses a CAPTCHA of a provider without its keys', () => {
    expect(faultsOf(checkCaptcha, { captcha: { provider: 'turnstile', siteKey: 'site' } })).to.deep.equal([
      'captcha.secretKey: is required by the provider turnstile',
    ]);
    expect(faultsOf(checkCaptcha, { captcha: { provider: 'hcaptcha', demand: 'never' } })).to.deep.equal([]);
  });

  for (const [issuer, message] of [
    ['https://id.example/', 'must not end with a slash'],
    ['https://id.example?a=1', 'must have no query'],
    ['https://id.example#x', 'must have no fragment'],
    ['https://u:p@id.example', 'must have no user name or password'],
    ['ftp://id.example', 'must be an http or https URL'],
  ] as const) {
    it(`refuses the issuer ${issuer}`, () => {
      expect(faultsOf(checkAddresses, { issuer })).to.deep.equal([`issuer: ${message}`]);
    });
  }

  it('refuses proxies that are no address block, and origins that are none', () => {
    const trustedProxies = [
      '10.0.0.0/8',
      '::1',
      'fd00::/8',
      '10.0.0.0/33',
      'proxy',
      '1.2.3.4/',
      '1.2.3.4/8/8',
    ];
    const faults = faultsOf(checkAddresses, {
      listen: { trustedProxies },
      http: { corsOrigins: ['https://a.example', '*', 'https://a.example/', 'null'] },
    });
    expect(faults.map((fault) => fault.split(':')[0])).to.deep.equal([
      'listen.trustedProxies[3]',
      'listen.trustedProxies[4]',
      'listen.trustedProxies[5]',
      'listen.trustedProxies[6]',
      'http.corsOrigins[1]',
      'http.corsOrigins[2]',
      'http.corsOrigins[3]',
    ]);
  });

  it('refuses a resource whose format, algorithm and secret do not fit together', () => {
    const secret = 'a shared secret of 32 characters';
    const resource = (n: number, over: object) => ({ identifier: `https://api${n}.example`, ...over });
    const faults = faultsOf(checkDeclared, {
      issuer: 'https://id.example',
      resources: [
        resource(0, { signingAlgorithm: 'HS256' }),
        resource(1, { signingAlgorithm: 'ES256', sharedSecret: secret }),
        resource(2, { tokenFormat: 'opaque', signingAlgorithm: 'ES256' }),
        resource(3, { signingAlgorithm: 'HS256', sharedSecret: `${secret}!` }),
        resource(4, { signingAlgorithm: 'HS256', sharedSecret: `${secret}!` }),
        { identifier: 'https://id.example', signingAlgorithm: 'HS256', sharedSecret: `${secret}?` },
        { identifier: 'https://api.example#part' },
      ],
    });
    expect(faults).to.deep.equal([
      'resources[0].sharedSecret: is required for HS256: at least 32 characters of its own',
      'resources[1].sharedSecret: must be absent, because signingAlgorithm is not HS256',
      'resources[2].signingAlgorithm: must be absent, because opaque tokens are not signed',
      'resources[4].sharedSecret: belongs to another resource',
      "resources[5].signingAlgorithm: must not be HS256 for Fieldgate's own API",
      'resources[6].identifier: must have no fragment',
    ]);
  });

  it('refuses a shared secret of fewer than 32 characters', () => {
    const resource = { identifier: 'https://api.example', signingAlgorithm: 'HS256', sharedSecret: 'short' };
    const parsed = configSchema.safeParse({ resources: [resource] });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).to.deep.equal([
      'resources.0.sharedSecret',
    ]);
  });

  it('refuses store and mail URLs of another scheme', () => {
    const faults = faultsOf(checkAddresses, {
      stores: { mongodbUri: 'http://db', redisUrl: 'http://cache' },
      mail: { smtpUrl: 'mail.example' },
    });
    expect(faults).to.deep.equal([
      'stores.mongodbUri: must start with mongodb:// or mongodb+srv://',
      'stores.redisUrl: must start with redis:// or rediss://',
      'mail.smtpUrl: must start with smtp:// or smtps://',
    ]);
  });

  it('takes the path of a unix socket for Redis', () => {
    expect(faultsOf(checkAddresses, { stores: { redisUrl: '/run/redis.sock' } })).to.deep.equal([]);
  });

  it('refuses a certificate that cannot be read', () => {
    const faults = faultsOf(checkAddresses, { tls: { cert: '/absent/cert.pem', key: '/absent/key.pem' } });
    expect(faults).to.have.length(2);
    expect(faults[0]).to.equal('tls.cert: cannot read the file /absent/cert.pem: ENOENT');
  });

  it('refuses an idle time longer than the absolute one', () => {
    expect(
      faultsOf(checkAddresses, { sessions: { idleTtlSeconds: 11, absoluteTtlSeconds: 10 } }),
    ).to.deep.equal([
      'sessions.idleTtlSeconds: must not be more than sessions.absoluteTtlSeconds (10), got 11',
    ]);
  });

  it('refuses types of authorization details, and fields of them, that cannot be told apart or stored', () => {
    const fields = ['amount', 'type', '$where', 'a.b', 'amount'].map((name) => ({ name }));
    const types = [
      { type: 'payment', description: 'Pay', fields },
      { type: 'payment', description: 'Pay again' },
    ];
    expect(faultsOf(checkDeclared, { authorizationDetailsTypes: types })).to.deep.equal([
      'authorizationDetailsTypes[1].type: "payment" is declared twice: see authorizationDetailsTypes[0]',
      'authorizationDetailsTypes[0].fields[1].name: "type" is there already',
      'authorizationDetailsTypes[0].fields[2].name: must not begin with $ or hold a dot',
      'authorizationDetailsTypes[0].fields[3].name: must not begin with $ or hold a dot',
      'authorizationDetailsTypes[0].fields[4].name: "amount" is declared twice',
    ]);
  });

  it('refuses names declared twice and names that are built in', () => {
    const faults = faultsOf(checkDeclared, {
      roles: [{ name: 'support' }, { name: 'support' }, { name: 'admin' }],
      clients: [client, client, { ...client, clientId: 'fieldgate' }],
      users: [{ email: 'Ann@a.example' }, { email: 'ann@A.example' }],
    });
    expect(faults).to.deep.equal([
      'roles[1].name: "support" is declared twice: see roles[0]',
      'roles[2].name: "admin" is built in and cannot be declared',
      'clients[1].clientId: "web" is declared twice: see clients[0]',
      'clients[2].clientId: "fieldgate" is built in and cannot be declared',
      'users[1].email: "ann@a.example" is declared twice: see users[0]',
    ]);
  });

  it('refuses roles and scopes that nobody declared', () => {
    const faults = faultsOf(checkDeclared, {
      accounts: { defaultRoles: ['usr'] },
      roles: [{ name: 'support', inherits: ['modrator'] }],
      clients: [{ ...client, scopes: ['openid', 'warehouse.count'], roles: ['support'] }],
      users: [{ username: 'ann', roles: [...BUILT_IN_ROLE_NAMES, 'nobody-knows-this'] }],
    });
    expect(faults).to.deep.equal([
      'accounts.defaultRoles[0]: unknown role "usr"; did you mean "user"?',
      'roles[0].inherits[0]: unknown role "modrator"; did you mean "moderator"?',
      'users[0].roles[5]: unknown role "nobody-knows-this"',
      'clients[0].scopes[1]: unknown scope "warehouse.count"',
    ]);
  });

  it('refuses roles that inherit themselves, and takes diamonds', () => {
    const cycle = [
      { name: 'a', inherits: ['b'] },
      { name: 'b', inherits: ['a'] },
    ];
    expect(faultsOf(checkDeclared, { roles: cycle })).to.deep.equal([
      'roles[0].inherits: inherits itself: a -> b -> a',
      'roles[1].inherits: inherits itself: b -> a -> b',
    ]);
    const diamond = [
      { name: 'top', inherits: ['l', 'r'] },
      { name: 'l', inherits: ['end'] },
      { name: 'r', inherits: ['end'] },
      { name: 'end' },
    ];
    expect(faultsOf(checkDeclared, { roles: diamond })).to.deep.equal([]);
  });

  it('refuses grants that do not go with the client', () => {
    const faults = faultsOf(checkDeclared, {
      clients: [
        { clientId: 'a', grantTypes: ['refresh_token'] },
        {
          clientId: 'b',
          tokenEndpointAuthMethod: 'none',
          secret: '0123456789abcdef',
          grantTypes: ['client_credentials'],
        },
        { ...client, clientId: 'c', grantTypes: ['password'] },
        { ...client, clientId: 'd', grantTypes: ['authorization_code'] },
        {
          ...client,
          clientId: 'e',
          grantTypes: ['authorization_code'],
          redirectUris: ['/relative', 'https://a.example/#x'],
        },
      ],
    });
    expect(faults.map((fault) => fault.split(':')[0])).to.deep.equal([
      'clients[0].secret',
      'clients[1].secret',
      'clients[1].grantTypes',
      'clients[2].grantTypes',
      'clients[3].redirectUris',
      'clients[4].redirectUris[0]',
      'clients[4].redirectUris[1]',
    ]);
  });

  it('refuses users without a name to sign in with, and two kinds of password', () => {
    expect(
      faultsOf(checkDeclared, {
        users: [{ name: 'Ann' }, { username: 'b', password: 'x', passwordHash: 'y' }],
      }),
    ).to.deep.equal([
      'users[0]: needs an email, a username or a phone',
      'users[1]: has both password and passwordHash; give one',
    ]);
  });

  it('refuses in production what only a developer may do', () => {
    const risky = {
      issuer: 'http://id.example',
      admin: { password: 'changeme' },
      users: [{ username: 'ann', password: 'short' }],
    };
    expect(faultsOf(checkProduction, { ...risky, environment: 'development' })).to.deep.equal([]);
    expect(faultsOf(checkProduction, { ...risky, environment: 'production' })).to.deep.equal([
      'issuer: must be an https URL in production, got "http://id.example"',
      'mail.smtpUrl: is required in production: confirmations and password resets could not be sent',
      'admin.password: is too weak for production; leave it out and the first start makes one',
      'users[0].password: is too weak for production',
    ]);
  });

  for (const [what, over, fault] of [
    [
      'private_key_jwt without keys',
      { tokenEndpointAuthMethod: 'private_key_jwt' },
      'clients[0].jwks: or jwksUri is required, because tokenEndpointAuthMethod is private_key_jwt',
    ],
    [
      'two names of a certificate (RFC 8705 §2.1.2)',
      {
        tokenEndpointAuthMethod: 'tls_client_auth',
        tlsClientAuthSubjectDn: 'CN=a',
        tlsClientAuthSanDns: 'a.example',
      },
      'clients[0].tlsClientAuthSubjectDn: or one other name of the certificate, exactly one, is required',
    ],
    [
      'a secret beside keys',
      {
        tokenEndpointAuthMethod: 'private_key_jwt',
        jwksUri: 'https://a.example/jwks',
        secret: '0123456789abcdef',
      },
      'clients[0].secret: must be absent, because tokenEndpointAuthMethod is private_key_jwt',
    ],
    [
      'keys by value and by address (RFC 7591 §2)',
      { secret: '0123456789abcdef', jwks: { keys: [{ kty: 'EC' }] }, jwksUri: 'https://a.example/jwks' },
      'clients[0].jwks: and jwksUri exclude each other',
    ],
    [
      'details of a type that is not declared',
      { secret: '0123456789abcdef', authorizationDetailsTypes: ['payment'] },
      'clients[0].authorizationDetailsTypes[0]: unknown type "payment"',
    ],
  ] as const) {
    it(`refuses a client with ${what}`, () => {
      const clients = [{ clientId: 'web', grantTypes: ['client_credentials'], ...over }];
      expect(faultsOf(checkDeclared, { clients })).to.deep.equal([fault]);
    });
  }
});
