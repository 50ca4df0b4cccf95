import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import { isAppError } from '../../../src/errors.js';
import { createOutbox } from '../../../src/identity/messages/outbox.js';
import { createMailTransport, createSmsTransport } from '../../../src/identity/messages/transports.js';
import { testConfig } from '../../support/deps.js';
import { silentLogger } from '../../support/logger.js';

const MAIL = { to: 'ada@example.com', subject: 'Grüße', text: 'Hallo – Ada', html: '<p>Hallo – Ada</p>' };

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it was accepted'),
    (error: unknown) => error as Error,
  );

describe('the mail transport', () => {
  interface Received {
    from: string;
    to: string[];
    data: string;
  }
  let server: SMTPServer;
  let received: Received[];
  let refuse: string | null;

  const start = async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_address, _session, done) =>
        done(refuse === null ? null : Object.assign(new Error(refuse), { responseCode: 550 })),
      onData: (stream, session, done) => {
        const keep = async () => {
          const data = await readText(stream);
          const { mailFrom, rcptTo } = session.envelope;
          received.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            data,
          });
          done();
        };
        void keep();
      },
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.server.address() as AddressInfo;
    const config = testConfig({
      mail: { smtpUrl: `smtp://127.0.0.1:${port}`, from: 'Fieldgate <no-reply@example.com>' },
    });
    return createMailTransport(config, createOutbox(), silentLogger);
  };

  beforeEach(() => {
    received = [];
    refuse = null;
  });
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

  it('delivers text and HTML to a real SMTP server', async () => {
    const transport = await start();
    try {
      await transport.send(MAIL);
      expect(received).to.have.length(1);
      expect(received[0]).to.include({ from: 'no-reply@example.com' });
      expect(received[0]?.to).to.deep.equal(['ada@example.com']);
      const { data = '' } = received[0] ?? {};
      expect(data).to.include('From: Fieldgate <no-reply@example.com>');
      expect(data)
        .to.match(/multipart\/alternative/)
        .and.to.match(/text\/html/);
      expect(data.match(/Hallo =E2=80=93 Ada/g)).to.have.length(2);
    } finally {
      transport.close();
    }
  });

  it('never reads a second recipient out of an address', async () => {
    const transport = await start();
    try {
      const two = { ...MAIL, to: 'ada@example.com, eve@example.com' };
      await transport.send(two).catch((error: unknown) => {
        expect(isAppError(error, 'UNAVAILABLE')).to.equal(true);
      });
      expect(received.flatMap(({ to }) => to)).not.to.include('eve@example.com');
    } finally {
      transport.close();
    }
  });

  it('never reads a header out of a subject', async () => {
    const transport = await start();
    try {
      await transport.send({ ...MAIL, subject: 'Hello\r\nBcc: eve@example.com' });
      expect(received[0]?.to).to.deep.equal(['ada@example.com']);
      expect(received[0]?.data)
        .to.match(/^Subject: Hello/m)
        .and.not.to.match(/^Bcc:/m);
    } finally {
      transport.close();
    }
  });

  it('says UNAVAILABLE when the server refuses, without naming the recipient', async () => {
    const transport = await start();
    try {
      refuse = 'no such user ada@example.com';
      const error = await failure(transport.send(MAIL));
      expect(isAppError(error, 'UNAVAILABLE')).to.equal(true);
      expect(error.message).to.include('550').and.not.to.include('ada');
      expect(error.cause).to.equal(undefined);
    } finally {
      transport.close();
    }
  });

  it('says UNAVAILABLE when nobody listens', async () => {
    await start();
    const port = await new Promise<number>((resolve) => {
      const probe = createTcpServer().listen(0, '127.0.0.1', () => {
        const { port: free } = probe.address() as AddressInfo;
        probe.close(() => resolve(free));
      });
    });
    const config = testConfig({ mail: { smtpUrl: `smtp://127.0.0.1:${port}` } });
    const transport = await createMailTransport(config, createOutbox(), silentLogger);
    expect(isAppError(await failure(transport.send(MAIL)), 'UNAVAILABLE')).to.equal(true);
    transport.close();
  });
});

