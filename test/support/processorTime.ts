/**
 * What this process spends on some work, in milliseconds of processor time of all its threads: what else the machine
 * does is not in it.
 */
export async function processorTimeOf<Result>(
  work: () => Result | Promise<Result>,
): Promise<{ milliseconds: number; result: Result }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { milliseconds: (user + system) / 1000, result };
}
