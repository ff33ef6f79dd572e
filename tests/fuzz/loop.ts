import { Broken, type Outcome } from './broken.js';
import { Random } from './random.js';
import type { OpenTarget, Target } from './target.js';

/** No input may keep a parser longer, in milliseconds. */
export const TIME_MAX_MS = 2000;
const FAILURES_MAX = 10;
/** Inputs that did something new and are mutated further. */
const FOUND_MAX = 256;

export interface LoopOptions {
  readonly executions: number;
  readonly seconds: number;
  readonly seed: number;
  /** Told of every input before it is run: whoever watches can save one that never ends. */
  readonly watch?: (bytes: Uint8Array, seed: number) => void;
}

export interface Failure {
  readonly message: string;
  readonly bytes: Uint8Array;
  /** Index of the seed that it descends from; its context belongs to the reproduction. */
  readonly seed: number;
}

export interface LoopResult {
  readonly executions: number;
  readonly accepted: number;
  /** By name of the refusal. */
  readonly refused: Readonly<Record<string, number>>;
  readonly maxMs: number;
  readonly seconds: number;
  readonly seeds: number;
  readonly failures: readonly Failure[];
}

interface Input {
  readonly bytes: Uint8Array;
  readonly seed: number;
}

/** Runs one input and says what it broke, or null. */
async function attempt(open: OpenTarget, { bytes, seed }: Input, chance: number): Promise<string | null> {
  const start = performance.now();
  try {
    await open.run(bytes, seed, new Random(chance));
  } catch (error) {
    return reason(error);
  }
  return performance.now() - start > TIME_MAX_MS ? 'it takes too long' : null;
}