describe('the SMS transport', () => {
  interface Request {
    method: string;
    url: string;
    headers: IncomingHttpHeaders;
    body: URLSearchParams;
  }
  const requests: Request[] = [];
  let answer: { status: number; body: object };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers, body: new URLSearchParams(await readText(request)) });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  };
  const double = createServer((request, response) => {
    void handle(request, response);
  });
  let apiBaseUrl = '';

  before(async () => {
    await new Promise<void>((resolve) => {
      double.listen(0, '127.0.0.1', resolve);
    });
    apiBaseUrl = `http://127.0.0.1:${(double.address() as AddressInfo).port}/twilio/`;
  });
  beforeEach(() => {
    requests.length = 0;
    answer = { status: 201, body: { sid: 'SM1', status: 'queued' } };
  });
  after(() => {
    double.closeAllConnections();
    double.close();
  });

  const twilio = (from: string) =>
    createSmsTransport(
      testConfig({ sms: { twilio: { accountSid: 'AC123', authToken: 'twilio-secret', from, apiBaseUrl } } }),
      createOutbox(),
      silentLogger,
    );

  it('calls the Messages API at the configured base URL', async () => {
    await twilio('+15005550006').send({ to: '+442079460018', text: '123456 is your code' });
    expect(requests).to.have.length(1);
    const [request] = requests;
    expect(request).to.include({ method: 'POST', url: '/twilio/2010-04-01/Accounts/AC123/Messages.json' });
    expect(request?.headers.authorization).to.equal(
      `Basic ${Buffer.from('AC123:twilio-secret').toString('base64')}`,
    );
    expect(Object.fromEntries(request?.body ?? [])).to.deep.equal({
      To: '+442079460018',
      From: '+15005550006',
      Body: '123456 is your code',
    });
  });

  it('names a messaging service when one is configured', async () => {
    await twilio('MG77').send({ to: '+442079460018', text: 'x' });
    expect(requests[0]?.body.get('MessagingServiceSid')).to.equal('MG77');
    expect(requests[0]?.body.has('From')).to.equal(false);
  });

  it('says UNAVAILABLE when Twilio refuses, without number, text or token', async () => {
    answer = { status: 400, body: { code: 21211, message: 'Invalid To +442079460018', status: 400 } };
    const error = await failure(twilio('+15005550006').send({ to: '+442079460018', text: '654321' }));
    expect(isAppError(error, 'UNAVAILABLE')).to.equal(true);
    expect(error.message).to.include('21211');
    expect(`${error.message}${String(error.cause)}`).not.to.match(/442079460018|654321|twilio-secret/);
  });

  it('refuses an account SID that cannot be one', () => {
    const config = testConfig({
      sms: { twilio: { accountSid: 'XX', authToken: 't', from: '+15005550006' } },
    });
    expect(() => createSmsTransport(config, createOutbox(), silentLogger)).to.throw(/must start with AC/);
  });
});

describe('without transports', () => {
  it('messages go to the outbox, which keeps the last two hundred', async () => {
    const outbox = createOutbox();
    const mail = await createMailTransport(testConfig(), outbox, silentLogger);
    const sms = createSmsTransport(testConfig(), outbox, silentLogger);
    for (let index = 0; index < 250; index += 1) await mail.send({ ...MAIL, subject: `no. ${index}` });
    await sms.send({ to: '+442079460018', text: 'hello' });
    expect(outbox.messages()).to.have.length(200);
    expect(outbox.latest('ADA@example.com')?.subject).to.equal('no. 249');
    expect(outbox.latest('+442079460018')).to.include({ kind: 'sms', text: 'hello' });
    outbox.clear();
    expect(outbox.messages()).to.deep.equal([]);
  });

  it('production has no outbox: mail is a fault at start, SMS a failure when sent', async () => {
    const config = { ...testConfig(), environment: 'production' as const };
    const outbox = createOutbox();
    const refusal = await failure(createMailTransport(config, outbox, silentLogger));
    expect(refusal.message).to.match(/needed in production/);
    const error = await failure(
      createSmsTransport(config, outbox, silentLogger).send({ to: '+1', text: 'x' }),
    );
    expect(isAppError(error, 'UNAVAILABLE')).to.equal(true);
    expect(outbox.messages()).to.deep.equal([]);
  });
});
