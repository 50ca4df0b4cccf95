import { expect } from 'chai';
import { createDecisionLog } from '../../src/identity/decisions.js';
import { recordingLogger } from '../support/logger.js';
import { openTestStores, type TestStores } from '../support/stores.js';

const refusal = (id: string) => ({
  _id: id,
  requestId: 'request',
  count: 1,
  action: 'read',
  subject: 'User',
  field: 'email',
  code: 'FORBIDDEN',
  leg: 'user',
  ruleId: null,
  policyVersion: 1,
  remedy: null,
  decidedBy: 'right',
  rules: '[]',
  principalKind: 'user',
  roles: ['user'],
  scopes: null,
  clientId: null,
  acr: null,
});

describe('the log of refusals', () => {
  let stores: TestStores;
  before(async () => {
    stores = await openTestStores();
  });
  after(() => stores.close());
  const open = (logger = recordingLogger()) => {
    const { models, clock } = stores;
    return { logger, log: createDecisionLog({ models, clock, logger }) };
  };

  it('finds what it was given at once, and what is stored afterwards', async () => {
    const { log } = open();
    log.keep([refusal('a'), refusal('b')]);
    expect(await log.find('a')).to.include({ field: 'email' });
    expect(await stores.models.decisions.countDocuments({})).to.equal(0);
    await log.close();
    expect(await stores.models.decisions.countDocuments({})).to.equal(2);
    expect(await open().log.find('b')).to.include({ field: 'email' });
    expect(await log.find('c')).to.equal(null);
  });

  it('keeps no more than it can write, and says so', async () => {
    const { log, logger } = open();
    log.keep(Array.from({ length: 600 }, (_, index) => refusal(`many${index}`)));
    expect(await log.find('many499')).not.to.equal(null);
    expect(await log.find('many500')).to.equal(null);
    expect(logger.lines.map(({ message }) => message)).to.deep.equal(['refusals were not kept']);
    await log.close();
  });

  it('fails nobody where they cannot be stored', async () => {
    const { log, logger } = open();
    log.keep([refusal('a')]);
    await log.close();
    expect(logger.lines).to.have.length(1);
  });
});
