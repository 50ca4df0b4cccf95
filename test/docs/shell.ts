import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/** One bash that keeps its variables from block to block. */
export interface Shell {
  /** Runs a block. @returns what it printed. @throws when a command wrote to stderr */
  run(script: string): Promise<string>;
  close(): void;
}

export function startShell(): Shell {
  const bash = spawn('bash', { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } });
  let printed = '';
  let complaints = '';
  let heard = (): void => undefined;
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
    heard();
  });
  bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk));
  bash.on('close', () => heard());

  return {
    async run(script) {
      const end = `end of block ${randomUUID()}`;
      bash.stdin.write(`${script}\necho; echo '${end}'\n`);
      await new Promise<void>((resolve, reject) => {
        heard = () => {
          if (printed.includes(end)) resolve();
          else if (bash.exitCode !== null) reject(new Error(`bash ended: ${complaints}`));
        };
      });
      const [output = ''] = printed.split(`\n${end}`);
      printed = '';
      if (complaints !== '') throw new Error(`${script}\nsays: ${complaints}\nand prints: ${output}`);
      return output.trim();
    },
    close: () => bash.kill(),
  };
}
