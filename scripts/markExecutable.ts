import { chmodSync, readFileSync } from 'node:fs';

/** Makes the programs of package.json's `bin` executable: the compiler does not, and `npx` does it once only, before a clean build. */
const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
for (const program of Object.values(bin)) chmodSync(program, 0o755);
