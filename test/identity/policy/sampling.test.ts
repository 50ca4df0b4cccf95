import { expect } from 'chai';
import { createPolicySampler } from '../../../src/identity/policy/sampling.js';
import { decodeSample } from '../../../src/identity/policy/storedSample.js';
import { createAccess } from '../../../src/policies/access.js';
import { ANONYMOUS, type Principal } from '../../../src/policies/principal.js';
import { viewerCan } from '../../../src/policies/viewerCan.js';
import { createTestDeps, type TestDeps, testConfig } from '../../support/deps.js';
import { recordingLogger } from '../../support/logger.js';

const ME: Principal = { ...ANONYMOUS, kind: 'user', id: 'me', roles: ['user'] };

describe('the sampling of decisions', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const samplerOf = (sampleRate: number, over: object = {}) =>
    createPolicySampler({ ...test.deps, config: testConfig({ policy: { sampleRate } }), ...over });
  const begin = (sampler: ReturnType<typeof samplerOf>, principal = ME) => {
    const { policy } = test.deps;
    return sampler.begin(policy.current(), policy.catalog, principal, null, test.clock());
  };
  const accessOf = () => createAccess(test.deps.policy.current(), test.deps.policy.catalog, ME, test.clock());
  const stored = async () =>
    (await test.deps.models.policySamples.find().lean()).map(({ sample }) => decodeSample(sample));

  it('draws its share of the requests', async () => {
    const [none, half] = [samplerOf(0), samplerOf(0.5)];
    const drawn = Array.from({ length: 1000 }, () => begin(half)).filter((sample) => sample !== null);
    expect(drawn.length).to.be.within(400, 600);
    expect(Array.from({ length: 1000 }, () => begin(none)).every((sample) => sample === null)).to.equal(true);
    await Promise.all([none.close(), half.close()]);
  });

  it('counts equal questions, answers as without it, and takes what could be done for no use', async () => {
    const sampler = samplerOf(1);
    const sample = begin(sampler);
    const access = accessOf();
    const watched = sample?.watch(access) ?? access;
    const object = { _id: 'me' };
    for (let at = 0; at < 3; at += 1) {
      expect(watched.decide('read', 'User', object, 'name')).to.deep.equal(
        access.decide('read', 'User', object, 'name'),
      );
    }
    expect(watched.filter('read', 'User')).to.deep.equal(access.filter('read', 'User'));
    expect(watched.policyVersion).to.equal(access.policyVersion);
    expect(viewerCan(watched, 'User', object)).to.deep.equal(viewerCan(access, 'User', object));
    sample?.end('Names');
    await sampler.close();
    const [only] = await stored();
    expect(only?.operation).to.equal('Names');
    expect(only?.questions.map(({ kind, field, count }) => [kind, field, count])).to.deep.equal([
      ['decide', 'name', 3],
      ['ever', 'id', 1],
    ]);
  });

  it('does not record who acts for somebody, nor a request that asked nothing', async () => {
    const sampler = samplerOf(1);
    expect(begin(sampler, { ...ME, actor: ME })).to.equal(null);
    begin(sampler)?.end(null);
    await sampler.close();
    expect(await stored()).to.deep.equal([]);
  });

  it('loses samples where the database refuses them, says so, and goes on', async () => {
    const log = recordingLogger();
    const broken = {
      ...test.deps.models,
      policySamples: { insertMany: () => Promise.reject(new Error('no database')) },
    };
    const sampler = samplerOf(1, { logger: log, models: broken });
    const sample = begin(sampler);
    sample?.watch(accessOf()).decide('read', 'User', { _id: 'me' }, 'name');
    sample?.end(null);
    await sampler.close();
    expect(log.lines.map(({ message }) => message)).to.deep.equal(['samples of policy decisions were lost']);
  });
});
