/** One thing wrong in a rule or role, and where: `['roles', 2, 'rules', 0, 'conditions', 'status']`. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The faults as one text, a line each, path first. */
export function describeFaults(faults: readonly Fault[]): string {
  return faults.map((fault) => `${fault.path.join('.')}: ${fault.message}`).join('\n');
}
