import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError } from '../../src/config/configError.js';
import { loadConfig } from '../../src/config/load.js';

describe('loading the configuration', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldgate-config-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const written = (text: string): string => {
    const file = join(folder, 'fieldgate.yaml');
    writeFileSync(file, text);
    return file;
  };

  const load = (text: string, env: NodeJS.ProcessEnv = {}) => loadConfig({ file: written(text), env });

  const faultLines = (text: string, env: NodeJS.ProcessEnv = {}): string[] => {
    try {
      load(text, env);
    } catch (error) {
      expect(error).to.be.instanceOf(ConfigError);
      return (error as ConfigError).message.split('\n').slice(1);
    }
    throw new Error('the configuration was taken');
  };

  it('needs nothing: every key has a default or may be absent', () => {
    const config = load('');
    expect(config.issuer).to.equal('http://127.0.0.1:3000');
    expect(config.tokens.accessTokenTtlSeconds).to.equal(900);
    expect(config.stores).to.deep.equal({});
  });

  it('is frozen to the bottom', () => {
    const config = load(
      'clients: [{clientId: a, secret: 0123456789abcdef, grantTypes: [client_credentials]}]',
    );
    expect(() => (config.clients[0]!.grantTypes as string[]).push('password')).to.throw(TypeError);
    expect(() => Object.assign(config.tokens, { algorithm: 'none' })).to.throw(TypeError);
  });

  it('lets the environment override the file', () => {
    const config = load('tokens: {accessTokenTtlSeconds: 60}\nlogging: {level: warn}', {
      FIELDGATE_TOKENS_ACCESS_TOKEN_TTL_SECONDS: '120',
    });
    expect(config.tokens.accessTokenTtlSeconds).to.equal(120);
    expect(config.logging.level).to.equal('warn');
  });

  it('knows the well-known names, and the own name of a key wins over them', () => {
    const config = load('', {
      MONGODB_URI: 'mongodb://db/x',
      REDIS_URL: 'redis://cache',
      PORT: '4000',
      HOST: '0.0.0.0',
      LOG_LEVEL: 'error',
      FIELDGATE_LOGGING_LEVEL: 'debug',
    });
    expect(config.stores).to.deep.equal({ mongodbUri: 'mongodb://db/x', redisUrl: 'redis://cache' });
    expect(config.listen).to.deep.include({ host: '0.0.0.0', port: 4000 });
    expect(config.logging.level).to.equal('debug');
  });

  it('takes the issuer from the listen address when none is given', () => {
    expect(load('', { PORT: '4000', HOST: '0.0.0.0' }).issuer).to.equal('http://127.0.0.1:4000');
    expect(load('', { PORT: '4000', HOST: '::1' }).issuer).to.equal('http://[::1]:4000');
    expect(load('', { PORT: '4000', ISSUER: 'https://id.example' }).issuer).to.equal('https://id.example');
  });

  it('reads lists from commas and from JSON, and lists of objects from JSON', () => {
    expect(
      load('', { FIELDGATE_HTTP_CORS_ORIGINS: 'https://a.example, https://b.example' }).http.corsOrigins,
    ).to.deep.equal(['https://a.example', 'https://b.example']);
    expect(
      load('', { FIELDGATE_LISTEN_TRUSTED_PROXIES: '["10.0.0.0/8"]' }).listen.trustedProxies,
    ).to.deep.equal(['10.0.0.0/8']);
    const clients = '[{"clientId":"a","secret":"0123456789abcdef","grantTypes":["client_credentials"]}]';
    expect(load('', { FIELDGATE_CLIENTS: clients }).clients[0]).to.deep.include({ clientId: 'a' });
    expect(faultLines('', { FIELDGATE_CLIENTS: '[{' })).to.deep.equal([
      '  clients (FIELDGATE_CLIENTS): must be a JSON list',
    ]);
  });

  it('takes NODE_ENV for the environment, and test for nothing', () => {
    expect(load('', { NODE_ENV: 'test' }).environment).to.equal('development');
    expect(load('mail: {smtpUrl: smtp://mail}', { NODE_ENV: 'production' }).environment).to.equal(
      'production',
    );
    expect(faultLines('', { NODE_ENV: 'staging' })).to.deep.equal([
      '  environment (NODE_ENV): must be one of development, production, got "staging"',
    ]);
  });

  it('counts an empty variable and a key without a value as absent', () => {
    expect(
      load('tokens:\nlogging:\n  level:', { PORT: '', FIELDGATE_TOKENS_AUDIENCE: '' }).listen.port,
    ).to.equal(3000);
  });

  it('reads a secret from the file that its _FILE variable or { file } names', () => {
    const secretFile = join(folder, 'secret');
    writeFileSync(secretFile, 'mongodb://user:pass@db/x\n');
    expect(load('', { MONGODB_URI_FILE: secretFile }).stores.mongodbUri).to.equal('mongodb://user:pass@db/x');
    expect(load(`stores: {mongodbUri: {file: ${secretFile}}}`).stores.mongodbUri).to.equal(
      'mongodb://user:pass@db/x',
    );
    expect(
      faultLines('clients: [{clientId: a, grantTypes: [refresh_token], secret: {file: /absent}}]')[0],
    ).to.equal('  clients[0].secret (fieldgate.yaml:1): cannot read the file /absent: ENOENT');
  });

  it('reports every fault of file and environment at once, each with its path and source', () => {
    const lines = faultLines(
      'tokens:\n  accesTokenTtlSeconds: 5\n  algorithm: HS256\nlisten: {port: 99999}\nissuer: https://x.example/',
      { FIELDGATE_TOKENS_ACCESS_TOKEN_TTL_SECONDS: 'abc', FIELDGATE_LISTN_PORT: '3' },
    );
    expect(lines).to.have.members([
      '  FIELDGATE_LISTN_PORT: unknown environment variable; did you mean FIELDGATE_LISTEN_PORT?',
      '  tokens.accesTokenTtlSeconds (fieldgate.yaml:2): unknown key; did you mean "accessTokenTtlSeconds"?',
      '  tokens.algorithm (fieldgate.yaml:3): must be one of RS256, PS256, ES256, EdDSA, got "HS256"',
      '  listen.port (fieldgate.yaml:4): must be an integer from 0 to 65535, got 99999',
      '  issuer (fieldgate.yaml:5): must not end with a slash',
      '  tokens.accessTokenTtlSeconds (FIELDGATE_TOKENS_ACCESS_TOKEN_TTL_SECONDS): must be a positive integer, got "abc"',
    ]);
  });

  it('never shows a secret in a fault', () => {
    const lines = faultLines('metrics: {token: hunter2}\nstores: {mongodbUri: "postgres://u:hunter2@db"}', {
      FIELDGATE_MASTER_KEY: 'hunter2',
    });
    expect(lines).to.have.length(3);
    expect(lines.join('\n')).not.to.contain('hunter2');
  });

  it('gives line and column of what is no YAML', () => {
    expect(faultLines('issuer: [1\nlisten: 2')[0]).to.match(/^ {2}\(fieldgate\.yaml:\d+:\d+\): /);
    expect(faultLines('issuer: "https://a.example"\nissuer: "https://b.example"')[0]).to.contain(
      'fieldgate.yaml:2:1',
    );
    expect(faultLines('- a')[0]).to.equal('  (fieldgate.yaml): must hold keys and values');
  });

  it('refuses a file that was asked for and is not there', () => {
    expect(() => loadConfig({ file: join(folder, 'absent.yaml'), env: {} })).to.throw(
      ConfigError,
      /absent\.yaml: ENOENT/,
    );
    expect(() => loadConfig({ env: { FIELDGATE_CONFIG: join(folder, 'absent.yaml') } })).to.throw(
      ConfigError,
      /ENOENT/,
    );
  });

  it('overlooks what Kubernetes sets for a service called fieldgate', () => {
    const env = {
      FIELDGATE_SERVICE_HOST: '10.0.0.1',
      FIELDGATE_PORT: 'tcp://10.0.0.1:80',
      FIELDGATE_PORT_80_TCP_ADDR: 'x',
    };
    expect(load('', env).listen.port).to.equal(3000);
  });

  it('refuses keys of the prototype as unknown', () => {
    expect(faultLines('__proto__: {issuer: x}\nconstructor: 1').join('\n')).to.match(
      /constructor .*unknown key/,
    );
    expect(({} as { issuer?: string }).issuer).to.equal(undefined);
  });
});
