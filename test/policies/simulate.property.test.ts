import { createHash } from 'node:crypto';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { decodeSample, encodeSample } from '../../src/identity/policy/storedSample.js';
import { createAccess } from '../../src/policies/access.js';
import type { Principal } from '../../src/policies/principal.js';
import { createReplay } from '../../src/policies/replay.js';
import type { Policy } from '../../src/policies/rule.js';
import type { Mask, PolicySample, SampledQuestion } from '../../src/policies/sample.js';
import { factsOfObject, factsOfPrincipal, looksOf } from '../../src/policies/sampleFacts.js';
import { createSimulation } from '../../src/policies/simulate.js';
import { suggestRules } from '../../src/policies/suggest.js';
import { holds } from './property.js';
import { CATALOG, documents, FIELDS, NOW, policies, policyOf, principals } from './universe.js';

const mask: Mask = (text) => createHash('sha256').update(`key ${text}`).digest('base64url').slice(0, 16);

const objects = fc
  .tuple(fc.constantFrom('u1', 'u2', 'a', 'o'), documents)
  .map(([_id, document]): Record<string, unknown> => ({ _id, ...document }));
const asked = fc.record({
  kind: fc.constantFrom('decide' as const, 'ever' as const, 'write' as const),
  action: fc.constantFrom('read', 'update', 'list'),
  field: fc.constantFrom(...FIELDS),
  object: fc.option(objects, { freq: 8 }),
  after: objects,
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

/** What the recorder would have stored and somebody read back. */
function sampleOf(policy: Policy, principal: Principal, questions: readonly Asked[]): PolicySample {
  const looks = looksOf(policy, CATALOG);
  const access = createAccess(policy, CATALOG, principal, NOW);
  const facts = (object: object | null) => object && factsOfObject(looks, 'Thing', object, mask);
  const codeOf = ({ kind, action, field, object, after }: Asked): SampledQuestion['code'] => {
    if (kind === 'ever') return access.mayEver(action, 'Thing', field) ? 'ALLOWED' : 'FORBIDDEN';
    if (kind === 'decide') return access.decide(action, 'Thing', object, field).code;
    return access.refusedFields(action, 'Thing', object, after, [field]).get(field)?.code ?? 'ALLOWED';
  };
  const sample: PolicySample = {
    at: NOW,
    policyVersion: 1,
    operation: null,
    principal: factsOfPrincipal(looks, principal, mask),
    clientScopes: null,
    kept: looks.names,
    questions: questions.map((question) => ({
      kind: question.kind,
      action: question.action,
      subject: 'Thing',
      field: question.field,
      object: question.kind === 'ever' ? null : facts(question.object),
      after: question.kind === 'write' ? facts(question.after) : null,
      code: codeOf(question),
      count: 1,
    })),
  };
  return decodeSample(encodeSample(sample));
}

const cases = fc.tuple(policies, principals, fc.array(asked, { minLength: 1, maxLength: 8 }));

describe('samples of decisions', () => {
  it('replay to the very outcome that was recorded, from masked facts alone', async () => {
    await holds(
      fc.property(cases, ([policy, principal, questions]) => {
        const sample = sampleOf(policy, principal, questions);
        const replayed = sample.questions.map(createReplay(policy, CATALOG, mask).of(sample));
        expect(replayed).to.deep.equal(sample.questions.map(({ code }) => code === 'ALLOWED'));
      }),
    );
  });

  it('show no change under the policy that is in force', async () => {
    await holds(
      fc.property(cases, ([policy, principal, questions]) => {
        const draft = { ...policy, version: 2 };
        const simulation = createSimulation({ catalog: CATALOG, inForce: policy, draft, mask });
        simulation.add(sampleOf(policy, principal, questions));
        const { newlyAllowed, newlyDenied, undecided, examples } = simulation.result();
        expect({ newlyAllowed, newlyDenied, undecided, examples }).to.deep.equal({
          newlyAllowed: 0,
          newlyDenied: 0,
          undecided: 0,
          examples: [],
        });
      }),
    );
  });

  it('show under any draft what it would really have decided, or say that they cannot', async () => {
    await holds(
      fc.property(cases, policies, ([policy, principal, questions], draft) => {
        const sample = sampleOf(policy, principal, questions);
        const replay = createReplay(draft, CATALOG, mask).of(sample);
        const truth = sampleOf(draft, principal, questions).questions;
        sample.questions.forEach((question, index) => {
          const outcome = replay(question);
          if (outcome !== null) expect(outcome).to.equal(truth[index]?.code === 'ALLOWED');
        });
      }),
    );
  });

  it('hold no text of an object or a principal', () => {
    const secret = 'mia@example.com';
    const policy = policyOf([
      {
        name: 'base',
        description: '',
        inherits: [],
        builtIn: false,
        rules: [
          {
            id: 'r',
            effect: 'allow',
            actions: ['read'],
            subject: 'Thing',
            fields: ['*'],
            conditions: { name: '{{principal.attributes.department}}', deviceName: 'x' },
          },
        ],
      },
    ]);
    const principal: Principal = {
      kind: 'user',
      id: secret,
      roles: ['base'],
      attributes: { department: secret, hidden: secret },
      session: { id: secret, acr: 'aal1', amr: [], authTimeSeconds: 0 },
      token: { jti: secret, clientId: 'client', scopes: [], audience: [] },
      actor: null,
    };
    const object = { _id: secret, name: secret, device: { name: secret, serial: secret }, tags: [secret] };
    const [question] = fc.sample(asked, 1);
    const sample = sampleOf(
      policy,
      principal,
      question ? [{ ...question, kind: 'write', object, after: object }] : [],
    );
    expect(encodeSample(sample)).not.to.include('mia');
    expect(sample.questions[0]?.object).to.deep.equal({
      name: mask(secret),
      device: { name: mask(secret) },
    });
  });
});

describe('a suggested set of rules', () => {
  const ROLES = ['base', 'middle', 'top'];
  const people = principals.map((principal) => ({ ...principal, roles: ['top'], token: null }));
  const given = fc.tuple(policies, people, fc.array(asked, { minLength: 1, maxLength: 8 }));

  it('allows every decision that was allowed, and nothing that the roles do not allow', async () => {
    await holds(
      fc.property(given, fc.array(asked, { maxLength: 8 }), ([policy, principal, questions], others) => {
        const sample = sampleOf(policy, principal, questions);
        const suggestion = suggestRules({
          catalog: CATALOG,
          policy,
          roles: principal.roles,
          samples: [sample],
          mask,
        });
        expect(suggestion.unexplained).to.equal(0);
        const suggested = policyOf([
          ...[...policy.roles.values()].filter(({ name }) => !ROLES.includes(name)),
          { name: 'top', description: '', inherits: [], rules: suggestion.rules, builtIn: false },
        ]);
        const before = sampleOf(policy, principal, [...questions, ...others]).questions;
        const after = sampleOf(suggested, principal, [...questions, ...others]).questions;
        before.forEach(({ code, kind, action }, index) => {
          // That an update could be at all is asked before it and is no use of a right.
          const isUse = index < questions.length && (kind !== 'ever' || action !== 'update');
          if (code === 'ALLOWED' && isUse) expect(after[index]?.code).to.equal('ALLOWED');
          if (code !== 'ALLOWED') expect(after[index]?.code).not.to.equal('ALLOWED');
        });
      }),
    );
  });
});
