/**
 * `npm run lock:complete`: a registry mirror that lacks the binaries of other platforms makes npm leave them out of
 * package-lock.json, and `npm ci` then refuses the file everywhere. This puts the missing optional entries back, with
 * the platform that their names tell, so that npm skips them where they do not fit.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const { packages } = lock;
let added = 0;

for (const [parent, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const version = range.replace(/^[\^~]/, '');
    const platform = platformOf(name);
    if (!platform || isLocked(parent, name, version)) continue;
    packages[placeOf(parent, name)] = {
      version,
      ...platform,
      ...(entry.dev && { dev: true }),
      optional: true,
    };
    added += 1;
  }
}

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${added} optional entries added\n`);

/** True if the parent finds the package in the right version where Node would look first. */
function isLocked(parent, name, version) {
  return packages[placeOf(parent, name)]?.version === version;
}

/** Inside the parent where its other platforms are, else beside the parent. */
function placeOf(parent, name) {
  const scope = name.split('/')[0];
  const inside = `${parent}/node_modules/`;
  if (Object.keys(packages).some((key) => key.startsWith(`${inside}${scope}/`))) return `${inside}${name}`;
  return `${parent.slice(0, parent.lastIndexOf('node_modules/'))}node_modules/${name}`;
}

function platformOf(name) {
  const words = name.split('/').at(-1).replace('arm-eabi', 'arm').split(/[-]/);
  const os = words.find((word) =>
    ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openharmony'].includes(word),
  );
  const cpu = words.find((word) =>
    ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x'].includes(word),
  );
  if (!os || !cpu) return null;
  const abi = words.find((word) => /^(gnu|musl)/.test(word));
  return {
    cpu: [cpu],
    ...(os === 'linux' && abi && { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] }),
    os: [os],
  };
}
