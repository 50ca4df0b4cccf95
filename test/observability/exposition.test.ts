import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';

describe('/metrics of a running app', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  /** The value of one series; 0 where it does not exist yet. */
  const read = async (series: string): Promise<number> => {
    const { text } = await app.rest('/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1) ?? 0);
  };

  const grows = async (series: string, act: () => Promise<unknown>): Promise<number> => {
    const before = await read(series);
    await act();
    return (await read(series)) - before;
  };

  it('counts sign-ins, refreshes, theft and refusals as they happen', async () => {
    const person = await app.signUpAndConfirm();
    const refresh = (refreshToken: string) =>
      app.rest<{ refreshToken: string }>('/auth/refresh', { body: { refreshToken } });
    const rotations = (outcome: string) => `auth_refresh_token_rotations_total{outcome="${outcome}"}`;

    const passwords = 'auth_token_requests_total{grant="password",outcome="success"}';
    expect(await grows(passwords, () => app.signIn(person))).to.equal(1);

    const wrong = { identifier: person.email, password: 'wrong Kettle 11 whistles' };
    const failed = 'auth_failed_login_attempts_total{reason="wrongPassword"}';
    expect(await grows(failed, () => app.rest('/auth/login', { body: wrong }))).to.equal(1);

    const { refreshToken: first } = await app.signIn(person);
    let second = '';
    expect(
      await grows(rotations('rotated'), async () => {
        second = (await refresh(first)).body.refreshToken;
      }),
    ).to.equal(1);
    expect(await grows(rotations('replayed'), () => refresh(first))).to.equal(1);
    await refresh(second);
    expect(await grows(rotations('theft'), () => refresh(first))).to.equal(1);
    const refused = 'auth_token_requests_total{grant="refresh_token",outcome="refused"}';
    expect(await grows(refused, () => refresh('made-up'))).to.equal(1);
  });

  it('counts GraphQL operations by outcome', async () => {
    const operations = (outcome: string) => `graphql_operations_total{type="query",outcome="${outcome}"}`;
    const { accessToken: token } = await app.signInAs();
    expect(
      await grows(operations('success'), () => app.graphql('{ viewer { id } }', {}, { token })),
    ).to.equal(1);
    const denied = '{ viewer { id lockReason } }';
    expect(await grows(operations('partial'), () => app.graphql(denied, {}, { token }))).to.equal(1);
  });

  it('shows the password queue and the process', async () => {
    const { text } = await app.rest('/metrics');
    expect(text).to.include('password_hash_queue{state="running"} 0');
    expect(text).to.include('process_resident_memory_bytes ');
  });

  it('has no label that a caller could make up', async () => {
    await app.rest('/needle/needle?needle=1');
    await app.rest('/oauth/token', { form: { grant_type: 'needle', client_id: 'needle' } });
    await app.graphql('query needle { __typename }');
    await app.rest('/auth/login', { body: { identifier: 'needle', password: 'needle needle' } });
    expect((await app.rest('/metrics')).text).not.to.include('needle');
  });
});
