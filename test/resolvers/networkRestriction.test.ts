import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';

describe('a token with a network restriction', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({ listen: { trustedProxies: ['127.0.0.1'] } });
    const allowedNetworks = ['10.0.0.0/8', 'fd00::/8'];
    await app.deps.models.clients.updateOne({ _id: 'fieldgate' }, { $set: { allowedNetworks } });
  });
  after(() => app.close());

  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  it('opens GraphQL, REST and /auth/validate from inside the networks of its client only', async () => {
    const { accessToken: token } = await app.signInAs();
    const statuses = async (address: string) => {
      const credentials = { token, ...from(address) };
      const graphql = await app.graphql('{ viewer { id } }', {}, credentials);
      const me = await app.rest('/auth/me', credentials);
      const validate = await app.rest('/auth/validate', credentials);
      return [graphql.status, me.status, validate.status];
    };
    expect(await statuses('10.20.30.40')).to.deep.equal([200, 200, 200]);
    expect(await statuses('fd00::17')).to.deep.equal([200, 200, 200]);
    expect(await statuses('203.0.113.9')).to.deep.equal([401, 401, 401]);
    expect(await statuses('2001:db8::1')).to.deep.equal([401, 401, 401]);
  });

  it('says to whoever shows it from outside no more than that it is not valid', async () => {
    const { accessToken: token } = await app.signInAs();
    const outside = await app.graphql('{ viewer { id } }', {}, { token, ...from('203.0.113.9') });
    const garbage = await app.graphql(
      '{ viewer { id } }',
      {},
      { token: `${token}x`, ...from('203.0.113.9') },
    );
    const told = ({ errors }: typeof outside) =>
      errors.map(({ message, extensions }) => [message, extensions.code]);
    expect(told(outside)).to.deep.equal(told(garbage));
  });
});
