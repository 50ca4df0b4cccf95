import { expect } from 'chai';
import { userClaims } from '../../../src/identity/tokens/userClaims.js';
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
    expect(userClaims(user, ['openid', 'account', 'users:read'])).to.deep.equal({});
  });

  it('are those of each scope, without what the user has not given', () => {
    expect(userClaims(user, ['profile'])).to.deep.equal({
      name: 'Alice',
      preferred_username: 'alice',
      birthdate: '1990-01-01',
      updated_at: 1_700_000_000,
    });
    expect(userClaims(user, ['email'])).to.deep.equal({ email: 'alice@example.com', email_verified: false });
    expect(userClaims(user, ['phone'])).to.deep.equal({
      phone_number: '+14155550100',
      phone_number_verified: true,
    });
    expect(userClaims(user, ['address'])).to.deep.equal({
      address: { locality: 'Springfield', postal_code: '12345' },
    });
  });

  it('never hold roles, attributes or the password hash', () => {
    const all = JSON.stringify(userClaims(user, ['openid', 'profile', 'email', 'phone', 'address']));
    for (const secret of ['admin', 'sales', 'argon2id']) expect(all).to.not.contain(secret);
  });

  it('leave out a contact that is not there', () => {
    expect(
      userClaims({ ...user, email: null, phone: undefined, address: null }, ['email', 'phone', 'address']),
    ).to.deep.equal({});
  });
});
