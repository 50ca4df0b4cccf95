/** In a process of a benchmark: tells what it is, then at each question the processor time used so far; ends when told to. */
export function answerQuestions(ready: object): void {
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message) => {
    if (message === 'stop') process.exit(0);
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system });
  });
  process.send?.(ready);
}
