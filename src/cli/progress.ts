/** Shows how far a command is: on a terminal one line that is written over; elsewhere nothing, for programs read the result. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${eraseLine()}${text}`);
}

/** What takes the line of the progress away before something else is told; empty where there is none. */
export function eraseLine(): string {
  return process.stderr.isTTY ? '\r\u001b[2K' : '';
}
