import type { Stretch } from '../core/archive/deflateBits.js';
import { PIECE_BYTES, type PieceDeflater } from '../core/archive/deflatePieces.js';
import type { PiecePacker } from '../core/archive/writeArchive.js';
import { startDeflater } from './wasmDeflater.js';

/** Pieces go over so many at a time. */
const TURN_PIECES = 8;
const TURN_BYTES = TURN_PIECES * PIECE_BYTES;
/** Turns of each worker that are under way; the caller waits until fewer are. */
const TURNS_AHEAD = 2;

/** One message: a few pieces, which this worker packs, or only looks at because another one packs them. */
interface Turn {
  readonly buffer: ArrayBuffer;
  /** Bytes of `buffer` that count. */
  readonly bytes: number;
  readonly packs: boolean;
  /** A stream begins with this turn. */
  readonly first: boolean;
  /** The stream ends with this turn. */
  readonly last: boolean;
}

/** The answer: the buffer for its next use, and what was packed. */
interface Done {
  readonly buffer: ArrayBuffer;
  readonly stretch: Stretch | null;
}

/** A worker, seen from either side. */
export interface PackPort {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** `onLost`: the other side is gone. */
  listen(onMessage: (data: unknown) => void, onLost: () => void): void;
}

/** A worker that packs died; what was written so far is of no use. */
export class PackerLostError extends Error {
  override readonly name = 'PackerLostError';

  constructor() {
    super('a worker that packs has stopped');
  }
}

/** The side that packs; one stream after the other. */
export function servePacker(port: PackPort): void {
  let deflater: PieceDeflater | null = null;
  port.listen(
    (data) => {
      const { buffer, bytes, packs, first, last } = data as Turn;
      if (first || deflater === null) deflater = startDeflater();
      for (let at = 0; at < bytes; at += PIECE_BYTES) {
        const piece = new Uint8Array(buffer, at, Math.min(PIECE_BYTES, bytes - at));
        if (packs) deflater.pack(piece, last && at + piece.length === bytes);
        else deflater.skip(piece);
      }
      const stretch = packs ? deflater.stretch() : null;
      if (last) deflater = null;
      const transfer = stretch === null ? [buffer] : [buffer, stretch.bytes.buffer, stretch.turns.buffer];
      port.post({ buffer, stretch } satisfies Done, transfer);
    },
    () => undefined,
  );
}

/**
 * The side that reads: one stream packed by several workers in turns, see {@link PieceDeflater}. Use it for one stream
 * at a time; one that is given up half-way does no harm to the next. When a worker dies everything is refused with {@link PackerLostError}.
 */
export class SharedPacker implements PiecePacker {
  private readonly turn = new Uint8Array(TURN_BYTES);
  private fill = 0;
  private next = 0;
  private lost: PackerLostError | null = null;
  private readonly spare: ArrayBuffer[] = [];
  /** What is under way, in order. */
  private readonly ahead: Promise<Stretch>[] = [];
  private readonly owed: {
    readonly tell: (one: Stretch) => void;
    readonly refuse: (error: Error) => void;
  }[][];

  constructor(private readonly ports: readonly PackPort[]) {
    this.owed = ports.map(() => []);
    ports.forEach((port, index) =>
      port.listen(
        (data) => this.take(data as Done, index),
        () => this.lose(),
      ),
    );
  }

  begin(): void {
    // Nobody waits for what is under way of another stream; each packer still answers it in its turn.
    this.ahead.length = this.fill = this.next = 0;
  }

  async push(piece: Uint8Array, last: boolean): Promise<readonly Stretch[]> {
    this.turn.set(piece, this.fill);
    this.fill += piece.length;
    if (this.fill < TURN_BYTES && !last) return [];
    this.send(last);
    return this.ahead.length > TURNS_AHEAD * this.ports.length ? [await this.ahead.shift()!] : [];
  }

  async *rest(): AsyncGenerator<Stretch> {
    for (let one = this.ahead.shift(); one !== undefined; one = this.ahead.shift()) yield await one;
  }

  private send(last: boolean): void {
    const first = this.next === 0;
    const packs = this.next++ % this.ports.length;
    const answer = new Promise<Stretch>((tell, refuse) => {
      if (this.lost) refuse(this.lost);
      else this.owed[packs]!.push({ tell, refuse });
    });
    // Whoever waits for it hears of a refusal.
    answer.catch(() => undefined);
    this.ahead.push(answer);
    this.ports.forEach((port, index) => {
      const buffer = this.spare.pop() ?? new ArrayBuffer(TURN_BYTES);
      new Uint8Array(buffer).set(this.turn.subarray(0, this.fill));
      const turn: Turn = { buffer, bytes: this.fill, packs: index === packs, first, last };
      port.post(turn, [buffer]);
    });
    this.fill = 0;
  }

  private take({ buffer, stretch }: Done, index: number): void {
    if (this.spare.length <= 2 * this.ports.length) this.spare.push(buffer);
    if (stretch !== null) this.owed[index]!.shift()?.tell(stretch);
  }

  private lose(): void {
    this.lost ??= new PackerLostError();
    for (const list of this.owed) for (const { refuse } of list.splice(0)) refuse(this.lost);
  }
}
