/** One thing that is wrong with the configuration. */
export interface Fault {
  /** Where, as `clients[0].scopes`; empty for the file as a whole. */
  readonly path: string;
  /** The environment variable or the place in the file that gave the value, when known. */
  readonly source?: string | undefined;
  /** "must be a positive integer, got \"abc\"". Never holds a secret. */
  readonly message: string;
}

/** The configuration cannot be used: `faults` holds everything that is wrong with it, the message one line for each. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super([`The configuration has ${count}:`, ...faults.map((fault) => `  ${faultLine(fault)}`)].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** The exit code of a process that was given a configuration it cannot use (EX_CONFIG of sysexits.h). */
export const CONFIG_EXIT_CODE = 78;

function faultLine({ path, source, message }: Fault): string {
  const where = [path, source && `(${source})`].filter(Boolean).join(' ');
  return where ? `${where}: ${message}` : message;
}
