/** One thing that a specification demands of an authorization server, in our own words. */
export interface Requirement {
  /** Number of the section, without the sign. */
  readonly section: string;
  readonly demand: string;
  /** The full titles of the tests that show it; empty where it does not apply. */
  readonly tests: readonly string[];
  /** Why nothing is to be shown; absent where there are tests. */
  readonly notApplicable?: string;
  /** How far we do otherwise, and why; the tests show what holds instead. */
  readonly deviation?: string;
}

/** A specification with everything in it that a server of our kind must do. */
export interface Specification {
  readonly name: string;
  readonly title: string;
  readonly url: string;
  /** Against which text the list was checked; absent: it is from knowledge of the specification, not read beside it. */
  readonly compared?: string;
  readonly requirements: readonly Requirement[];
}

/** A demand with the tests that show it, by their full titles. */
export const shown = (section: string, demand: string, ...tests: [string, ...string[]]): Requirement => ({
  section,
  demand,
  tests,
});

/** A demand that is not met as it stands: how far, why, and what holds instead. */
export const deviates = (
  section: string,
  demand: string,
  deviation: string,
  ...tests: [string, ...string[]]
): Requirement => ({ section, demand, tests, deviation });

/** A demand that does not concern us, and why. */
export const notApplicable = (section: string, demand: string, reason: string): Requirement => ({
  section,
  demand,
  tests: [],
  notApplicable: reason,
});

/** Full titles from those of a suite: `in('POST /oauth/token')('refuses …')`. */
export const suite =
  (name: string) =>
  (title: string): string =>
    `${name} ${title}`;
