import { expect } from 'chai';
import { purgeDueAccounts } from '../../src/identity/accounts/deletion.js';
import { mutate } from '../resolvers/mutate.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';
import { createHttp } from '../support/http.js';

type Line = Record<string, unknown>;

describe('the audit trail over REST', () => {
  let app: TestApp;
  let auditor: Person & Tokens;
  before(async () => {
    // The live tail waits until a moment is over.
    app = await startApp({}, { runningClock: true });
    auditor = await app.signInAs('auditor');
    const token = await app.adminToken();
    const { userErrors } = await mutate(
      app,
      'createRole',
      {
        name: 'watcher',
        rules: [
          {
            id: 'watch',
            actions: ['read', 'list'],
            subject: 'AuditEvent',
            fields: ['id', 'action', 'outcome', 'objectId'],
          },
        ],
      },
      { token },
    );
    expect(userErrors).to.deep.equal([]);
  });
  after(() => app.close());

  const record = (objectId: string, more: object = {}) =>
    app.deps.audit.record({
      action: 'test.record',
      outcome: 'success',
      actor: { kind: 'system' },
      objectType: 'Role',
      objectId,
      ...more,
    });

  describe('exported', () => {
    const exported = (query: string, token: string) => app.rest(`/audit/events/export?${query}`, { token });
    const lines = (text: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line);

    it('is every event that passes the filters, oldest first, over many pages', async () => {
      await Promise.all(Array.from({ length: 1203 }, (_, i) => record(`many${i}`, { action: 'test.many' })));
      const { status, text, headers } = await exported('action=test.many', auditor.accessToken);
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.equal('application/jsonl');
      expect(headers.get('x-fieldgate-total')).to.equal('1203');
      const found = lines(text);
      expect(new Set(found.map(({ objectId }) => objectId)).size).to.equal(1203);
      const ids = found.map(({ id }) => String(id));
      expect(ids).to.deep.equal([...ids].sort());
    });

    it('can be narrowed by time, actor, object, field and outcome', async () => {
      await record('narrow', {
        action: 'test.narrow',
        outcome: 'failure',
        actor: { kind: 'user', id: 'narrow-actor' },
        fields: ['inherits'],
      });
      await record('wide', { action: 'test.wide' });
      const token = auditor.accessToken;
      for (const query of [
        'actorId=narrow-actor',
        'objectId=narrow',
        'objectType=Role&field=inherits',
        'outcome=failure&action=test.*',
      ]) {
        const found = lines((await exported(query, token)).text);
        expect(
          found.map(({ objectId }) => objectId),
          query,
        ).to.deep.equal(['narrow']);
      }
      const later = new Date(app.clock().getTime() + 60_000).toISOString();
      expect((await exported(`from=${later}`, token)).text).to.equal('');
      expect(lines((await exported(`to=${later}&action=test.narrow`, token)).text)).to.have.length(1);
      for (const moment of ['yesterday', '9', '2026-02-30', '2026-03-01T12:00'])
        expect((await exported(`from=${moment}`, token)).status).to.equal(400);
      expect((await exported('colour=red', token)).status).to.equal(400);
    });

    it('leaves out what the caller may not read, and does not filter by it', async () => {
      await record('hidden', { action: 'test.hidden', reason: 'a reason', after: { a: 1 } });
      const { accessToken } = await app.signInAs('watcher');
      const [line] = lines((await exported('action=test.hidden', accessToken)).text);
      expect(line).to.include({ action: 'test.hidden', objectId: 'hidden' });
      for (const field of ['reason', 'after', 'at', 'hash', 'chain', 'objectType', 'actorKind']) {
        expect(line?.[field], field).to.equal(null);
      }
      expect((await exported('action=test.hidden&objectType=Role', accessToken)).text).to.equal('');
      const [whole] = lines((await exported('action=test.hidden', auditor.accessToken)).text);
      expect(whole).to.deep.include({ reason: 'a reason', after: { a: 1 }, objectType: 'Role' });
    });

    it('as CSV runs no formula in a spreadsheet and keeps every cell whole', async () => {
      const reasons = ['=1+1', '@SUM(A1)', '+cmd', '-2+3', '\t=1', 'a,"b"\nc', '＝1', 'plain'];
      for (const [i, reason] of reasons.entries()) await record(`csv${i}`, { action: 'test.csv', reason });
      const { text, headers } = await exported('format=csv&action=test.csv', auditor.accessToken);
      expect(headers.get('content-type')).to.match(/^text\/csv/);
      const [head = [], ...rows] = parseCsv(text);
      const column = head.indexOf('reason');
      expect(rows.map((row) => row[column])).to.deep.equal([
        "'=1+1",
        "'@SUM(A1)",
        "'+cmd",
        "'-2+3",
        "'\t=1",
        'a,"b"\nc',
        "'＝1",
        'plain',
      ]);
      for (const row of rows) expect(row).to.have.length(head.length);
    });

    it('is for nobody without the right, and stands in the trail itself', async () => {
      const user = await app.signInAs();
      expect((await exported('', user.accessToken)).status).to.equal(403);
      expect((await app.rest('/audit/events/export')).status).to.equal(401);
      await exported('action=none', auditor.accessToken);
      const own = await exported(`action=audit.export&actorId=${auditor.id}`, auditor.accessToken);
      expect(lines(own.text).length).to.be.greaterThan(0);
    });

    it('shows what was erased as null, with a mark', async () => {
      const gone = await app.signInAs();
      const ids = `actorId=${gone.id}&action=user.signIn`;
      const [known] = lines((await exported(ids, auditor.accessToken)).text);
      expect(known?.['address']).to.be.a('string');
      await app.deps.models.users.updateOne({ _id: gone.id }, { $set: { deletionScheduledAt: new Date(0) } });
      expect(await purgeDueAccounts(app.deps)).to.equal(1);
      const [line] = lines((await exported(ids, auditor.accessToken)).text);
      expect([line?.['address'], line?.['userAgent']]).to.deep.equal([null, null]);
      expect(line?.['erased']).to.include.members(['address', 'userAgent']);
      const asked = await app.graphql(
        'query ($id: String!) { auditEvents(first: 5, filter: { actorId: { equals: $id }, action: { equals: "user.signIn" } }) { nodes { address erased actorId } } }',
        { id: gone.id },
        { token: auditor.accessToken },
      );
      expect(asked.errors).to.deep.equal([]);
      expect(asked.data.auditEvents.nodes[0]).to.deep.equal({
        address: null,
        erased: line?.['erased'],
        actorId: gone.id,
      });
    });
  });

  describe('as a live tail', () => {
    const open = (query: string, headers: Record<string, string>) => openTail(app.url, query, headers);
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

    it('shows new events once and in order, from every replica', async () => {
      const replica = await startApp({}, { replicaOf: app });
      try {
        const tail = await open('action=test.live', bearer(auditor.accessToken));
        expect(tail.status).to.equal(200);
        expect(tail.headers.get('content-type')).to.match(/^text\/event-stream/);
        await record('one', { action: 'test.live' });
        await replica.deps.audit.record({
          action: 'test.live',
          outcome: 'success',
          actor: { kind: 'system' },
          objectId: 'two',
        });
        await record('else', { action: 'test.else' });
        await record('three', { action: 'test.live' });
        const shown = [await tail.next(), await tail.next(), await tail.next()];
        expect(shown.map(({ data }) => data['objectId'])).to.deep.equal(['one', 'two', 'three']);
        expect(shown[0]?.id).to.equal(shown[0]?.data['id']);
        await tail.close();

        const resumed = await open('action=test.live', {
          ...bearer(auditor.accessToken),
          'last-event-id': shown[0]?.id ?? '',
        });
        expect((await resumed.next()).data['objectId']).to.equal('two');
        expect((await resumed.next()).data['objectId']).to.equal('three');
        await resumed.close();
      } finally {
        await replica.close();
      }
    });

    it('is governed per field', async () => {
      const { accessToken } = await app.signInAs('watcher');
      const tail = await open('action=test.fields', bearer(accessToken));
      await record('governed', { action: 'test.fields', reason: 'secret reason' });
      const { data } = await tail.next();
      expect(data).to.include({ objectId: 'governed', reason: null, chain: null });
      await tail.close();
    });

    it('ends when the session of its token is revoked', async () => {
      const person = await app.signInAs('auditor');
      const tail = await open('', bearer(person.accessToken));
      const sessions = await app.deps.models.sessions.find({ userId: person.id }).lean();
      await mutate(
        app,
        'revokeSession',
        { id: `Session:${sessions[0]?._id}` },
        { token: await app.adminToken() },
      );
      expect(await tail.rest()).to.include('event: end');
    });

    it('ends when the role that gave the right is taken away', async () => {
      const person = await app.signInAs('auditor');
      const tail = await open('', bearer(person.accessToken));
      await app.deps.models.users.updateOne(
        { _id: person.id },
        { $set: { roleAssignments: [{ role: 'user' }] } },
      );
      expect(await tail.rest()).to.include('event: end');
    });

    it('with a cookie ends with the session, which it does not keep alive', async () => {
      const person = await app.signInAs('auditor');
      const signedIn = await app.rest('/auth/login', {
        body: { identifier: person.email, password: person.password, cookie: true },
      });
      const cookie = signedIn.headers
        .getSetCookie()
        .map((one) => one.split(';', 1)[0])
        .find((one) => one?.includes('session'));
      const tail = await open('', { cookie: cookie ?? '' });
      expect(tail.status).to.equal(200);
      app.clock.advance(app.config.sessions.idleTtlSeconds + 1);
      expect(await tail.rest()).to.include('event: end');
      auditor = { ...auditor, ...(await app.signIn(auditor)) };
    });

    it('is refused to who may not list events, and with an id that is none', async () => {
      const user = await app.signInAs();
      expect((await app.rest('/audit/events/stream', { token: user.accessToken })).status).to.equal(403);
      expect((await app.rest('/audit/events/stream')).status).to.equal(401);
      const headers = { 'last-event-id': 'x' };
      const refused = await app.rest('/audit/events/stream', { token: auditor.accessToken, headers });
      expect(refused.status).to.equal(400);
    });

    it('does not hold up the close of the server', async () => {
      const other = await startApp({}, { runningClock: true });
      const { accessToken } = await other.signInAs('auditor');
      const tail = await openTail(other.url, '', bearer(accessToken));
      const began = performance.now();
      await other.close();
      expect(performance.now() - began).to.be.lessThan(5000);
      await tail.rest().catch(() => undefined);
    });
  });

  it('is found by address, encrypted or not, in lists of GraphQL', async () => {
    const address = '127.0.0.1';
    const asked = await createHttp(app.url).graphql(
      'query ($address: String!) { auditEvents(first: 100, filter: { address: { equals: $address }, action: { equals: "user.signIn" } }) { nodes { address } } }',
      { address },
      { token: auditor.accessToken },
    );
    expect(asked.errors).to.deep.equal([]);
    expect(asked.data.auditEvents.nodes.length).to.be.greaterThan(0);
    const known = asked.data.auditEvents.nodes.map((node: { address: string }) => node.address);
    expect(new Set(known)).to.deep.equal(new Set([address]));
  });
});

