import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);

describe('metrics of several workers', () => {
  it('are added up, whichever worker is scraped', async () => {
    const script = fileURLToPath(new URL('./clusterMetrics.worker.js', import.meta.url));
    const { stdout } = await run(process.execPath, [script], { timeout: 15_000 });
    expect(stdout).to.include('auth_refresh_token_rotations_total{outcome="rotated"} 2');
  });
});
