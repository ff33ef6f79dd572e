import type { Outcome } from './broken.js';
import type { Random } from './random.js';
import { mutate, type MutationOptions } from './mutate.js';
import type { Repair } from './repair.js';

/** Makes a changed input of two known ones, by the rules of a format. */
export type Change = (
  bytes: Uint8Array,
  other: Uint8Array,
  random: Random,
  options: MutationOptions,
) => Uint8Array;

/** An input that is known, and what the parser needs beside it. */
export interface Seed<C> {
  readonly bytes: Uint8Array;
  readonly context: C;
}

/** One parser under test, as data. `C` is what an input needs beside its bytes (a message, a trust list). */
interface TargetTable<C> {
  readonly name: string;
  /** What is called, and what must hold whatever the input is. */
  readonly what: string;
  readonly text: boolean;
  readonly dictionary: readonly string[];
  readonly seeds: () => readonly Seed<C>[];
  /** Mends check sums after mutation; half of the inputs go through it. */
  readonly repair?: Repair;
  /** In place of changing bytes anywhere. */
  readonly change?: Change;
  /** Throws {@link Broken} when an invariant does not hold; whatever else it throws is a failure, too. */
  readonly run: (bytes: Uint8Array, context: C, random: Random) => Outcome | Promise<Outcome>;
}

/** A target whose contexts stay inside. */
export interface Target {
  readonly name: string;
  readonly what: string;
  readonly text: boolean;
  readonly dictionary: readonly Uint8Array[];
  readonly repair: Repair | null;
  readonly change: Change;
  open(): OpenTarget;
}

export interface OpenTarget {
  readonly seeds: readonly Uint8Array[];
  /** `seed` is the index of the seed that the input descends from. */
  run(bytes: Uint8Array, seed: number, random: Random): Outcome | Promise<Outcome>;
}

export function target<C>(table: TargetTable<C>): Target {
  const { name, what, text } = table;
  let made: readonly Seed<C>[] | null = null;
  return {
    name,
    what,
    text,
    dictionary: table.dictionary.map((word) => new TextEncoder().encode(word)),
    repair: table.repair ?? null,
    change: table.change ?? mutate,
    open() {
      const seeds = (made ??= table.seeds());
      if (seeds.length === 0) throw new Error(`${name}: no seeds`);
      return {
        seeds: seeds.map(({ bytes }) => bytes),
        run: (bytes, seed, random) => table.run(bytes, seeds[seed]!.context, random),
      };
    },
  };
}

/** Seeds that need nothing beside their bytes. */
export function plain(inputs: readonly Uint8Array[]): Seed<null>[] {
  return inputs.map((bytes) => ({ bytes, context: null }));
}
