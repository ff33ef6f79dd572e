import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../src/core/generated/messages.js';
import type { LoopResult } from './loop.js';
import { targets } from './targets.js';

/** One run of one target, as kept in `results.json`. */
interface RunRow {
  readonly target: string;
  readonly date: string;
  readonly machine: string;
  readonly seed: number;
  readonly executions: number;
  readonly accepted: number;
  /** By class of the first finding, or by kind where the parser gives kinds. */
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly maxMs: number;
  readonly rssMiB: number;
  readonly failures: readonly string[];
}

/** A fault that fuzzing found, written by hand once it is understood. */
interface FoundRow {
  readonly date: string;
  readonly target: string;
  readonly what: string;
  readonly now: string;
}

interface Results {
  readonly runs: readonly RunRow[];
  readonly found: readonly FoundRow[];
}

const root = process.cwd();
const resultsPath = join(root, 'tests', 'fuzz', 'results.json');
const pagePath = join(root, 'docs', 'fuzzing.md');

function readResults(): Results {
  if (!existsSync(resultsPath)) return { runs: [], found: [] };
  return JSON.parse(readFileSync(resultsPath, 'utf8')) as Results;
}

function machine(): string {
  const all = cpus();
  return `${all.length} x ${(all[0]?.model ?? 'unknown').trim()}, Node ${process.versions.node}`;
}

function byClass(refused: Readonly<Record<string, number>>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [why, count] of Object.entries(refused)) {
    const name = Object.hasOwn(catalogue, why) ? catalogue[why as keyof typeof catalogue].class : why;
    sums[name] = (sums[name] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(sums).sort(([, a], [, b]) => b - a));
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

export interface Measured {
  readonly target: string;
  readonly seed: number;
  readonly rssMiB: number;
  readonly result: LoopResult;
}

/** Adds one run; a run of the same target with the same seed takes the place of the earlier one. */
export function addResult({ target, seed, rssMiB, result }: Measured): void {
  const { executions, accepted, refused, seconds, maxMs, failures } = result;
  const row: RunRow = {
    target,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    seed,
    executions,
    accepted,
    refused: byClass(refused),
    seconds: rounded(seconds),
    maxMs: rounded(maxMs),
    rssMiB,
    failures: failures.map(({ message }) => message),
  };
  const { runs, found } = readResults();
  const order = targets.map(({ name }) => name);
  const kept = runs.filter((one) => one.target !== target || one.seed !== seed);
  const sorted = [...kept, row].sort(
    (a, b) => order.indexOf(a.target) - order.indexOf(b.target) || a.seed - b.seed,
  );
  writeFileSync(resultsPath, `${JSON.stringify({ runs: sorted, found }, null, 2)}\n`);
}

const count = (value: number): string => value.toLocaleString('en');
const cell = (value: string): string => value.replaceAll('|', '\\|').replaceAll('\n', ' ');

function shares(rows: readonly RunRow[]): string {
  const sums: Record<string, number> = {};
  for (const { refused } of rows)
    for (const [why, n] of Object.entries(refused)) sums[why] = (sums[why] ?? 0) + n;
  const all = Object.entries(sums).sort(([, a], [, b]) => b - a);
  const shown = all.slice(0, 6).map(([why, n]) => `${why} ${count(n)}`);
  const rest = all.slice(6).reduce((sum, [, n]) => sum + n, 0);
  return [...shown, ...(rest > 0 ? [`others ${count(rest)}`] : [])].join(', ') || '-';
}

function tableRow(name: string, runs: readonly RunRow[]): string {
  const rows = runs.filter(({ target }) => target === name);
  if (rows.length === 0) return `| \`${name}\` | not run yet | - | - | - | - | - | - | - |`;
  const sum = (of: (row: RunRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const executions = sum((row) => row.executions);
  const cells = [
    `\`${name}\``,
    count(executions),
    count(sum((row) => row.accepted)),
    shares(rows),
    count(
      Math.round(
        executions /
          Math.max(
            1,
            sum((row) => row.seconds),
          ),
      ),
    ),
    `${Math.max(...rows.map(({ maxMs }) => maxMs))}`,
    `${Math.max(...rows.map(({ rssMiB }) => rssMiB))}`,
    count(sum((row) => row.failures.length)),
    rows
      .map(({ date }) => date)
      .sort()
      .at(-1)!,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Everything on the page but the counts is here, so that page, targets and results cannot fall apart. */
export function page({ runs, found }: Results): string {
  const machines = [...new Set(runs.map((row) => row.machine))];
  const parts = [
    '# Fuzzing',
    'Written by `--report` (below) from `tests/fuzz/results.json`. Do not edit.',
    'Every parser that meets hostile bytes is fed inputs made from known ones: the published vectors and, where they ' +
      'are, the corpora in `../shared`. Inputs are flipped, cut, doubled, swapped, spliced, given numbers and words ' +
      'of the format; check sums are mended in half of them, because an attacker would. What ends in a new way is ' +
      'changed further. A seed names a run: the same seed gives the same inputs.',
    '## What must hold',
    'Nothing throws. Nothing takes 2 s. Every refusal is a finding of the catalogue in its class, and shows no hidden ' +
      'character. Beyond that:',
    targets.map(({ name, what }) => `- \`${name}\`: ${what}.`).join('\n'),
    '## Counts',
    [
      '| target | executions | accepted | refused | per second | longest, ms | peak memory, MiB | failures | last run |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
      ...targets.map(({ name }) => tableRow(name, runs)),
    ].join('\n'),
    machines.length === 0 ? 'No run is recorded yet.' : `Run on: ${machines.join('; ')}.`,
    '## What it found',
    found.length === 0
      ? 'Nothing yet.'
      : [
          '| date | target | what | now |',
          '| --- | --- | --- | --- |',
          ...found.map(
            (row) => `| ${[row.date, `\`${row.target}\``, row.what, row.now].map(cell).join(' | ')} |`,
          ),
        ].join('\n'),
    '## Run it',
    '```sh\nnode src/tools/run.mjs tests/fuzz/fuzz.ts --target tar --executions 10000000 --seconds 3600 --seed 1\n```',
    'Several targets are given with commas, or `--target all`; `--seconds` counts for each. `--report` adds the counts ' +
      'to the table. A failure prints the path of its input, shortened, under `tests/.artefacts/fuzz/`, and the exit ' +
      'code is 1; `--input FILE` runs that input again. An input that is understood and mended moves to ' +
      '`tests/fuzz/regressions/`, as `<target>.<anything>.bin`, and runs with every `npm test`, as do some thousand ' +
      'new inputs of each target.',
  ];
  return `${parts.join('\n\n')}\n`;
}

export function writeReport(): void {
  writeFileSync(pagePath, page(readResults()));
}

export function recordedPage(): string {
  return page(readResults());
}