function reason(error: unknown): string {
  if (error instanceof Broken) return error.message;
  return `it throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** First words of a failure: numbers and names from the input are not what tells two failures apart. */
function kindOf(message: string): string {
  return message.replace(/[0-9]+/g, 'N').slice(0, 60);
}

/** Takes pieces out of a failing input as long as it fails in the same way. */
async function shortened(
  open: OpenTarget,
  input: Input,
  message: string,
  chance: number,
): Promise<Uint8Array> {
  let { bytes } = input;
  let tries = 400;
  for (let length = bytes.length >> 1; length >= 1 && tries > 0; length >>= 1) {
    for (let at = 0; at < bytes.length && tries-- > 0;) {
      const less = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
      const again = await attempt(open, { bytes: less, seed: input.seed }, chance);
      if (again !== null && kindOf(again) === kindOf(message)) bytes = less;
      else at += length;
    }
  }
  return bytes;
}

class Loop {
  accepted = 0;
  executions = 0;
  maxMs = 0;
  readonly refused: Record<string, number> = {};
  readonly failures: Failure[] = [];
  private readonly open: OpenTarget;
  private readonly random: Random;
  private readonly found: Input[] = [];
  private readonly kinds = new Set<string>();
  readonly seeds: number;

  constructor(
    private readonly target: Target,
    private readonly options: LoopOptions,
  ) {
    this.open = target.open();
    this.seeds = this.open.seeds.length;
    this.random = new Random(options.seed);
  }

  async run(): Promise<void> {
    const end = performance.now() + this.options.seconds * 1000;
    while (this.executions < this.options.executions && this.failures.length < FAILURES_MAX) {
      if (performance.now() >= end) break;
      // In a run of some length every seed as it is, once, and then changed.
      const first = this.executions < this.seeds && this.options.executions >= 10 * this.seeds;
      const input = first ? { bytes: this.open.seeds[this.executions]!, seed: this.executions } : this.next();
      const chance = this.random.word();
      const running = this.step(input, chance);
      if (running !== null) await running;
    }
  }

  private base(): Input {
    if (this.found.length > 0 && this.random.oneIn(4)) return this.random.pick(this.found);
    // The smaller of two: small inputs are fast, and an edit hits more of what matters.
    const [one, other] = [this.random.below(this.seeds), this.random.below(this.seeds)];
    const seed = this.open.seeds[one]!.length <= this.open.seeds[other]!.length ? one : other;
    return { bytes: this.open.seeds[seed]!, seed };
  }

  private next(): Input {
    const { repair } = this.target;
    const { bytes, seed } = this.base();
    const changed = this.target.change(bytes, this.base().bytes, this.random, this.target);
    const mended = repair !== null && this.random.oneIn(2) ? repair(changed, this.random) : changed;
    return { bytes: mended, seed };
  }

  /** null when it is done already: a promise for each execution would cost more than most parsers. */
  private step(input: Input, chance: number): Promise<void> | null {
    this.executions++;
    this.options.watch?.(input.bytes, input.seed);
    const start = performance.now();
    let outcome: Outcome | Promise<Outcome>;
    try {
      outcome = this.open.run(input.bytes, input.seed, new Random(chance));
    } catch (error) {
      return this.failed(input, reason(error), chance);
    }
    if (typeof outcome === 'string') return this.done(input, outcome, start, chance);
    return outcome.then(
      async (late) => this.done(input, late, start, chance),
      async (error: unknown) => this.failed(input, reason(error), chance),
    ) as Promise<void>;
  }

  private done(input: Input, outcome: Outcome, start: number, chance: number): Promise<void> | null {
    const took = performance.now() - start;
    if (outcome === 'accepted') this.accepted++;
    else {
      const why = outcome.slice('refused: '.length);
      this.refused[why] = (this.refused[why] ?? 0) + 1;
    }
    this.keep(input, outcome);
    if (took > TIME_MAX_MS) return this.slow(input, took, chance);
    this.maxMs = Math.max(this.maxMs, took);
    return null;
  }

  /** What ends in a new way is worth changing further; so is now and then one that was accepted. */
  private keep(input: Input, outcome: Outcome): void {
    const isNew = !this.kinds.has(outcome);
    if (!isNew && !(outcome === 'accepted' && this.random.oneIn(512))) return;
    this.kinds.add(outcome);
    if (input.bytes.length > 32 * 1024) return;
    if (this.found.length < FOUND_MAX) this.found.push(input);
    else this.found[this.random.below(FOUND_MAX)] = input;
  }

  /** A busy machine is slow, too: only what is slow three times over is the parser's fault. */
  private async slow(input: Input, took: number, chance: number): Promise<void> {
    let fastest = took;
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      await attempt(this.open, input, chance);
      fastest = Math.min(fastest, performance.now() - start);
    }
    this.maxMs = Math.max(this.maxMs, fastest);
    if (fastest > TIME_MAX_MS) await this.failed(input, `it takes ${Math.round(fastest)} ms`, chance);
  }

  private async failed(input: Input, message: string, chance: number): Promise<void> {
    if (this.failures.some((one) => kindOf(one.message) === kindOf(message))) return;
    const bytes = await shortened(this.open, input, message, chance);
    this.failures.push({ message, bytes, seed: input.seed });
  }
}

/** Fuzzes one target until the executions are made, the time is over or too much is broken. */
export async function fuzz(target: Target, options: LoopOptions): Promise<LoopResult> {
  const loop = new Loop(target, options);
  const start = performance.now();
  await loop.run();
  const { executions, accepted, refused, maxMs, seeds, failures } = loop;
  return {
    executions,
    accepted,
    refused,
    maxMs,
    seconds: (performance.now() - start) / 1000,
    seeds,
    failures,
  };
}

/** Runs one saved input under every seed's context; null when nothing is broken. */
export async function replay(
  open: OpenTarget,
  bytes: Uint8Array,
  seeds: readonly number[],
): Promise<string | null> {
  for (const seed of seeds) {
    for (let chance = 1; chance <= 16; chance++) {
      const broken = await attempt(open, { bytes, seed }, chance);
      if (broken !== null) return broken;
    }
  }
  return null;
}
