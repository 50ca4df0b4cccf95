import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const SCRIPT = fileURLToPath(new URL('../../scripts/markExecutable.js', import.meta.url));

describe('a build', () => {
  it('makes the programs of the package executable, also when they are written anew', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldgate-build-'));
    try {
      writeFileSync(join(folder, 'package.json'), '{"bin":{"tool":"tool.js"}}');
      writeFileSync(join(folder, 'tool.js'), '', { mode: 0o644 });
      execFileSync(process.execPath, [SCRIPT], { cwd: folder });
      expect(statSync(join(folder, 'tool.js')).mode & 0o777).to.equal(0o755);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { build: string } };
    expect(scripts.build).to.contain('dist/scripts/markExecutable.js');
  });
});
