import * as fc from 'fast-check';

const SEED = process.env['FC_SEED'] === undefined ? Date.now() % 0x7fff_ffff : Number(process.env['FC_SEED']);

/** Runs a property 1,000 times; prints the seed, so that `FC_SEED` repeats the run. */
export async function holds<T>(
  property: fc.IProperty<T> | fc.IAsyncProperty<T>,
  numRuns = 1000,
): Promise<void> {
  console.log(`      seed ${SEED}, ${numRuns} runs`);
  await fc.assert(property as fc.IAsyncProperty<T>, { seed: SEED, numRuns });
}
