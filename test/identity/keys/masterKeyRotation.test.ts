import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Model } from 'mongoose';
import { TOTP } from 'otpauth';
import { destroySubjectKey } from '../../../src/identity/audit/subjectKeys.js';
import {
  beginTotpEnrolment,
  confirmTotpEnrolment,
  type TotpEnrolment,
} from '../../../src/identity/factors/totp.js';
import { ENCRYPTED_FIELDS, holdersOf } from '../../../src/identity/keys/encryptedFields.js';
import { masterKeyIdOf } from '../../../src/identity/keys/keyId.js';
import { rotateMasterKey, rotationUnderWay } from '../../../src/identity/keys/masterKeyRotation.js';
import { openSecrets, type RunningSecrets } from '../../../src/identity/keys/secrets.js';
import { subjectFor } from '../../../src/identity/tokens/subject.js';
import type { Models } from '../../../src/models/models.js';
import { type Person, startApp, type TestApp, type Tokens } from '../../support/app.js';
import { ORIGIN } from '../../support/deps.js';
import { silentLogger } from '../../support/logger.js';
import { refusal } from '../../support/refusal.js';
import { readTexts } from '../../support/sourceGraph.js';

const SYSTEM = { kind: 'system' } as const;
const PAIRWISE = {
  _id: 'app',
  subjectType: 'pairwise' as const,
  redirectUris: ['https://app.example/callback'],
  grantTypes: ['authorization_code' as const],
};

type Write = (...args: unknown[]) => unknown;

