/** How long to wait before a worker is replaced: at once after a long life, else doubling from 250 ms to 30 s. */
export function restartDelayMilliseconds(quickDeaths: number): number {
  return quickDeaths === 0 ? 0 : Math.min(30_000, 250 * 2 ** (quickDeaths - 1));
}