interface Shown {
  readonly id: string;
  readonly data: Line;
}

async function openTail(url: string, query: string, headers: Record<string, string>) {
  const abort = new AbortController();
  const response = await fetch(`${url}/audit/events/stream?${query}`, { headers, signal: abort.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const more = async (): Promise<boolean> => {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    text += value ?? '';
    return !done;
  };
  return {
    status: response.status,
    headers: response.headers,
    async next(): Promise<Shown> {
      for (;;) {
        const found = /id: (.*)\nevent: audit\ndata: (.*)\n\n/.exec(text);
        if (found) {
          text = text.slice(found.index + found[0].length);
          return { id: found[1] ?? '', data: JSON.parse(found[2] ?? '') as Line };
        }
        if (!(await more())) throw new Error(`the tail ended: ${text}`);
      }
    },
    /** Everything until the server ends it. */
    async rest(): Promise<string> {
      while (await more());
      return text;
    },
    async close(): Promise<void> {
      abort.abort();
      await reader?.cancel().catch(() => undefined);
    },
  };
}

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.match(/(?:"(?:[^"]|"")*"|[^"\r])+\r\n/g) ?? []) {
    const cells = line.slice(0, -2).match(/(?:^|,)(?:"(?:[^"]|"")*"|[^",]*)/g) ?? [];
    rows.push(
      cells.map((cell, i) => {
        const bare = i === 0 && !cell.startsWith(',') ? cell : cell.slice(1);
        return bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare;
      }),
    );
  }
  return rows;
}
