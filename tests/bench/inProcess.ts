import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.js';
import { changedInput, type Input } from './inputs.js';
import { peakOf, resetPeak, residentOf } from './memory.js';

interface Answer {
  readonly ms: number;
  readonly unchanged: string;
  readonly contentRoot: string;
  readonly entries: number;
}

/** The built library in a warm Node process. */
export async function inProcess(): Promise<Contender> {
  const child = fork(fileURLToPath(new URL('in-process.mjs', import.meta.url)));
  const ask = (path: string): Promise<Answer> => answerOf(child, path);
  const changed = await ask(await changedInput());
  if (changed.unchanged !== 'fail') throw new Error('the library passes a changed bundle');
  const run = async (input: Input): Promise<number> => {
    const answer = await ask(input.path);
    const right =
      answer.unchanged === 'pass' &&
      answer.contentRoot === input.contentRoot &&
      answer.entries === input.files + 2;
    if (!right) throw new Error(`the library found something else: ${JSON.stringify(answer)}`);
    return answer.ms;
  };
  return {
    name: 'ours, library in Node',
    role: 'ours',
    takes: () => true,
    run,
    async memory(input) {
      const pid = child.pid ?? 0;
      const before = residentOf(pid);
      resetPeak(pid);
      await run(input);
      const peak = peakOf(pid);
      return before === null || peak === null ? null : peak - before;
    },
    async close() {
      child.kill();
    },
  };
}

function answerOf(child: ChildProcess, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the process with the library ended'));
    child.once('exit', ended);
    child.once('message', (answer) => {
      child.off('exit', ended);
      resolve(answer as Answer);
    });
    child.send(path);
  });
}
