import { expect } from 'chai';
import { createSecretBox } from '../../../src/identity/keys/secretBox.js';
import { subjectFor, userIdOf, userNamedBy } from '../../../src/identity/tokens/subject.js';

const secrets = createSecretBox(new Uint8Array(32).fill(7));
const ALICE = '01890a5d-ac96-774b-bcce-b302099a8057';
const BOB = '01890a5d-ac96-774b-bcce-b302099a8058';

const client = (over: object) => ({
  _id: 'app',
  subjectType: 'pairwise' as const,
  redirectUris: ['https://app.example/callback'],
  grantTypes: ['authorization_code' as const],
  ...over,
});

describe('the subject of a user for a client', () => {
  it('is the id of the user for a public client', () => {
    expect(subjectFor({ secrets }, client({ subjectType: 'public' }), ALICE)).to.equal(ALICE);
    // A document from before subject types existed.
    expect(subjectFor({ secrets }, client({ subjectType: undefined }), ALICE)).to.equal(ALICE);
  });

  it('is for a pairwise client always the same, and nothing that shows the user (OIDC Core §8.1)', () => {
    const subject = subjectFor({ secrets }, client({}), ALICE);
    expect(subjectFor({ secrets }, client({}), ALICE)).to.equal(subject);
    expect(subject).to.not.contain(ALICE);
    expect(subject.length).to.be.below(256);
    expect(subjectFor({ secrets }, client({}), BOB)).to.not.equal(subject);
    expect(subjectFor({ secrets: createSecretBox(new Uint8Array(32)) }, client({}), ALICE)).to.not.equal(
      subject,
    );
  });

  it('is shared inside a sector: the host of sectorIdentifierUri, else of the redirect URIs (OIDC Core §8.1)', () => {
    const of = (over: object) => subjectFor({ secrets }, client(over), ALICE);
    const app = of({});
    expect(of({ _id: 'second', redirectUris: ['https://app.example/other'] })).to.equal(app);
    expect(of({ redirectUris: ['https://app.example.net/callback'] })).to.not.equal(app);
    const listed = { sectorIdentifierUri: 'https://app.example/sector.json' };
    expect(of({ ...listed, redirectUris: ['https://one.example/', 'https://two.example/'] })).to.equal(app);
    const device = of({ _id: 'tv', redirectUris: [] });
    expect(of({ _id: 'radio', redirectUris: [] })).to.not.equal(device);
  });

  it('is of nobody’s sector for an app on the device: any program can have a loopback address or a scheme', () => {
    for (const uri of ['http://127.0.0.1/callback', 'http://localhost:8080/', 'com.example.app:/callback']) {
      const of = (id: string) => subjectFor({ secrets }, client({ _id: id, redirectUris: [uri] }), ALICE);
      expect(of('one'), uri).to.not.equal(of('two'));
    }
  });

  it('is of a host only where the tokens go there, for a client that registered itself', () => {
    const of = (over: object) => subjectFor({ secrets }, client(over), ALICE);
    const known = of({});
    const stranger = { _id: 'stranger', dynamicallyRegistered: true };
    expect(of({ ...stranger, grantTypes: ['authorization_code', 'refresh_token'] })).to.equal(known);
    const device = 'urn:ietf:params:oauth:grant-type:device_code';
    expect(of({ ...stranger, grantTypes: ['authorization_code', device] })).to.not.equal(known);
    const listed = { sectorIdentifierUri: 'https://app.example/sector.json', grantTypes: [device] };
    expect(of({ ...stranger, ...listed, redirectUris: [] })).to.not.equal(known);
    const native = { ...listed, grantTypes: ['authorization_code'], redirectUris: ['http://127.0.0.1/'] };
    expect(of({ ...stranger, ...native })).to.not.equal(known);
  });

  it('leads back to the user', () => {
    expect(userIdOf({ secrets }, subjectFor({ secrets }, client({}), ALICE))).to.equal(ALICE);
    expect(userIdOf({ secrets }, ALICE)).to.equal(ALICE);
    expect(userIdOf({ secrets }, 'pw.short')).to.equal('pw.short');
  });

  it('names the user only to the client that it was given to', () => {
    const mine = client({});
    const other = client({ redirectUris: ['https://other.example/'] });
    const open = client({ subjectType: 'public' });
    const subject = subjectFor({ secrets }, mine, ALICE);
    expect(userNamedBy({ secrets }, mine, subject)).to.equal(ALICE);
    expect(userNamedBy({ secrets }, open, ALICE)).to.equal(ALICE);
    for (const [by, named] of [
      [other, subject],
      [open, subject],
      [mine, ALICE],
    ] as const) {
      expect(userNamedBy({ secrets }, by, named)).to.equal('nobody');
    }
  });
});
