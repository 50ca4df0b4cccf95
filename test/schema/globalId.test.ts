import { expect } from 'chai';
import { assert, constantFrom, property, string } from 'fast-check';
import { AppError } from '../../src/errors.js';
import { fromGlobalId, NODE_TYPES, parseGlobalId, rawId, toGlobalId } from '../../src/schema/globalId.js';

describe('global ids', () => {
  const id = string({ minLength: 1, maxLength: 256 });
  const type = constantFrom(...NODE_TYPES);

  it('carry type and stored id there and back', () => {
    assert(
      property(type, id, (name, stored) => {
        const made = toGlobalId(name, stored);
        expect(parseGlobalId(made)).to.deep.equal({ type: name, id: stored });
        expect(fromGlobalId(name, made)).to.equal(stored);
        expect(rawId(name, made)).to.equal(stored);
      }),
    );
  });

  it('are nothing else', () => {
    for (const text of ['', 'User', 'User:', ':x', 'user:x', 'Nothing:x', `User:${'x'.repeat(257)}`]) {
      expect(parseGlobalId(text), text).to.equal(null);
    }
  });

  it('are refused for another type, with the place', () => {
    expect(() => fromGlobalId('User', 'Role:admin', ['id']))
      .to.throw(AppError)
      .that.deep.includes({ code: 'BAD_USER_INPUT', path: ['id'] });
  });
});
