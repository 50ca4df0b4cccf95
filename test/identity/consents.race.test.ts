import { expect } from 'chai';
import { findConsent, rememberConsent, revokeConsent } from '../../src/identity/consents.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../support/deps.js';

const WHO = { userId: 'somebody', clientId: 'app' };

describe('decisions in several tabs at once', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const allow = (scope: string) =>
    rememberConsent(test.deps, { ...WHO, granted: [scope], refused: [`${scope}-not`] }, ORIGIN);

  it('keep each other: none of 10 is lost', async () => {
    const scopes = Array.from({ length: 10 }, (_one, index) => `scope-${index}`);
    await Promise.all(scopes.map(allow));
    const consent = await findConsent(test.deps, WHO.userId, WHO.clientId);
    expect(consent?.scopes).to.have.members(scopes);
    expect(consent?.refusedScopes).to.have.members(scopes.map((scope) => `${scope}-not`));
  });

  it('bring nothing back that is taken back meanwhile', async () => {
    await allow('old');
    const actor = { kind: 'user', id: WHO.userId } as const;
    await Promise.all([allow('new'), revokeConsent(test.deps, WHO, actor, ORIGIN)]);
    const consent = await findConsent(test.deps, WHO.userId, WHO.clientId);
    // Whichever came first.
    expect(consent?.scopes ?? []).to.not.include('old');
  });

  it('take a consent of an earlier release, which knows no claims', async () => {
    await allow('old');
    await test.deps.models.consents.collection.updateOne(
      { clientId: WHO.clientId },
      { $unset: { claims: 1, refusedClaims: 1 } },
    );
    await rememberConsent(
      test.deps,
      { ...WHO, granted: ['new'], refused: [], grantedClaims: ['name'], refusedClaims: ['picture'] },
      ORIGIN,
    );
    const consent = await findConsent(test.deps, WHO.userId, WHO.clientId);
    expect(consent).to.deep.include({ claims: ['name'], refusedClaims: ['picture'] });
    expect(consent?.scopes).to.have.members(['old', 'new']);
  });
});
