import { expect } from 'chai';
import { GraphQLError } from 'graphql';
import { AppError } from '../../src/errors.js';
import { answer, describeRefusal, toUserError } from '../../src/resolvers/errors.js';
import { formatError } from '../../src/resolvers/maskErrors.js';

describe('errors of the GraphQL door', () => {
  it('puts faults of the input into userErrors, below `input`, and never the private detail', async () => {
    const act = async () => {
      throw new AppError('CONFLICT', 'index username_1', { path: ['username'] });
    };
    const payload = await answer<{ done: boolean; userErrors: ReturnType<typeof userErrorsOf> }>(
      { done: false },
      act,
    );
    expect(payload).to.deep.equal({
      done: false,
      userErrors: [
        {
          code: 'CONFLICT',
          path: ['input', 'username'],
          message: 'This conflicts with what is already there.',
        },
      ],
    });
  });

  it('throws what is no fault of the input', async () => {
    for (const code of [
      'FORBIDDEN',
      'NOT_FOUND',
      'RATE_LIMITED',
      'UNAVAILABLE',
      'INTERNAL',
      'UNAUTHENTICATED',
    ] as const) {
      expect(toUserError(new AppError(code, 'detail'))).to.equal(null);
    }
  });

  it('tells remedy and waiting time', () => {
    const error = new AppError('STEP_UP_REQUIRED', 'detail', {
      remedy: 'needs acr aal2',
      retryAfterSeconds: 3,
    });
    expect(describeRefusal(error).extensions).to.deep.equal({
      code: 'STEP_UP_REQUIRED',
      remedy: 'needs acr aal2',
      retryAfterSeconds: 3,
    });
  });

  it('masks what was not made to be read', () => {
    const cases = [
      new Error('password=hunter2'),
      new GraphQLError('password=hunter2'),
      new GraphQLError('x', { originalError: new Error('password=hunter2') }),
      new GraphQLError('password=hunter2', { extensions: { code: 'SOMETHING_ELSE' } }),
      'password=hunter2',
    ];
    for (const error of cases) {
      const shown = formatError({ message: 'password=hunter2', extensions: { stacktrace: ['at x'] } }, error);
      expect(shown).to.deep.equal({
        message: 'Something went wrong on our side.',
        extensions: { code: 'INTERNAL' },
      });
    }
  });

  it('takes a store that is gone for a reason to come back later', () => {
    const gone = Object.assign(new Error('connect ECONNREFUSED'), { name: 'MongoServerSelectionError' });
    expect(
      formatError({ message: '' }, new GraphQLError('x', { originalError: gone })).extensions,
    ).to.deep.equal({
      code: 'INTERNAL',
      retryAfterSeconds: 5,
    });
  });
});

const userErrorsOf = (error: AppError) => [toUserError(error)].filter((fault) => fault !== null);
