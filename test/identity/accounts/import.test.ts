import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import {
  type ImportOptions,
  type ImportProgress,
  importUsers,
} from '../../../src/identity/accounts/import.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { PASSWORD, UNLIMITED } from './support.js';

async function* lines(...values: (object | string)[]): AsyncGenerator<string> {
  for (const value of values) yield typeof value === 'string' ? value : JSON.stringify(value);
}

const people = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ email: `p${from + index}@example.com` }));

describe('the import of users', () => {
  let test: TestDeps;
  let folder: string;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    folder = await mkdtemp(join(tmpdir(), 'import-'));
  });
  afterEach(async () => {
    await test.close();
    await rm(folder, { recursive: true });
  });

  const run = async (source: AsyncIterable<string>, options: ImportOptions = {}) => {
    const faults: [number, string][] = [];
    const result = await importUsers(test.deps, source, {
      onFault: (line, fault) => faults.push([line, fault]),
      ...options,
    });
    return { result, faults };
  };

  it('brings people in with their hash, roles, attributes and date, and they sign in', async () => {
    const { result } = await run(
      lines({
        email: 'Ada@Example.com',
        emailVerified: true,
        username: 'ada',
        phone: '+442079460018',
        name: 'Ada L.',
        nickname: null,
        passwordHash: await bcrypt.hash(PASSWORD, 4),
        roles: ['user'],
        attributes: { department: 'sales' },
        createdAt: '2019-05-01T10:00:00Z',
      }),
    );
    expect(result).to.deep.equal({ line: 1, imported: 1, skipped: 0, faulty: 0 });
    const user = await verifyCredentials(test.deps, { identifier: 'ada', password: PASSWORD }, ORIGIN);
    expect(user).to.deep.include({
      email: 'Ada@example.com',
      name: 'Ada L.',
      attributes: { department: 'sales' },
      createdAt: new Date('2019-05-01T10:00:00Z'),
    });
    expect(test.mails).to.have.length(0);
  });

  it('leaves bad lines out and reports them by number, without repeating their values', async () => {
    const { result, faults } = await run(
      lines(
        '\ufeff{"email":"first@example.com"}',
        '{"email":',
        '',
        '[1]',
        { email: 'no-address-of-secret' },
        { name: 'Nobody' },
        { email: 'x@example.com', passwordHash: 'plain-secret' },
        { email: 'x@example.com', roles: ['emperor'] },
        { email: 'x@example.com', unknownKey: 1 },
        { email: 'x@example.com', createdAt: 'yesterday' },
        { email: { $ne: null } },
        { email: 'x@example.com', name: 'a\0b' },
        JSON.stringify({ email: 'x@example.com', name: 'x'.repeat(100_000) }),
        { email: 'last@example.com' },
      ),
    );
    expect(result).to.deep.equal({ line: 14, imported: 2, skipped: 0, faulty: 11 });
    expect(faults.map(([line]) => line)).to.deep.equal([2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    const told = faults.map(([, fault]) => fault).join('\n');
    expect(told).not.to.include('secret');
    expect(told)
      .to.match(/not a JSON object/)
      .and.to.match(/email/)
      .and.to.match(/roles/)
      .and.to.match(/unknownKey/);
  });

  it('run again skips what is there', async () => {
    await run(lines(...people(5)));
    const { result } = await run(lines({ email: 'P0@EXAMPLE.com' }, ...people(7)));
    expect(result).to.deep.equal({ line: 8, imported: 2, skipped: 6, faulty: 0 });
  });

  it('goes on where it was interrupted', async () => {
    const stateFile = join(folder, 'users.jsonl.state');
    const stop = new AbortController();
    const seen: ImportProgress[] = [];
    const first = await run(lines(...people(1000)), {
      stateFile,
      signal: stop.signal,
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.line >= 400) stop.abort();
      },
    });
    expect(first.result.imported).to.equal(400);
    expect(seen.map(({ line }) => line)).to.deep.equal([200, 400]);
    expect(await readFile(stateFile, 'utf8')).to.equal('400\n');

    const second = await run(lines(...people(1000)), { stateFile });
    expect(second.result).to.deep.equal({ line: 1000, imported: 600, skipped: 0, faulty: 0 });
    expect(await test.deps.models.users.countDocuments()).to.equal(1000);
  });

  it('that stops in the middle of a batch loses nobody', async () => {
    const stateFile = join(folder, 'users.jsonl.state');
    let writes = 0;
    const users = new Proxy(test.deps.models.users, {
      get(model, key) {
        if (key === 'create' && ++writes > 250) throw new Error('the database is gone');
        const value: unknown = Reflect.get(model, key);
        return typeof value === 'function' ? value.bind(model) : value;
      },
    });
    const broken = { ...test.deps, models: { ...test.deps.models, users } };
    const failure = await importUsers(broken, lines(...people(600)), { stateFile }).catch(
      (error: Error) => error,
    );
    expect(failure).to.be.instanceOf(Error);
    const { result } = await run(lines(...people(600)), { stateFile });
    expect(result.line).to.equal(600);
    expect(await test.deps.models.users.countDocuments()).to.equal(600);
  });
});
