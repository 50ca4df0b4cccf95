import { isIPv6 } from 'node:net';
import { checkAddresses } from './checks/addresses.js';
import { checkCaptcha } from './checks/captcha.js';
import type { CheckedFault } from './checks/checkedFault.js';
import { checkDeclared } from './checks/declared.js';
import { checkProduction } from './checks/production.js';
import { ConfigError, type Fault } from './configError.js';
import { type EnvironmentValue, readEnvironment } from './environment.js';
import { readConfigFile } from './file.js';
import { faultsOfIssue, pathText, type SourceOf, valueAt } from './issues.js';
import { type Config, configSchema } from './schema.js';
import { readSecretFiles } from './secretFiles.js';

type Tree = Record<PropertyKey, unknown>;

const CHECKS = [checkAddresses, checkCaptcha, checkDeclared, checkProduction];

/**
 * The configuration of this process: the YAML file (`options.file`, else `FIELDGATE_CONFIG`, else `./fieldgate.yaml`
 * when there is one), overridden by the environment, completed by the defaults, deeply frozen.
 * @throws ConfigError that lists every fault of file and environment at once
 */
export function loadConfig(options: { file?: string | undefined; env?: NodeJS.ProcessEnv } = {}): Config {
  const env = options.env ?? process.env;
  const asked = options.file ?? (env['FIELDGATE_CONFIG'] || undefined);
  const file = readConfigFile(asked ?? './fieldgate.yaml', asked === undefined);
  const environment = readEnvironment(env);
  const content = structuredClone(file.content) as Tree;
  const faults: Fault[] = [...file.faults, ...environment.faults];

  faults.push(...readSecretFiles(content, file.placeOf));
  for (const { key, value } of environment.values) put(content, key.path, value);
  setIssuer(content);

  const sourceOf = sources(environment.values, file.placeOf);
  const { config, faults: shapeFaults } = validate(content, sourceOf);
  faults.push(...shapeFaults);
  if (config) {
    const broken = faults.map((fault) => fault.path);
    faults.push(...crossFaults(config, broken, sourceOf));
  }
  if (faults.length > 0 || !config) throw new ConfigError(faults);
  return deepFreeze(config);
}

/**
 * Checks the shape. When a part of it is wrong, the rest is still looked at: the wrong parts are taken out and what
 * is left is answered as `config`, so that checks across keys can report their faults in the same message.
 */
function validate(content: Tree, sourceOf: SourceOf): { config: Config | null; faults: Fault[] } {
  const result = configSchema.safeParse(content);
  if (result.success) return { config: result.data, faults: [] };

  const faults = result.error.issues.flatMap((issue) => faultsOfIssue(issue, content, sourceOf));
  const rest = structuredClone(content);
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(rest, [...issue.path, key]);
    else remove(rest, issue.path);
  }
  return { config: configSchema.safeParse(rest).data ?? null, faults };
}

function crossFaults(config: Config, broken: readonly string[], sourceOf: SourceOf): Fault[] {
  return CHECKS.flatMap((check): CheckedFault[] => check(config))
    .filter(({ path, needs = [] }) => ![path, ...needs].some((used) => touches(broken, pathText(used))))
    .map(({ path, message }) => ({ path: pathText(path), source: sourceOf(path), message }));
}

/** Whether a broken place is at, above or below a path: what was decided on it would be a guess. */
function touches(broken: readonly string[], path: string): boolean {
  return broken.some((place) => place !== '' && (within(place, path) || within(path, place)));
}

function within(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}

/** Without an issuer, it is the address that Fieldgate listens on. */
function setIssuer(content: Tree): void {
  const { host = '127.0.0.1', port = 3000 } = (content['listen'] ?? {}) as { host?: unknown; port?: unknown };
  if (content['issuer'] !== undefined || typeof host !== 'string' || typeof port !== 'number' || port === 0)
    return;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const issuer = `${content['tls'] ? 'https' : 'http'}://${isIPv6(name) ? `[${name}]` : name}:${port}`;
  if (URL.canParse(issuer)) content['issuer'] = issuer;
}

function sources(values: readonly EnvironmentValue[], placeOf: SourceOf): SourceOf {
  const names = new Map(values.map(({ key, name }) => [key.path.join('.'), name]));
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const name = names.get(path.slice(0, length).join('.'));
      if (name) return name;
    }
    return placeOf(path);
  };
}

function put(content: Tree, path: readonly string[], value: unknown): void {
  let place = content;
  for (const part of path.slice(0, -1)) {
    // A scalar where an object belongs is left for the schema to refuse.
    if (place[part] === undefined || place[part] === null) place[part] = {};
    if (typeof place[part] !== 'object') return;
    place = place[part] as Tree;
  }
  place[path.at(-1) ?? ''] = value;
}

/** Takes a wrong value out; a wrong entry of a list takes the list with it, so that indexes stay true. */
function remove(content: Tree, path: readonly PropertyKey[]): void {
  const index = path.findIndex((part) => typeof part === 'number');
  const target = index < 0 ? path : path.slice(0, index);
  const parent = valueAt(content, target.slice(0, -1));
  const last = target.at(-1);
  if (last !== undefined && typeof parent === 'object' && parent !== null)
    Reflect.deleteProperty(parent, last);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
