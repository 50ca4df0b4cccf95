import { expect } from 'chai';
import { createVisitor } from '../pages/visitor.js';
import type { TestApp } from '../support/app.js';
import { startFlows } from './authorize/flow.js';
import { pushed } from './authorize/push.js';

describe('a pushed request in a race', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  it('goes to one of 20 browsers at once (RFC 9126 §7.3)', async () => {
    const { path } = await pushed(app);
    const answers = await Promise.all(Array.from({ length: 20 }, () => createVisitor(app).open(path)));
    expect(answers.filter((answer) => answer.status === 303)).to.have.length(1);
    expect(answers.filter((answer) => answer.status === 400)).to.have.length(19);
  });
});
