import { expect } from 'chai';
import { VERSION } from '../../src/version.js';
import { startApp } from '../support/app.js';
import { createVisitor } from './visitor.js';

const linksOf = (text: string): string[] =>
  [...text.matchAll(/<a href="([^"]+)"/g)].map(([, href = '']) => href);

describe('the home page', () => {
  it('leads developers on, to addresses that answer', async () => {
    const app = await startApp();
    try {
      const visitor = createVisitor(app);
      const { text } = await visitor.open('/');
      const links = linksOf(text);
      expect(links).to.include.members(['/explorer', '/graphql', '/dev/outbox', '/openapi.json']);
      for (const link of links) expect((await visitor.open(link)).status, link).to.equal(200);
      expect(text).to.include(VERSION);
    } finally {
      await app.close();
    }
  });

  it('lists nothing that is switched off', async () => {
    const app = await startApp({ graphql: { explorer: false, sandbox: false } });
    try {
      const links = linksOf((await createVisitor(app).open('/')).text);
      expect(links).not.to.include('/explorer').and.not.to.include('/graphql');
    } finally {
      await app.close();
    }
  });

  it('says nothing in production: no version, no links', async () => {
    const app = await startApp({ environment: 'production', mail: { smtpUrl: 'smtp://127.0.0.1:9' } });
    try {
      const { status, text } = await createVisitor(app).open('/');
      expect(status).to.equal(200);
      expect(text)
        .not.to.include(VERSION)
        .and.not.to.match(/fieldgate/i);
      expect(linksOf(text)).to.deep.equal([]);
    } finally {
      await app.close();
    }
  });
});
