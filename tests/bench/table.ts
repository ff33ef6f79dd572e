import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { root } from '../../src/tools/project.mjs';
import { titles, type Size } from './inputs.js';

/** What one contender did on one input. */
export interface Row {
  readonly size: Size;
  readonly name: string;
  /** Milliseconds of every round. */
  readonly ms: readonly number[];
  /** Throughput as a multiple of the reference, round by round. */
  readonly ratios: readonly number[];
  /** Peak above idle, MiB. */
  readonly memory: number | null;
}

export interface Results {
  readonly rows: readonly Row[];
  readonly absent: readonly { readonly name: string; readonly why: string }[];
  readonly verdicts: { readonly first: readonly number[]; readonly later: readonly number[] } | null;
  readonly script: { readonly gzBytes: number; readonly files: number } | null;
}

/** A reference that differs more than this between rounds says that the machine was busy with other things. */
const NOISY = 1.3;

export function print({ rows, absent, verdicts, script }: Results): void {
  for (const size of new Set(rows.map((row) => row.size)))
    printSize(
      size,
      rows.filter((row) => row.size === size),
    );
  for (const { name, why } of absent) console.log(`NOT RUN: ${name} (${why})`);
  if (verdicts !== null)
    console.log(
      `\nDrop to verdict, 1 MB: ${format(median(verdicts.first))} ms in a page just opened (best ${format(Math.min(...verdicts.first))}), ${format(median(verdicts.later))} ms for the next (best ${format(Math.min(...verdicts.later))})`,
    );
  if (script !== null)
    console.log(`Script of the verify page: ${format(script.gzBytes / 1000)} kB gz in ${script.files} files`);
}

function printSize(size: Size, rows: readonly Row[]): void {
  const reference = rows[0]!;
  const spread = Math.max(...reference.ms) / Math.min(...reference.ms);
  console.log(
    `\n${titles[size]}${spread > NOISY ? `  (noisy: the reference itself varies ${format(spread)} x)` : ''}`,
  );
  console.log('| | ratio | lowest | highest | ms | MiB above idle |\n|---|--:|--:|--:|--:|--:|');
  for (const { name, ms, ratios, memory } of rows)
    console.log(
      `| ${name} | ${format(median(ratios))} | ${format(Math.min(...ratios))} | ${format(Math.max(...ratios))} | ${format(median(ms))} | ${memory === null ? '' : format(memory)} |`,
    );
}

/** Where the JSON went. */
export function store(results: Results): string {
  const folder = join(root, 'tests', 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${new Date().toISOString().slice(0, 10)}.json`);
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    system: `${process.platform} ${release()}`,
    node: process.version,
    load: loadavg(),
  };
  const rounded = JSON.stringify({ machine, ...results }, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(3)) : value,
  );
  writeFileSync(path, `${JSON.stringify(JSON.parse(rounded), null, 1)}\n`);
  return path;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
