import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const PROCESSES = 4;
const ROUNDS = 200;

interface Answer {
  readonly held: boolean;
  readonly refusal?: string;
}

describe('the folder of the embedded engine, taken by several at once', () => {
  let processes: ChildProcess[] = [];

  const answerOf = async (child: ChildProcess): Promise<Answer> => {
    const [answer] = (await once(child, 'message')) as [Answer];
    return answer;
  };
  const tell = (order: object) =>
    Promise.all(
      processes.map((child) => {
        child.send(order);
        return answerOf(child);
      }),
    );

  before(async () => {
    const program = fileURLToPath(new URL('./lockingProcess.js', import.meta.url));
    processes = Array.from({ length: PROCESSES }, () => fork(program));
    await Promise.all(processes.map(answerOf));
  });
  after(() => {
    for (const child of processes) child.kill();
  });

  it('goes to one alone when a dead process has left its lock', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const folder = await mkdtemp(join(tmpdir(), 'lock-'));
      await writeFile(join(folder, 'engine.lock'), '999999999 1\n');
      const answers = await tell({ folder, atMilliseconds: Date.now() + 4 });
      expect(answers.filter(({ held }) => held)).to.have.length(1);
      const refusals = answers.flatMap(({ refusal }) => refusal ?? []);
      expect(refusals).to.deep.equal(Array.from({ length: PROCESSES - 1 }, () => 'FolderInUseError'));
      await tell({});
      expect(await readdir(folder)).to.deep.equal([]);
      await rm(folder, { recursive: true });
    }
  });
});