describe('a rotation of the master key', function () {
  this.timeout(60_000);
  const [present, next] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];
  /** Runs all the while, started with the old key. */
  let app: TestApp;
  let person: Person & Tokens;
  let enrolment: TotpEnrolment;
  const opened: RunningSecrets[] = [];

  beforeEach(async () => {
    // A rotation waits for its new key to count.
    app = await startApp({ masterKey: Buffer.from(present).toString('base64url') }, { runningClock: true });
    person = await app.signInAs();
    enrolment = await enrol('first');
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await app.close();
  });

  const open = async (key: Uint8Array) => {
    const config = { masterKey: Buffer.from(key).toString('base64url'), dataDirectory: '' };
    const { clock, models, ephemeral } = app.deps;
    const secrets = await openSecrets({ config, clock, models, ephemeral, logger: silentLogger });
    opened.push(secrets);
    return secrets;
  };

  const enrol = async (name: string) => {
    const user = await app.deps.models.users.findById(person.id).lean();
    if (!user) throw new Error('no such user');
    return beginTotpEnrolment(app.deps, user, name);
  };

  const rotate = async (installed: Uint8Array, models?: Models, adopt = async () => true) => {
    const deps = { ...app.deps, secrets: await open(installed), ...(models && { models }) };
    return rotateMasterKey(deps, { present: installed, next, settleSeconds: 0, adopt }, SYSTEM, ORIGIN);
  };

  /** Opens every ciphertext of the database, and answers the data keys that they name. */
  const namedKeys = async (secrets: RunningSecrets) => {
    const names = new Set<string>();
    for (const field of ENCRYPTED_FIELDS) {
      const holders = await holdersOf(app.deps.models, field).find().select(`+${field.field}`).lean();
      for (const holder of holders as unknown as Record<string, unknown>[]) {
        const text = holder[field.field];
        if (typeof text !== 'string') continue;
        secrets.decrypt(text, field.contextOf(String(holder['_id'])));
        names.add(text.split('.')[1] ?? '');
      }
    }
    return [...names];
  };

  it('encrypts every secret anew, and a server that runs with the old key goes on', async () => {
    const subject = subjectFor(app.deps, PAIRWISE, person.id);
    const { from, to, finished, reencrypted } = await rotate(present);
    expect({ from, to, finished }).to.deep.equal({
      from: masterKeyIdOf(present),
      to: masterKeyIdOf(next),
      finished: true,
    });
    expect(reencrypted).to.be.above(3);
    const after = await open(next);
    expect(await namedKeys(after)).to.deep.equal(['k2']);
    expect(subjectFor({ secrets: after }, PAIRWISE, person.id)).to.equal(subject);
    const error = await refusal(open(present), 'INTERNAL');
    expect(error.message).to.contain(to);

    expect((await app.rest('/auth/me', { token: person.accessToken })).status).to.equal(200);
    const refreshed = await app.rest('/auth/refresh', { body: { refreshToken: person.refreshToken } });
    expect(refreshed.status).to.equal(200);
    await app.signIn(person);
    const timestamp = app.clock().getTime();
    const code = new TOTP({ secret: enrolment.seed, digits: 6, period: 30 }).generate({ timestamp });
    await confirmTotpEnrolment(app.deps, person.id, enrolment.factor._id, code);
    await enrol('second');
    expect(await namedKeys(after)).to.deep.equal(['k2']);
  });

  it('starts with the new key: signs people in and takes what was issued before', async () => {
    await rotate(present);
    const replica = await startApp(
      { masterKey: Buffer.from(next).toString('base64url') },
      { replicaOf: app },
    );
    expect((await replica.rest('/auth/me', { token: person.accessToken })).status).to.equal(200);
    const refreshed = await replica.rest('/auth/refresh', { body: { refreshToken: person.refreshToken } });
    expect(refreshed.status).to.equal(200);
    await replica.signIn(person);
    await replica.close();
  });

  it('killed after any number of writes, loses nothing and goes on where it was', async () => {
    let installed = present;
    const adopt = async () => {
      installed = next;
      return true;
    };
    let kills = 0;
    for (let writes = 0; ; writes += 1) {
      const models = mortal(app.deps.models, writes);
      const done = await rotate(installed, models, adopt).catch((error: Error) => {
        if (error.message !== 'killed') throw error;
        return null;
      });
      await namedKeys(await open(installed));
      if (done?.finished) break;
      kills += 1;
    }
    expect(kills).to.be.at.least(5);
    expect(await rotationUnderWay(app.deps)).to.equal(null);
    expect(await namedKeys(await open(next))).to.deep.equal(['k2']);
    await refusal(open(present), 'INTERNAL');
  });

  it('opens with both keys until the new one is the installation’s', async () => {
    expect(await rotate(present, undefined, async () => false)).to.include({ finished: false });
    for (const key of [present, next]) expect(await namedKeys(await open(key))).to.deep.equal(['k2']);
    expect(await rotate(next)).to.include({ finished: true });
    await refusal(open(present), 'INTERNAL');
  });

  it('refuses a second rotation to another key meanwhile', async () => {
    await rotate(present, undefined, async () => false);
    const deps = { ...app.deps, secrets: await open(present) };
    const other = new Uint8Array(randomBytes(32));
    const input = { present, next: other, settleSeconds: 0, adopt: async () => true };
    const error = await refusal(rotateMasterKey(deps, input, SYSTEM, ORIGIN), 'CONFLICT');
    expect(error.message).to.contain(masterKeyIdOf(next));
  });

  it('loses nothing that is written at the same time, whichever data key the writer knows', async () => {
    const rotating = rotate(present);
    const [, ...made] = await Promise.all([
      rotating,
      ...Array.from({ length: 4 }, (_one, n) => enrol(`app ${n}`)),
    ]);
    expect(made).to.have.length(4);
    await namedKeys(await open(next));
  });

  it('does not bring back a key that is destroyed between its reading and its writing', async () => {
    const { subjectKeys } = app.deps.models;
    const models = {
      ...app.deps.models,
      subjectKeys: intercepted(subjectKeys, 'updateOne', async (write) => {
        await destroySubjectKey(app.deps, person.id);
        return write();
      }),
    };
    await rotate(present, models);
    const key = await subjectKeys.findById(person.id).lean();
    expect(key?.destroyedAt).to.be.instanceOf(Date);
    expect(key?.encryptedKey ?? null).to.equal(null);
  });

  it('knows every field that is encrypted', () => {
    const sites = readTexts('src').flatMap(({ path, text }) =>
      path.startsWith('src/identity/keys/re')
        ? []
        : (text.match(/\bsecrets\.encrypt\(/g) ?? []).map(() => path),
    );
    expect(sites).to.have.length(ENCRYPTED_FIELDS.length);
  });
});

/** Models that fail for ever after so many writes, like a process that was killed. */
function mortal(models: Models, writes: number): Models {
  let left = writes;
  const guard = (write: () => unknown) => {
    left -= 1;
    if (left < 0) throw new Error('killed');
    return write();
  };
  const wrapped = (['dataKeys', 'signingKeys', 'subjectKeys', 'factors'] as const).map((name) => {
    const methods = ['create', 'updateOne', 'updateMany', 'findOneAndUpdate'];
    const model = methods.reduce(
      (one, method) => intercepted(one, method, async (write) => guard(write)),
      models[name] as unknown as Model<unknown>,
    );
    return [name, model];
  });
  return { ...models, ...(Object.fromEntries(wrapped) as Partial<Models>) };
}

/** The model with one of its methods run by `around`. */
function intercepted<T extends object>(
  model: T,
  method: string,
  around: (write: () => Promise<unknown>) => Promise<unknown>,
): T {
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const bound = (value as Write).bind(target);
      if (name !== method) return bound;
      return (...args: unknown[]) => {
        const run = around(async () => bound(...args));
        // A query that is made lean afterwards.
        return Object.assign(run, { lean: () => run });
      };
    },
  });
}
