import { expect } from 'chai';
import { AppError } from '../../src/errors.js';
import { HttpError, toAppError } from '../../src/http/errors.js';

const named = (name: string, message = 'x') => Object.assign(new Error(message), { name });

describe('toAppError', () => {
  it('passes a refusal on as it is', () => {
    const refusal = new AppError('CONFLICT', 'x');
    expect(toAppError(refusal)).to.equal(refusal);
  });

  for (const name of [
    'MongoServerSelectionError',
    'MongoNetworkError',
    'MongoPoolClearedError',
    'MaxRetriesPerRequestError',
  ]) {
    it(`takes ${name} for a store that is gone`, () => {
      expect(toAppError(named(name))).to.include({ code: 'UNAVAILABLE', retryAfterSeconds: 5 });
    });
  }

  it('takes a query that waited in vain for a connection for a store that is gone, and no other mongoose error', () => {
    const message = 'Operation `users.findOne()` buffering timed out after 10000ms';
    expect(toAppError(named('MongooseError', message))).to.have.property('code', 'UNAVAILABLE');
    expect(toAppError(named('MongooseError', 'cast failed'))).to.have.property('code', 'INTERNAL');
  });

  it('masks what it does not know, also what is no Error', () => {
    for (const thrown of [
      new TypeError('x is not a function'),
      'text',
      null,
      undefined,
      { statusCode: 200 },
    ]) {
      const error = toAppError(thrown);
      expect(error.code).to.equal('INTERNAL');
      expect(error.publicMessage).to.equal(undefined);
    }
  });

  it('keeps the status of what the framework refused, and none of its text', () => {
    const error = toAppError(
      Object.assign(new Error('Unexpected token {"password":"hunter2"}'), { statusCode: 400 }),
    );
    expect(error).to.be.instanceOf(HttpError).and.include({ statusCode: 400, code: 'BAD_USER_INPUT' });
    expect(error.publicMessage).to.equal(undefined);
  });

  it('does not take the status of an inner failure for a refusal', () => {
    expect(toAppError(Object.assign(new Error('x'), { statusCode: 500 }))).to.have.property(
      'code',
      'INTERNAL',
    );
  });
});
