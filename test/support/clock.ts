/** The real time, moved: it runs on, and `advance` sets it forward at once. */
export interface MovableClock {
  (): Date;
  advance(seconds: number): void;
}

export function createMovableClock(): MovableClock {
  let offsetMilliseconds = 0;
  const now = () => new Date(Date.now() + offsetMilliseconds);
  return Object.assign(now, {
    advance(seconds: number) {
      offsetMilliseconds += seconds * 1000;
    },
  });
}
