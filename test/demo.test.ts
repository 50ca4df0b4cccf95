import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startApp, type TestApp } from './support/app.js';

const MAIN = fileURLToPath(new URL('../demo/main.js', import.meta.url));

interface Told {
  readonly code: number;
  readonly output: string;
}

describe('the demo', () => {
  let app: TestApp;
  let stories: Told[];
  before(async () => {
    app = await startApp();
    stories = [await tell(), await tell()];
  });
  after(() => app.close());

  const tell = (environment: Record<string, string> = {}): Promise<Told> =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env['PATH'],
        DEMO_URL: app.url,
        ADMIN_PASSWORD: app.admin.password,
        DEMO_ADMIN_USERNAME: app.admin.username,
        ...environment,
      };
      execFile(process.execPath, [MAIN], { env }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
      );
    });

  it('tells its story to the end, twice', () => {
    for (const { code, output } of stories) {
      expect(code, output).to.equal(0);
      expect(output).to.match(/The end: \d+ expectations held in 9 chapters\./);
    }
  });

  it('prints no secret in full', () => {
    for (const { output } of stories) {
      expect(output).not.to.include(app.admin.password);
      expect(output).not.to.match(/eyJ[\w-]{30,}/);
      expect(output).not.to.match(/"(?:refreshToken|password)": "[^…"]+"/);
    }
  });

  it('fails when the story does not hold', async () => {
    const { code, output } = await tell({ ADMIN_PASSWORD: 'somebody else’s password' });
    expect(code).to.equal(1);
    expect(output).to.include('✘');
  });

  it('says what to do when nothing answers', async () => {
    const { code, output } = await tell({ DEMO_URL: 'http://127.0.0.1:1' });
    expect(code).to.equal(1);
    expect(output).to.include('npm start');
  });
});
