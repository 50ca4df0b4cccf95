import { expect } from 'chai';
import {
  array,
  assert,
  constant,
  constantFrom,
  dictionary,
  json,
  jsonValue,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { isAppError } from '../../../src/errors.js';
import { PERSONAL_CLAIMS, scopeOfClaim } from '../../../src/identity/authorization/claimsRequest.js';
import { readClaimsParameter } from '../../../src/oauth/authorize/claimsParameter.js';

const SCOPES = ['openid', 'email', 'profile'];
const name = oneof(constantFrom(...PERSONAL_CLAIMS, 'acr', 'sub', '__proto__', 'a.b', '$where'), string());
const demand = oneof(
  constant(null),
  record(
    {
      essential: jsonValue(),
      value: jsonValue(),
      values: oneof(array(jsonValue()), jsonValue()),
    },
    { requiredKeys: [] },
  ),
);
const member = dictionary(name, demand);

describe('the claims parameter, whatever it holds', () => {
  it('asks for nothing but claims of the scopes that the client may ask for, in a form that can be stored', () => {
    assert(
      property(record({ userinfo: member, id_token: member }), (given) => {
        const { claims } = readClaimsParameter(JSON.stringify(given), SCOPES);
        for (const part of [claims.userinfo ?? {}, claims.id_token ?? {}]) {
          for (const [claim, asked] of Object.entries(part)) {
            expect(SCOPES).to.include(scopeOfClaim(claim));
            const { essential = true, value = '', values = [] } = asked ?? {};
            expect(essential).to.equal(true);
            for (const one of [value, ...values])
              expect(typeof one).to.be.oneOf(['string', 'number', 'boolean']);
          }
        }
      }),
    );
  });

  it('is read or refused, and nothing else happens', () => {
    assert(
      property(oneof(json(), string()), (text) => {
        try {
          readClaimsParameter(text, SCOPES);
        } catch (error) {
          expect(isAppError(error, 'INVALID_REQUEST'), String(error)).to.equal(true);
        }
      }),
    );
  });
});
