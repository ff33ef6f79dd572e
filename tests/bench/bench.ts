import { parseArgs } from 'node:util';
import { present } from '../../src/tools/browsers.mjs';
import { barePage } from './barePage.js';
import { openBenchPage, type BenchPage } from './chromium.js';
import type { Absent, Contender } from './contender.js';
import { inProcess } from './inProcess.js';
import { inputOf, sizes, type Input, type Size } from './inputs.js';
import { fastReference, gzipReference, nodeCli, releasedCli } from './native.js';
import { scriptSize } from './script.js';
import { print, store, type Results, type Row } from './table.js';

const HELP = `npm run bench -- [--sizes ${sizes.join(',')}] [--rounds 5] [--only node,cli,page] [--no-memory] [--no-store]`;

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: sizes.join(',') },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'node,cli,page' },
    'no-memory': { type: 'boolean', default: false },
    'no-store': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const wanted = values.sizes.split(',').map((name) => {
    if (!sizes.includes(name as Size)) throw new Error(`there is no size ${name}\n${HELP}`);
    return name as Size;
  });
  const inputs: Input[] = [];
  for (const size of wanted) inputs.push(await inputOf(size));
  const only = values.only.split(',');
  const absent: Absent[] = [releasedCli()];
  const contenders: Contender[] = [gzipReference()];
  const fast = fastReference();
  if ('why' in fast) absent.push(fast);
  else contenders.push(fast);
  if (only.includes('cli')) contenders.push(await nodeCli());
  if (only.includes('node')) contenders.push(await inProcess());
  const page = only.includes('page') ? await pageOr(absent) : null;
  if (page !== null) contenders.push(page.contender, await barePage());
  try {
    const rows: Row[] = [];
    for (const input of inputs) rows.push(...(await race(input, contenders)));
    const verdicts = page === null ? null : await firstVerdicts(page);
    const results: Results = { rows, absent, verdicts, script: page === null ? null : scriptSize() };
    print(results);
    if (!values['no-store']) console.log(`\n${store(results)}`);
  } finally {
    for (const contender of contenders) await contender.close?.();
  }
}

async function pageOr(absent: Absent[]): Promise<BenchPage | null> {
  if (present('chromium') !== null) return openBenchPage();
  absent.push({ name: 'ours, page in Chromium', why: 'Chromium is not installed' });
  return null;
}

/** Round by round, each time from another first one, so that what disturbs the machine disturbs all alike. */
async function race(input: Input, contenders: readonly Contender[]): Promise<Row[]> {
  const racing = contenders.filter((one) => one.takes(input.size));
  const ms = racing.map((): number[] => []);
  const rounds = Number(values.rounds);
  // One round before the first warms caches and compilers; it is long where the input is.
  for (let round = input.unpackedBytes > 500_000_000 ? 0 : -1; round < rounds; round++) {
    for (let turn = 0; turn < racing.length; turn++) {
      const i = (turn + Math.max(0, round)) % racing.length;
      const taken = await racing[i]!.run(input);
      if (round >= 0) ms[i]!.push(taken);
    }
  }
  const rows: Row[] = [];
  for (const [i, one] of racing.entries()) {
    rows.push({
      size: input.size,
      name: one.name,
      ms: ms[i]!,
      ratios: ms[i]!.map((taken, round) => ms[0]![round]! / taken),
      memory: values['no-memory'] ? null : ((await one.memory?.(input)) ?? null),
    });
  }
  return rows;
}

async function firstVerdicts(page: BenchPage): Promise<Results['verdicts']> {
  const input = await inputOf('1mb');
  const first: number[] = [];
  const later: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const both = await page.firstAndLater(input);
    first.push(both.first);
    later.push(both.later);
  }
  return { first, later };
}
