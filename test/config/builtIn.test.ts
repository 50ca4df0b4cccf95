import { expect } from 'chai';
import { BUILT_IN_CLIENT_ID, BUILT_IN_ROLE_NAMES, BUILT_IN_SCOPE_NAMES } from '../../src/config/builtIn.js';
import { FIRST_PARTY_CLIENT_ID } from '../../src/identity/clients/firstPartyClient.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import { BUILT_IN_SCOPES } from '../../src/policies/builtInScopes.js';

describe('the names that configuration knows as built in', () => {
  it('are those of the built-in roles', () => {
    expect(BUILT_IN_ROLE_NAMES).to.have.members(BUILT_IN_ROLES.map((role) => role.name));
  });

  it('are those of the built-in scopes', () => {
    expect(BUILT_IN_SCOPE_NAMES).to.have.members(BUILT_IN_SCOPES.map((scope) => scope.name));
  });

  it('are that of the first-party client', () => {
    expect(BUILT_IN_CLIENT_ID).to.equal(FIRST_PARTY_CLIENT_ID);
  });
});
