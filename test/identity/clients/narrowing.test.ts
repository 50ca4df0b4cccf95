import { expect } from 'chai';
import { narrowsRights } from '../../../src/identity/clients/narrowing.js';
import type { Client } from '../../../src/models/client.js';

type Rights = Parameters<typeof narrowsRights>[0];

const RIGHTS: Rights = {
  status: 'active',
  scopes: ['openid'],
  roles: [],
  authorizationDetailsTypes: ['payment'],
  allowedNetworks: [],
};
const NEAR = '10.0.0.0/8';
const FAR = '192.0.2.0/24';

describe('a client may do less than before', () => {
  const changes: [what: string, before: Partial<Client>, after: Partial<Client>, less: boolean][] = [
    ['when it loses a type of authorization details', {}, { authorizationDetailsTypes: [] }, true],
    ['when it is kept to networks', {}, { allowedNetworks: [NEAR] }, true],
    ['when one of its networks goes', { allowedNetworks: [NEAR, FAR] }, { allowedNetworks: [NEAR] }, true],
    ['not when a network is added', { allowedNetworks: [NEAR] }, { allowedNetworks: [NEAR, FAR] }, false],
    ['not when it may be anywhere again', { allowedNetworks: [NEAR] }, { allowedNetworks: [] }, false],
  ];
  for (const [what, before, after, less] of changes) {
    it(what, () => {
      expect(narrowsRights({ ...RIGHTS, ...before }, { ...RIGHTS, ...after })).to.equal(less);
    });
  }
});
