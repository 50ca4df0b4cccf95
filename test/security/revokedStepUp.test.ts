import { expect } from 'chai';
import { revokeSession } from '../../src/identity/sessions/sessions.js';
import { follow, requestOf, signedInVisitor, startFlows } from '../oauth/authorize/flow.js';
import { enrolTotp } from '../resolvers/authenticator.js';
import type { TestApp } from '../support/app.js';
import { ORIGIN } from '../support/deps.js';

describe('a session that is ended while it is being raised', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  it('does not come back by the second factor alone', async () => {
    const person = await app.signInAs();
    const { visitor } = await signedInVisitor(app, person);
    const phone = await enrolTotp(app, person.accessToken);
    app.clock.advance(60);
    const sessions = () => app.deps.models.sessions.find({ userId: person.id, revokedAt: null }).lean();
    const inBrowser = (await sessions()).find(({ acr, clientId }) => acr === 'aal1' && !clientId);
    const before = (await sessions()).length;

    const { path } = requestOf({ acr_values: 'aal2' });
    const offered = await follow(app, visitor, await visitor.open(path));
    const asked = await visitor.send(offered, { identifier: '', password: '', 'choice.stepUp': '1' });
    const chosen = await visitor.send(asked, { [`choice.use:${phone.factorId}`]: '1' });
    expect(chosen.text).to.contain('name="code"');
    await revokeSession(app.deps, inBrowser?._id ?? '', 'stolen', { kind: 'user', id: person.id }, ORIGIN);

    const { status } = await visitor.send(chosen, { code: phone.code() });
    expect(status).to.be.within(400, 499);
    expect(await sessions()).to.have.length(before - 1);
  });
});
