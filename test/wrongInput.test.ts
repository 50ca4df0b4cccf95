import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { buildSchema } from 'graphql';
import { GOOD_PASSWORD, type Person, startApp, type TestApp, type Tokens } from './support/app.js';
import { hashCollections } from './support/databaseHash.js';
import { type StringPlace, stringPlaces } from './support/graphqlStrings.js';
import type { Answer } from './support/http.js';

const MEGABYTE = 'x'.repeat(1_000_000);
const NUL = 'a\u0000b';
const INJECTION = { $ne: null };
const AT_ONCE = 8;

const CLIENT = 'sweep';
const CLIENT_SECRET = 'sweep-secret-of-many-characters';

const GRAPHQL_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'STEP_UP_REQUIRED',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'LIMIT_EXCEEDED',
];

interface Attempt {
  readonly name: string;
  send(): Promise<Answer<unknown>>;
  /** What else is a right answer, by the letter of an RFC. */
  mayAnswer?: (answer: Answer<unknown>) => boolean;
}

describe('wrong input, at every place that takes text', function () {
  this.timeout(120_000);
  let app: TestApp;
  let admin: string;
  let person: Person & Tokens;

  before(async () => {
    app = await startApp({
      clients: [
        {
          clientId: CLIENT,
          secret: CLIENT_SECRET,
          firstParty: true,
          grantTypes: ['password', 'refresh_token', 'client_credentials'],
          scopes: ['openid', 'profile', 'offline_access'],
        },
      ],
    });
    admin = await app.adminToken();
    person = await app.signInAs();
  });
  after(() => app.close());

  /** Sends all, some at once, and tells which were not refused as they should be. */
  async function sweep(attempts: readonly Attempt[]): Promise<string[]> {
    const wrong: string[] = [];
    const waiting = [...attempts];
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const answer = await next.send();
        if (!isTypedRefusal(answer) && !next.mayAnswer?.(answer)) {
          wrong.push(`${next.name}: ${answer.status} ${answer.text.slice(0, 200)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return wrong;
  }

  function isTypedRefusal({ status, body }: Answer<unknown>): boolean {
    if (status >= 500 || typeof body !== 'object' || body === null) return false;
    // GraphQL, OAuth, the JSON doors, in this order.
    if ('errors' in body && Array.isArray(body.errors)) {
      return body.errors.every((error: { extensions?: { code?: string } }) =>
        GRAPHQL_CODES.includes(error.extensions?.code ?? ''),
      );
    }
    if ('data' in body) return hasUserErrors(body.data);
    if (status < 400 || !('error' in body)) return false;
    const { error } = body;
    return typeof error === 'string'
      ? /^[a-z_]+$/.test(error)
      : /^[A-Z_]+$/.test((error as { code?: string }).code ?? '');
  }

  function hasUserErrors(data: unknown): boolean {
    const payloads = Object.values((data ?? {}) as Record<string, { userErrors?: unknown[] } | null>);
    return payloads.some((payload) => (payload?.userErrors?.length ?? 0) > 0);
  }

  async function expectNothingDone(attempts: readonly Attempt[]): Promise<void> {
    const before = await hashCollections(app.deps.models);
    const wrong = await sweep(attempts);
    await app.settled();
    expect(wrong).to.deep.equal([]);
    expect(await hashCollections(app.deps.models)).to.deep.equal(before);
    console.log(`        ${attempts.length} requests`);
  }

  describe('GraphQL', () => {
    let places: StringPlace[];

    before(async () => {
      const { data, errors } = await app.graphql(
        `{ viewer { id sessions(first: 1) { nodes { id refreshFamilies { id } } } }
           clients(first: 1) { nodes { id } } auditEvents(first: 1) { nodes { id } } }`,
        {},
        { token: admin },
      );
      if (!data) throw new Error(`no objects to aim at: ${JSON.stringify(errors)}`);
      const [session] = data.viewer.sessions.nodes;
      const nodeIds = new Map<string, string>([
        ['User', data.viewer.id],
        ['Session', session.id],
        ['RefreshFamily', session.refreshFamilies[0].id],
        ['Client', data.clients.nodes[0].id],
        ['AuditEvent', data.auditEvents.nodes[0].id],
        ['Role', 'Role:admin'],
      ]);
      const schema = buildSchema(readFileSync('src/schema/schema.graphql', 'utf8'));
      places = stringPlaces(schema, plausibleFor(nodeIds), nodeIds);
    });

    /** Right in itself, so that only the wrong value can be the reason of a refusal. */
    function plausibleFor(nodeIds: ReadonlyMap<string, string>) {
      const texts: Record<string, string> = {
        identifier: person.email,
        password: GOOD_PASSWORD,
        currentPassword: GOOD_PASSWORD,
        newPassword: 'umber Falcon 63 rests',
        newEmail: 'sweep@example.com',
        newPhone: '+14155550142',
        phone: '+14155550143',
        role: 'user',
        token: 'a.b',
        code: '12345678',
        subject: 'User',
      };
      return (name: string, scalar: string, rootField: string): unknown => {
        if (scalar === 'DateTime') return '2030-01-01T00:00:00Z';
        if (scalar === 'JSONObject') return {};
        if (scalar === 'ID') {
          const type =
            ['User', 'Client', 'Role', 'Session'].find((each) => rootField.includes(each)) ?? 'User';
          return type === 'User' ? `User:${person.id}` : nodeIds.get(type);
        }
        if (scalar === 'Int') return 10;
        if (scalar === 'Boolean') return true;
        return texts[name] ?? 'sweep';
      };
    }

    const attempts = (value: unknown, suits: (place: StringPlace) => boolean): Attempt[] =>
      places.filter(suits).map((place) => ({
        name: `${place.name} = ${JSON.stringify(value).slice(0, 40)}`,
        send: () => app.graphql(place.document, place.variables(value), { token: admin }),
      }));

    it('has more places than anybody would list by hand', () => {
      expect(places.length).to.be.greaterThan(150);
      const names = places.map(({ name }) => name);
      expect(names).to.include.members([
        'query user.email',
        'mutation signUp.input.password',
        'mutation signIn.input.scopes.0',
        'User.sessions.after',
      ]);
    });

    it('refuses an operator object instead of a text', () =>
      expectNothingDone(attempts(INJECTION, () => true)));

    it('refuses NUL characters', () =>
      expectNothingDone(attempts(NUL, ({ scalar }) => scalar !== 'JSONObject')));

    it('refuses NUL characters inside of JSON', () =>
      expectNothingDone(attempts({ [NUL]: NUL }, ({ scalar }) => scalar === 'JSONObject')));

    it('refuses a megabyte', () => expectNothingDone(attempts(MEGABYTE, () => true)));

    it('refuses values of another type', async () => {
      await expectNothingDone(attempts(true, () => true));
      await expectNothingDone(attempts(1.5, ({ scalar }) => scalar !== 'DateTime'));
      await expectNothingDone(attempts([['list']], ({ name }) => !name.endsWith('.0')));
      await expectNothingDone(
        attempts('no date, no object', ({ scalar }) => scalar === 'DateTime' || scalar === 'JSONObject'),
      );
    });

    it('answers texts that are only just short enough to be read, and keeps none of a mutation', () => {
      const long = 'y'.repeat(100_000);
      const places = attempts(long, ({ scalar }) => scalar === 'String' || scalar === 'ID');
      return expectNothingDone(
        places.map((attempt) => ({
          ...attempt,
          // Looking for an absurd text finds nothing.
          mayAnswer: ({ status }) => status === 200 && !attempt.name.startsWith('mutation'),
        })),
      );
    });
  });

  describe('REST and OAuth', () => {
    interface Operation {
      readonly path: string;
      readonly method: string;
      readonly form: boolean;
      readonly required: Record<string, unknown>;
      readonly texts: string[];
    }
    let operations: Operation[];
    const basic: [string, string] = [CLIENT, CLIENT_SECRET];

    const PLAUSIBLE: Record<string, string> = {
      identifier: 'nobody@example.com',
      username: 'nobody@example.com',
      password: 'wrong Kettle 11 whistles',
      email: 'sweep@example.com',
      phone: '+14155550144',
      code: '12345678',
      token: 'a.b',
      grant_type: 'password',
    };

    interface BodySchema {
      type?: string | string[];
      properties?: Record<string, { type?: string; properties?: object }>;
      required?: string[];
      anyOf?: BodySchema[];
      oneOf?: BodySchema[];
    }

    before(async () => {
      const { body } = await app.rest<{ paths: Record<string, Record<string, OpenApiOperation>> }>(
        '/openapi.json',
      );
      operations = Object.entries(body.paths).flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, operation]) => operationsOf(path, method, operation)),
      );
    });

    interface OpenApiOperation {
      requestBody?: { content: Record<string, { schema: BodySchema }> };
    }

    function operationsOf(path: string, method: string, { requestBody }: OpenApiOperation): Operation[] {
      return Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema }]) => {
        const variants = schema.anyOf ?? schema.oneOf ?? [schema];
        return variants.map(({ properties = {}, required = [] }) => ({
          path,
          method: method.toUpperCase(),
          form: type === 'application/x-www-form-urlencoded',
          required: Object.fromEntries(required.map((name) => [name, PLAUSIBLE[name] ?? 'sweep'])),
          texts: Object.keys(properties).filter((name) => properties[name]?.type === 'string'),
        }));
      });
    }

    const jsonAttempts = (value: unknown): Attempt[] =>
      operations
        .filter(({ form }) => !form)
        .flatMap(({ path, method, required, texts }) =>
          texts.map((name) => ({
            name: `${method} ${path} ${name} = ${JSON.stringify(value).slice(0, 40)}`,
            send: () => app.rest(path, { method, body: { ...required, [name]: value } }),
          })),
        );

    const formAttempts = (value: string, twice = false): Attempt[] =>
      operations
        .filter(({ form }) => form)
        .flatMap(({ path, method, required, texts }) =>
          texts.map((name) => ({
            name: `${method} ${path} ${name} = ${value.slice(0, 40)}`,
            send: () => {
              const pairs = Object.entries({ ...required, [name]: value }) as [string, string][];
              if (twice) pairs.push([name, value]);
              // A client that names itself in the form must not do so in the header as well.
              const inForm = name === 'client_id' || name === 'client_secret';
              return app.rest(path, { method, form: pairs, ...(inForm ? {} : { basic }) });
            },
            // RFC 7009 §2.2: an unknown token is revoked already. RFC 7662 §2.2: it is not active. Hints may be ignored.
            mayAnswer: ({ status, text }) =>
              !twice &&
              status === 200 &&
              (text === '' || (JSON.parse(text) as { active?: boolean }).active === false),
          })),
        );

    it('are read from the OpenAPI document', () => {
      const names = operations.map(({ path }) => path);
      expect(names).to.include.members([
        '/auth/login',
        '/auth/register',
        '/oauth/token',
        '/oauth/introspect',
      ]);
    });

    it('refuse an operator object instead of a text', async () => {
      await expectNothingDone(jsonAttempts(INJECTION));
      await expectNothingDone(formAttempts(JSON.stringify(INJECTION)));
    });

    it('refuse NUL characters', () => expectNothingDone([...jsonAttempts(NUL), ...formAttempts(NUL)]));

    it('refuse a megabyte', () => expectNothingDone([...jsonAttempts(MEGABYTE), ...formAttempts(MEGABYTE)]));

    it('refuse values of another type, and what comes twice', async () => {
      for (const value of [42, true, null, [], ['text'], {}]) await expectNothingDone(jsonAttempts(value));
      await expectNothingDone(formAttempts('text', true));
    });

    it('refuse bodies that are no object at all, or no JSON', async () => {
      const bodies = [
        '[]',
        '"text"',
        '42',
        'null',
        'true',
        '{',
        '{"a":1,}',
        '{"__proto__":{"admin":true}}',
        '\u0000',
      ];
      const targets = operations.filter(({ form }) => !form).map(({ path }) => path);
      await expectNothingDone(
        [...targets, '/graphql'].flatMap((path) =>
          bodies.map((body) => ({
            name: `POST ${path} ${body}`,
            send: async () => {
              const response = await fetch(new URL(path, app.url), {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body,
              });
              const text = await response.text();
              const { status, headers } = response;
              return { status, headers, text, body: JSON.parse(text) as unknown };
            },
          })),
        ),
      );
    });
  });
});
