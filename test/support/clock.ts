/** The clock of a test: `advance` moves it on at once. */
export interface MovableClock {
  (): Date;
  advance(seconds: number): void;
  /** Seconds: what `advance` has been given so far, together. */
  advanced(): number;
}

/**
 * A clock that stands still between two calls of `advance`, so that what a test shows does not depend on how long its
 * steps take, or on the end of a second between them. One that `runs` goes on by itself from there: for what waits for
 * its time to come.
 */
export function createMovableClock({ runs = false } = {}): MovableClock {
  const startedAt = Date.now();
  let seconds = 0;
  const now = () => new Date((runs ? Date.now() : startedAt) + seconds * 1000);
  return Object.assign(now, {
    advance(by: number) {
      seconds += by;
    },
    advanced: () => seconds,
  });
}
