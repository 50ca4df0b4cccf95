import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import { processorTimeOf } from '../support/processorTime.js';

/** What a harmless request takes many times over, and an exponential one at this size never. */
const MILLISECONDS = 1500;

describe('small requests that would be work without end', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
    await app.graphql('{ viewer { id } }');
  });
  after(() => app.close());

  async function timed<T>(ask: () => Promise<T>): Promise<T> {
    const { result, milliseconds } = await processorTimeOf(ask);
    expect(milliseconds).to.be.below(MILLISECONDS);
    return result;
  }

  it('measures a fragment once, however often the fragments before it spread it', async () => {
    const levels = 27;
    const fragments = Array.from(
      { length: levels },
      (_, level) => `fragment F${level} on User { ...F${level + 1} ...F${level + 1} }`,
    );
    const document = `{ viewer { ...F0 } } ${fragments.join(' ')} fragment F${levels} on User { id }`;
    const { errors } = await timed(() => app.graphql(document));
    expect(errors.map(({ extensions }) => extensions.code)).to.deep.equal(['LIMIT_EXCEEDED']);
  });

  it('refuses variables that are nested deeper than any input, at once', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const levels = 15_000;
      const nested = `${open.repeat(levels)}1${close.repeat(levels)}`;
      const body = `{"query":"{ viewer { id } }","variables":{"a":${nested}}}`;
      const response = await timed(() =>
        fetch(`${app.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        }),
      );
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect(response.status).to.equal(400);
      expect(errors.map(({ extensions }) => extensions.code)).to.deep.equal(['LIMIT_EXCEEDED']);
    }
  });
});
