import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../core/bytes/hex.js';
import { toUtf8 } from '../core/bytes/text.js';

/** One change of the list of people: what stood from then on, why, and the digest that binds it to the change before. */
export interface TrustChange {
  /** The digest of this change, 64 hex digits: its name. */
  readonly id: string;
  /** From 1. */
  readonly seq: number;
  /** RFC 3339, by the clock of this device. */
  readonly at: string;
  /** One line in people's words; may hold names from a file. */
  readonly why: string;
  /** Where the list came from: `edit`, `import`, `pack`, `undo`, `remove`, `migration`. */
  readonly source: string;
  /** Name of the document, as on the reader's disk. */
  readonly name: string;
  /** The whole list; null when there is none from here on. */
  readonly document: Uint8Array | null;
  /** The digest of the change before; zeros for the first. */
  readonly previous: string;
}

/** The first place where a history does not hold together. */
export interface ChainDamage {
  /** The number of the change, from 1. */
  readonly seq: number;
  readonly problem: string;
}

export interface Chain {
  /** The changes before the damage, all of them when there is none. */
  readonly changes: readonly TrustChange[];
  readonly damage: ChainDamage | null;
}

/** The last change that was written, kept beside the history, so that a missing end is noticed. */
export interface ChainHead {
  readonly seq: number;
  readonly id: string;
}

const START = '0'.repeat(64);
const SEQ_DIGITS = 12;

export function keyOfChange(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, '0');
}

/** The change that follows `last`. */
export function linkChange(
  last: TrustChange | undefined,
  fields: Pick<TrustChange, 'at' | 'why' | 'source' | 'name' | 'document'>,
): TrustChange {
  const change = { ...fields, seq: (last?.seq ?? 0) + 1, previous: last?.id ?? START };
  return { ...change, id: digestOf(change) };
}

/** SHA-256 of the fields as a JSON list; the document takes part by its own digest. */
function digestOf(change: Omit<TrustChange, 'id'>): string {
  const { seq, at, why, source, name, document, previous } = change;
  const content = document === null ? null : toHex(sha256(document));
  return toHex(sha256(toUtf8(JSON.stringify([seq, at, why, source, name, content, previous]))));
}

/** Reads a history as it lies in storage, where anybody may have changed it; stops at the first change that does not fit. */
export function readChain(stored: ReadonlyMap<string, unknown>, head: unknown): Chain {
  const changes: TrustChange[] = [];
  for (const [key, value] of stored) {
    const seq = changes.length + 1;
    const problem = problemOf(key, value, changes.at(-1));
    if (problem !== null) return { changes, damage: { seq, problem } };
    changes.push(value as TrustChange);
  }
  const end = headProblem(changes, head);
  return { changes, damage: end === null ? null : { seq: changes.length + 1, problem: end } };
}

function problemOf(key: string, value: unknown, last: TrustChange | undefined): string | null {
  const seq = (last?.seq ?? 0) + 1;
  if (key !== keyOfChange(seq)) return 'it is missing';
  if (!isChange(value)) return 'it is not in the form of a change';
  if (value.seq !== seq) return 'it has another number';
  if (value.previous !== (last?.id ?? START)) return 'it does not follow the change before';
  return value.id === digestOf(value) ? null : 'it is not as it was written';
}

function isChange(value: unknown): value is TrustChange {
  if (typeof value !== 'object' || value === null) return false;
  const change = value as Record<string, unknown>;
  const texts = ['id', 'at', 'why', 'source', 'name', 'previous'].every(
    (field) => typeof change[field] === 'string',
  );
  const { document, seq } = change;
  return texts && Number.isSafeInteger(seq) && (document === null || document instanceof Uint8Array);
}

function headProblem(changes: readonly TrustChange[], head: unknown): string | null {
  if (head === undefined) return changes.length === 0 ? null : 'the note of the last change is missing';
  const { seq, id } = (head ?? {}) as Partial<ChainHead>;
  const last = changes.at(-1);
  if (typeof seq === 'number' && seq > changes.length) return 'it is missing';
  return seq === (last?.seq ?? 0) && id === (last?.id ?? START)
    ? null
    : 'the note of the last change differs';
}
