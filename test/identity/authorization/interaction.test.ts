import { expect } from 'chai';
import { judgeSituation, type Situation } from '../../../src/identity/authorization/interaction.js';
import type { AuthorizationRequest, Progress } from '../../../src/identity/authorization/request.js';
import type { Client } from '../../../src/models/client.js';
import type { Consent } from '../../../src/models/consent.js';
import type { Session } from '../../../src/models/session.js';

const NOW = new Date('2026-05-01T12:00:00Z');
const SESSION = { _id: 's1', userId: 'u1', acr: 'aal1', authenticatedAt: NOW } as Session;
const CONSENT = {
  revision: 'r1',
  scopes: ['openid'],
  refusedScopes: ['email'],
} as Consent;

interface Over {
  request?: Partial<AuthorizationRequest>;
  client?: Partial<Client>;
  progress?: Progress;
  session?: Partial<Session> | null;
  consent?: Consent | null;
}

function judge({ request, client, progress = {}, session = {}, consent = CONSENT }: Over = {}) {
  const situation = {
    request: { redirectUri: 'https://app.example/', scopes: ['openid', 'email'], prompts: [], ...request },
    client: { tokenEndpointAuthMethod: 'client_secret_basic', firstParty: false, ...client },
    progress,
    session: session && { ...SESSION, ...session },
    consent,
    now: NOW,
  } as unknown as Situation;
  const outcome = judgeSituation(situation);
  return 'interaction' in outcome ? outcome.interaction : outcome.granted;
}

describe('what a person must do before a request is answered', () => {
  const done = {
    scopes: ['openid'],
    refusedClaims: [],
    authorizationDetails: [],
    consentRevision: 'r1',
  };

  it('is nothing where a session and a decision are', () => {
    expect(judge()).to.deep.equal(done);
  });

  it('is to sign in, then to choose the account, then to consent', () => {
    const prompts = ['login', 'select_account', 'consent'] as const;
    const ask = (progress: Progress) => judge({ request: { prompts }, progress });
    expect(judge({ request: { prompts }, session: null })).to.equal('signIn');
    expect(ask({})).to.equal('signIn');
    // Whoever typed a name and a password has chosen the account.
    expect(ask({ signedIn: 's1' })).to.equal('consent');
    expect(judge({ request: { prompts: ['select_account'] } })).to.equal('selectAccount');
    expect(ask({ signedIn: 's1', consent: { sessionId: 's1', ...done } })).to.deep.include(done);
  });

  it('counts for the session alone in which it was done', () => {
    const progress = { signedIn: 's0', accountChosen: 's0', consent: { sessionId: 's0', ...done } };
    expect(judge({ request: { prompts: ['login'] }, progress })).to.equal('signIn');
    expect(judge({ request: { prompts: ['select_account'] }, progress })).to.equal('selectAccount');
    expect(judge({ request: { prompts: ['consent'] }, progress })).to.equal('consent');
  });

  it('counts until it is taken back', () => {
    const progress = { consent: { sessionId: 's1', ...done } };
    const request = { scopes: ['openid', 'phone'] };
    expect(judge({ request, progress })).to.deep.include(done);
    expect(judge({ request, progress, consent: null })).to.equal('consent');
    expect(judge({ request, progress, consent: { ...CONSENT, revision: 'r2' } })).to.equal('consent');
  });

  it('is to consent to what was never decided: a scope, a claim by name, details every time', () => {
    expect(judge({ consent: null })).to.equal('consent');
    expect(judge({ request: { scopes: ['openid', 'phone'] } })).to.equal('consent');
    expect(judge({ request: { claims: { userinfo: { birthdate: null } } } })).to.equal('consent');
    expect(judge({ request: { authorizationDetails: [{ type: 'payment' }] } })).to.equal('consent');
  });

  it('is nothing for an app of the house, unless it insists', () => {
    const client = { firstParty: true };
    const everything = { scopes: ['openid', 'email'], refusedClaims: [], authorizationDetails: [] };
    expect(judge({ client, consent: null })).to.deep.equal(everything);
    expect(judge({ client, consent: null, request: { prompts: ['consent'] } })).to.equal('consent');
  });

  it('keeps a claim by name back with its refused scope, from memory too', () => {
    const claims = { id_token: { email: { essential: true } } };
    expect(judge({ request: { claims } })).to.deep.include({ refusedClaims: ['email'] });
  });

  it('is to sign in as the expected person, and again when the sign-in is too old', () => {
    expect(judge({ request: { expectedUserId: 'u2' } })).to.equal('signIn');
    const authenticatedAt = new Date(NOW.getTime() - 61_000);
    expect(judge({ request: { maxAgeSeconds: 60 }, session: { authenticatedAt } })).to.equal('signIn');
    expect(judge({ request: { maxAgeSeconds: 61 }, session: { authenticatedAt } })).to.deep.equal(done);
  });

  describe('for a level of sign-in (RFC 9470)', () => {
    const weak = { acr: 'weaker' };

    it('is to sign in for one that can be reached: once for a wish, else until it is', () => {
      const signedIn = { signedIn: 's1' };
      expect(judge({ session: weak, request: { acrValues: ['aal1'] } })).to.equal('signIn');
      expect(judge({ session: weak, request: { acrValues: ['aal1'] }, progress: signedIn })).to.deep.equal(
        done,
      );
      expect(judge({ session: weak, request: { essentialAcrs: ['aal1'] } })).to.equal('signIn');
      expect(judge({ session: weak, request: { essentialAcrs: ['aal1'] }, progress: signedIn })).to.equal(
        'signIn',
      );
    });

    it('is nothing where nobody may be asked, nobody can reach it, or the session is better', () => {
      expect(judge({ session: weak, request: { acrValues: ['aal1'], prompts: ['none'] } })).to.deep.equal(
        done,
      );
      expect(judge({ request: { acrValues: ['urn:unknown'] } })).to.deep.equal(done);
      expect(judge({ session: { acr: 'phr' }, request: { acrValues: ['aal1'] } })).to.deep.equal(done);
      expect(judge({ session: { acr: 'phr' }, request: { essentialAcrs: ['aal1'] } })).to.deep.equal(done);
    });
  });
});
