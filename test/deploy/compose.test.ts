import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { CONFIG_KEYS, WELL_KNOWN_NAMES } from '../../src/config/keys.js';
import { loadConfig } from '../../src/config/load.js';
import { readSources } from '../support/sourceGraph.js';

interface Service {
  image?: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  network_mode?: string;
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, { ipam: { config: { subnet: string }[] } }>;
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as Compose;
const dockerfile = readFileSync('Dockerfile', 'utf8');
const nginx = readFileSync('deploy/proxy/nginx.conf', 'utf8');
const services = Object.entries(compose.services);
const replicas = services.filter(([, service]) => service.build);

/** What `${NAME:-fallback}` means when NAME is not set. */
const resolved = (environment: Record<string, string>): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  );

describe('docker-compose.yml', () => {
  it('runs two replicas with the same settings behind the proxy', () => {
    expect(replicas.map(([name]) => name)).to.deep.equal(['fieldgate-1', 'fieldgate-2']);
    expect(replicas[0]![1].environment).to.deep.equal(replicas[1]![1].environment);
    for (const [name] of replicas) expect(nginx).to.contain(`server ${name}:3000`);
  });

  it('pins every image from elsewhere by version and digest', () => {
    const images = services
      .map(([, service]) => service.image)
      .filter((image) => image !== 'fieldgate:local');
    expect(images).to.have.length.above(3);
    for (const image of images)
      expect(image).to.match(/^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$/);
    for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm))
      expect(image).to.match(/:\d+\.\d+\.\d+[\w-]*@sha256:[0-9a-f]{64}$/);
  });

  it('gives the replicas a configuration that production takes', () => {
    const config = loadConfig({ file: '/dev/null', env: resolved(replicas[0]![1].environment!) });
    expect(config.environment).to.equal('production');
    expect(config.stores.mongodbUri).to.contain('replicaSet=rs0');
    expect(config.listen.trustedProxies).to.deep.equal([compose.networks['inside']!.ipam.config[0]!.subnet]);
    expect(config.mail.smtpUrl).to.equal('smtp://mailpit:1025');
  });

  it('sets in the image only variables that the configuration knows', () => {
    const known = [...Object.keys(WELL_KNOWN_NAMES), ...CONFIG_KEYS.map((key) => key.env)];
    const [, variables = ''] = /^ENV (.+)$/m.exec(dockerfile) ?? [];
    const names = variables.split(' ').map((pair) => pair.split('=')[0]);
    expect(names).to.have.length.above(2);
    expect(known).to.include.members(names);
  });

  it('waits for services that exist, and for health only where it is checked', () => {
    for (const [name, service] of services) {
      for (const [wanted, { condition }] of Object.entries(service.depends_on ?? {})) {
        const target = compose.services[wanted];
        expect(target, `${name} waits for ${wanted}`).to.not.equal(undefined);
        const checked =
          Boolean(target!.healthcheck) || (Boolean(target!.build) && dockerfile.includes('HEALTHCHECK'));
        if (condition === 'service_healthy') expect(checked, `${wanted} has a health check`).to.equal(true);
      }
    }
  });

  it('mounts files that are there, and volumes and networks that are declared', () => {
    for (const [name, service] of services) {
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        const there = source.startsWith('.') ? existsSync(source) : source in compose.volumes;
        expect(there, `${name}: ${source}`).to.equal(true);
      }
      for (const network of service.networks ?? []) expect(compose.networks).to.have.property(network);
      if (!service.networks) expect(service.network_mode).to.equal('none');
    }
  });

  it('opens to the outside only the proxy, and the mail catcher to this machine', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports).to.have.members(['8443:8443', '127.0.0.1:8025:8025']);
    expect(nginx).to.contain('listen 8443 ssl');
  });

  it('runs programs that the image holds', () => {
    const programs = services
      .filter(([, service]) => service.image === 'fieldgate:local' && service.command)
      .map(([, service]) => service.command![1]!);
    expect(programs).to.have.length(2);
    for (const program of programs) {
      const source = program.replace(/^dist\//, '').replace(/\.js$/, '.ts');
      expect(existsSync(source), source).to.equal(true);
      expect(dockerfile).to.contain(`COPY --from=build /app/dist/${source.split('/')[0]} `);
    }
  });

  it('builds the image from what the image is given', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    const letIn = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    expect(letIn.map((line) => line.slice(1))).to.have.members(copied);

    const { include } = JSON.parse(readFileSync('tsconfig.image.json', 'utf8')) as { include: string[] };
    const compiled = copied
      .filter((path) => !path.includes('.'))
      .flatMap(readSources)
      .filter(({ path }) => include.some((root) => path === root || path.startsWith(`${root}/`)));
    expect(compiled).to.have.length.above(100);
    const missing = compiled
      .flatMap(({ imports }) => imports)
      .filter(({ isPackage, to }) => !isPackage && !copied.some((path) => to.startsWith(`${path}/`)));
    expect(missing).to.deep.equal([]);
  });
});
