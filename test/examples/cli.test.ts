import type { ChildProcess } from 'node:child_process';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { type Examples, signInAt, startExample, startExamples } from './examples.js';

describe('the example of a program in a terminal, with the device flow', () => {
  let examples: Examples;
  let browser: Browser;
  before(async function () {
    browser = await launchChromium(this);
    examples = await startExamples(['api']);
  });
  after(async () => {
    await browser?.close();
    await examples?.close();
  });

  /** Runs the program, hands the page where it sends people to `act`, and answers how it ended. */
  async function run(
    args: readonly string[],
    act: (page: Page) => Promise<void>,
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child: ChildProcess = startExample('examples/cli/notes.js', examples.env, args);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const address = new Promise<string>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
        const found = /or open (\S+)\n/.exec(stderr)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('close', () => reject(new Error(`the program ended:\n${stderr}`)));
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(await address);
      await page.getByRole('heading', { name: 'Connect a device' }).waitFor();
      await page.getByRole('button', { name: 'Continue' }).click();
      await signInAt(page);
      await page.getByRole('heading', { name: /Notes in the terminal/ }).waitFor();
      await act(page);
      return { code: await ended, stdout, stderr };
    } finally {
      child.kill('SIGKILL');
      await context.close();
    }
  }

  it('shows an address and a code, waits for the person, and calls the API', async () => {
    const { code, stdout, stderr } = await run(['add', 'Water', 'the', 'plants'], (page) =>
      page.getByRole('button', { name: 'Connect', exact: true }).click(),
    );
    expect(stderr).to.match(/^Open http:\/\/127\.0\.0\.1:\d+\/device and enter [A-Z]{4}-[A-Z]{4}\n/);
    expect([code, stdout]).to.deep.equal([0, '- Water the plants\n']);
  });

  it('says so when the person refuses', async () => {
    const { code, stdout, stderr } = await run(['list'], (page) =>
      page.getByRole('button', { name: 'Refuse' }).click(),
    );
    expect(stderr).to.match(/You did not allow it\.\n$/);
    expect([code, stdout]).to.deep.equal([1, '']);
  });
});
