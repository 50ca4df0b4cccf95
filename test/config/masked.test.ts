import { expect } from 'chai';
import { maskSecrets } from '../../src/config/masked.js';
import { configSchema } from '../../src/config/schema.js';

describe('showing the configuration', () => {
  it('masks every secret, in lists too, and nothing else', () => {
    const config = configSchema.parse({
      stores: { mongodbUri: 'mongodb://u:hunter2@db/x' },
      masterKey: 'hunter2'.repeat(7).slice(0, 43),
      sms: { twilio: { accountSid: 'AC1', authToken: 'hunter2', from: '+15005550006' } },
      clients: [{ clientId: 'a', secret: 'hunter2hunter2hunter2', grantTypes: ['client_credentials'] }],
      users: [{ username: 'ann', password: 'hunter2' }],
    });
    const shown = maskSecrets(config);
    expect(JSON.stringify(shown)).not.to.contain('hunter2');
    expect(shown).to.have.nested.property('clients[0].clientId', 'a');
    expect(shown).to.have.nested.property('users[0].password', '********');
    expect(shown).to.have.nested.property('tokens.accessTokenTtlSeconds', 900);
    expect(shown).not.to.have.nested.property('stores.redisUrl');
  });
});
