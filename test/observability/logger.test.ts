import { expect } from 'chai';
import Fastify from 'fastify';
import { AppError } from '../../src/errors.js';
import { createLogger } from '../../src/observability/logger.js';

const JWT = 'eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_x';

function collect(level: 'debug' | 'info' | 'warn' = 'debug') {
  const lines: string[] = [];
  const logger = createLogger(
    { logging: { level } },
    { version: '1.2.3', sink: { write: (line) => lines.push(line) } },
  );
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines, records };
}

describe('the logger', () => {
  it('writes JSON with level, ISO time, service and version', () => {
    const { logger, records } = collect();
    logger.info({ port: 3000 }, 'ready');
    const [record] = records();
    expect(record).to.include({
      level: 'info',
      service: 'fieldgate',
      version: '1.2.3',
      port: 3000,
      msg: 'ready',
    });
    expect(new Date(String(record?.time)).toISOString()).to.equal(record?.time);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = collect('warn');
    logger.info({}, 'unheard');
    expect(lines).to.have.length(0);
  });

  const secretMembers = [
    'password',
    'newPassword',
    'passwordHash',
    'token',
    'access_token',
    'refreshToken',
    'tokenHash',
    'client_secret',
    'secrets',
    'Authorization',
    'set-cookie',
    'cookieValue',
    'code',
    'user_code',
    'resetCode',
    'code_verifier',
    'apiKey',
    'masterKey',
    'privateJwk',
  ];
  for (const name of secretMembers) {
    it(`masks the value under ${name} at any depth`, () => {
      const { logger, lines, records } = collect();
      const secret = 'Vx7-needle-9';
      logger.info({ [name]: secret, deep: { list: [{ [name]: secret }] } }, 'saw it');
      logger.child({ [name]: secret }).info({}, 'as a binding');
      expect(lines.join('')).not.to.include('needle');
      expect(records()[0]).to.have.property(name, '[masked]');
    });
  }

  it('masks numeric codes, and keeps counts, flags, times and codes of errors', () => {
    const { logger, records } = collect();
    logger.info({ code: 123456, otp: 654321 }, 'codes');
    logger.info(
      {
        code: 'INVALID_GRANT',
        tokens: 5,
        hasPassword: true,
        accessTokenTtlSeconds: 900,
        statusCode: 401,
        passwordFile: 'data/admin-password.txt',
      },
      'facts',
    );
    expect(records()[0]).to.include({ code: '[masked]', otp: '[masked]' });
    expect(records()[1]).to.include({
      code: 'INVALID_GRANT',
      tokens: 5,
      hasPassword: true,
      accessTokenTtlSeconds: 900,
      statusCode: 401,
      passwordFile: 'data/admin-password.txt',
    });
  });

  const texts: [string, string][] = [
    ['a JWT', `got ${JWT} from a header`],
    ['a bearer value', 'Authorization: Bearer s3cr3t-needle-value'],
    ['basic credentials', 'Basic bmVlZGxlOm5lZWRsZQ=='],
    ['a token in a URL', 'GET /auth/confirm?token=needle123&x=1'],
    ['a code in a form', 'body was grant_type=x&code=needle123'],
    ['JSON members', '{"password":"needle123","code":"needle456"}'],
    ['escaped JSON members', JSON.stringify({ inner: JSON.stringify({ refresh_token: 'needle 123' }) })],
    ['a password hash', '$argon2id$v=19$m=19456,t=2,p=1$bmVlZGxl$bmVlZGxl'],
    ['a password in a URI', 'cannot connect to mongodb://root:needle@db.example:27017/x'],
  ];
  for (const [what, text] of texts) {
    it(`masks ${what} in messages, errors, causes and fields`, () => {
      const { logger, lines, records } = collect();
      logger.warn({}, text);
      logger.error({ err: new Error(text, { cause: new AppError('INTERNAL', text) }) }, 'failed');
      logger.info({ detail: text }, 'field');
      expect(records()).to.have.length(3);
      for (const line of lines) expect(line).to.include('[masked]');
      expect(lines.join('')).not.to.match(/needle|bmVlZGxl|c2lnbmF0dXJl/);
    });
  }

  it('logs an error with type, code, stack and cause, and never its other members', () => {
    const { logger, records, lines } = collect();
    const cause = Object.assign(new Error('E11000 dup key: { email: "ann@example.com" }'), {
      code: 11000,
      keyValue: { email: 'ann@example.com' },
    });
    logger.error({ err: new AppError('INTERNAL', 'cannot store', { cause }) }, 'failed');
    const err = records()[0]?.err as { type: string; code: string; stack: string; cause: { code: number } };
    expect(err).to.include({ type: 'AppError', code: 'INTERNAL' });
    expect(err.stack).to.include('logger.test');
    expect(err.cause.code).to.equal(11000);
    expect(lines.join('')).not.to.include('ann@example.com');
  });

  it('spares the stack of a refusal', () => {
    const { logger, records } = collect();
    logger.warn({ err: new AppError('FORBIDDEN', 'no rule speaks') }, 'refused');
    expect(records()[0]?.err).to.deep.equal({
      type: 'AppError',
      message: 'no rule speaks',
      code: 'FORBIDDEN',
    });
  });

  it('never logs bodies, variables or query strings, and of the headers only harmless ones', () => {
    const { logger, records, lines } = collect();
    const headers = {
      cookie: 'sid=needle',
      'x-new-credential': 'needle',
      'user-agent': 'curl/8',
      host: 'a.example',
    };
    logger.info({ req: { method: 'GET', url: '/x?anything=needle', headers, body: 'needle' } }, 'in');
    logger.info({ headers, body: { a: 'needle' }, variables: { b: 'needle' }, url: '/y?z=needle' }, 'flat');
    logger.info({ inner: { payload: ['needle'], requestHeaders: headers } }, 'nested');
    expect(lines.join('')).not.to.include('needle');
    expect(records()[0]?.req).to.deep.include({
      method: 'GET',
      url: '/x',
      headers: { 'user-agent': 'curl/8', host: 'a.example' },
    });
  });

  it('survives cycles and depth', () => {
    const { logger, records } = collect();
    const cycle: Record<string, unknown> = { token: 'x' };
    cycle.self = cycle;
    logger.info({ cycle }, 'round');
    expect(records()[0]?.msg).to.equal('round');
  });

  it('gives each line of a door its correlation id, once', async () => {
    const { logger, lines, records } = collect();
    const app = Fastify({ loggerInstance: logger, genReqId: () => 'req-7' });
    app.get('/thing', (request, reply) => {
      logger.info({ requestId: request.id }, 'from a use case');
      setImmediate(() => {
        request.log.info('from the door');
        void reply.send({});
      });
    });
    await app.inject('/thing?token=needle');
    await app.close();
    logger.info({}, 'outside');
    const inside = records().slice(0, -1);
    expect(inside.length).to.be.greaterThan(3);
    for (const record of inside) expect(record).to.have.property('requestId', 'req-7');
    for (const line of lines) expect(line.split('"requestId"').length).to.be.at.most(2);
    expect(records().at(-1)).not.to.have.property('requestId');
    expect(lines.join('')).not.to.include('needle');
  });
});
