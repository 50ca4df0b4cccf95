import { expect } from 'chai';
import { type ClaimDemands, demandsWithin, userClaims } from '../../../src/identity/tokens/userClaims.js';
import type { User } from '../../../src/models/user.js';

describe('the claims about a user', () => {
  const user: User = {
    _id: 'user-1',
    username: 'alice',
    email: 'alice@example.com',
    emailVerified: false,
    phone: '+14155550100',
    phoneVerified: true,
    status: 'active',
    roleAssignments: [{ role: 'admin' }],
    attributes: { department: 'sales' },
    name: 'Alice',
    familyName: null,
    birthdate: '1990-01-01',
    address: { locality: 'Springfield', postalCode: '12345', country: null },
    mustChangePassword: false,
    createdAt: new Date(1_700_000_000_000),
    updatedAt: new Date(1_700_000_000_999),
    passwordHash: '$argon2id$x',
  };

  it('are none without a scope', () => {
    expect(userClaims(user, { scopes: ['openid', 'account', 'users:read'] })).to.deep.equal({});
  });

  it('are those of each scope, without what the user has not given', () => {
    expect(userClaims(user, { scopes: ['profile'] })).to.deep.equal({
      name: 'Alice',
      preferred_username: 'alice',
      birthdate: '1990-01-01',
      updated_at: 1_700_000_000,
    });
    expect(userClaims(user, { scopes: ['email'] })).to.deep.equal({
      email: 'alice@example.com',
      email_verified: false,
    });
    expect(userClaims(user, { scopes: ['phone'] })).to.deep.equal({
      phone_number: '+14155550100',
      phone_number_verified: true,
    });
    expect(userClaims(user, { scopes: ['address'] })).to.deep.equal({
      address: { locality: 'Springfield', postal_code: '12345' },
    });
  });

  it('never hold roles, attributes or the password hash', () => {
    const all = JSON.stringify(
      userClaims(user, { scopes: ['openid', 'profile', 'email', 'phone', 'address'] }),
    );
    for (const secret of ['admin', 'sales', 'argon2id']) expect(all).to.not.contain(secret);
  });

  it('leave out a contact that is not there', () => {
    expect(
      userClaims(
        { ...user, email: null, phone: undefined, address: null },
        { scopes: ['email', 'phone', 'address'] },
      ),
    ).to.deep.equal({});
  });

  it('are also those asked for by name, when the value is the one asked for (OIDC Core §5.5.1)', () => {
    const of = (demands: ClaimDemands) => userClaims(user, { scopes: ['openid'], demands });
    expect(of({ name: null, email: { essential: true } })).to.deep.equal({
      name: 'Alice',
      email: 'alice@example.com',
    });
    expect(of({ email: { value: 'bob@example.com' }, name: { values: ['Bob', 'Alice'] } })).to.deep.equal({
      name: 'Alice',
    });
    expect(of({ name: { values: ['Bob'] }, gender: { essential: true }, roles: null })).to.deep.equal({});
  });

  it('are never what the person left out, by whichever way it was asked for', () => {
    const refusedClaims = ['email', 'birthdate'];
    const claims = userClaims(user, {
      scopes: ['profile', 'email'],
      demands: { email: { essential: true }, birthdate: null },
      refusedClaims,
    });
    expect(claims).to.have.keys('name', 'preferred_username', 'updated_at');
  });

  it('by name are within what the client may ask for by scope', () => {
    expect(demandsWithin({ email: null, name: null, sub: null }, ['openid', 'email'])).to.deep.equal({
      email: null,
    });
    expect(demandsWithin(undefined, ['email'])).to.deep.equal({});
  });
});
