import type { Stretch } from '../core/archive/deflateBits.js';
import { writeBlock, type BlockOutput, type Codes } from '../core/archive/deflateBlock.js';
import { ScriptDeflater, type PieceDeflater } from '../core/archive/deflatePieces.js';
import { DISTANCES, LITERALS } from '../core/archive/deflateTables.js';
import { packerHere, type PiecePacker } from '../core/archive/writeArchive.js';
import { concatBytes } from '../core/bytes/bytes.js';
import { deflateModule } from './deflateModule.js';
import { compileWasmNow, instanceOf, type Compiled } from './wasm.js';

const STORED_HEAD_BYTES = 4;

/** A place in the memory. */
interface Address {
  readonly value: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly PIECE: Address;
  readonly OUTPUT: Address;
  readonly LITERAL_COUNTS: Address;
  readonly DISTANCE_COUNTS: Address;
  readonly LITERAL_CODES: Address;
  readonly DISTANCE_CODES: Address;
  skip(bytes: number): void;
  pack(bytes: number, last: boolean): void;
  take(): number;
  put(value: number, bits: number): void;
  endBits(): number;
  storeBytes(at: number, bytes: number): void;
  writeSymbols(): void;
}

let compiled: Compiled | null | undefined;

/** Packs one stream: by WebAssembly (src/wasm), and in plain script where that does not run. The bytes are the same. */
export function startDeflater(): PieceDeflater {
  try {
    if (compiled !== null) return new WasmDeflater((compiled ??= compileDeflater()));
  } catch {
    compiled = null;
  }
  return new ScriptDeflater();
}

/** {@link startDeflater} on this thread, for one stream after the other. */
export function startPacker(): PiecePacker {
  return packerHere(startDeflater);
}

/** Fails where the engine lacks WebAssembly, or a policy forbids it. */
export function compileDeflater(): Compiled {
  return compileWasmNow(deflateModule);
}

/** An instance, of 2.5 MiB, for one stream. */
export class WasmDeflater implements PieceDeflater, BlockOutput {
  private readonly wasm: Exports;
  private readonly memory: Uint8Array;
  private readonly codes: { readonly literals: Uint32Array; readonly distances: Uint32Array };
  private readonly parts: Uint8Array[] = [];
  private turns: number[] = [];
  /** The block under way: where its bytes are. */
  private at = 0;
  private bytes = 0;

  constructor(module: Compiled) {
    const imports = {
      deflate: {
        writeBlock: (at = 0, end = 0, extraBits = 0, last = 0): void => {
          this.at = at;
          this.bytes = end - at;
          writeBlock(this, { literals, distances, extraBits }, this.bytes, last !== 0);
        },
      },
    };
    this.wasm = instanceOf<Exports>(module, imports);
    const { memory, LITERAL_COUNTS, DISTANCE_COUNTS, LITERAL_CODES, DISTANCE_CODES } = this.wasm;
    const { buffer } = memory;
    this.memory = new Uint8Array(buffer);
    const literals = new Uint16Array(buffer, LITERAL_COUNTS.value, LITERALS);
    const distances = new Uint16Array(buffer, DISTANCE_COUNTS.value, DISTANCES);
    this.codes = {
      literals: new Uint32Array(buffer, LITERAL_CODES.value, LITERALS),
      distances: new Uint32Array(buffer, DISTANCE_CODES.value, DISTANCES),
    };
  }

  skip(piece: Uint8Array): void {
    this.memory.set(piece, this.wasm.PIECE.value);
    this.wasm.skip(piece.length);
  }

  pack(piece: Uint8Array, last: boolean): void {
    this.memory.set(piece, this.wasm.PIECE.value);
    this.wasm.pack(piece.length, last);
    this.take();
  }

  stretch(): Stretch {
    this.turns.push(this.wasm.endBits());
    this.take();
    const bytes = concatBytes(this.parts.splice(0));
    return { bytes, turns: Int32Array.from(this.turns.splice(0)) };
  }

  put(value: number, bits: number): void {
    this.wasm.put(value, bits);
  }

  store(): void {
    this.turns.push(this.wasm.endBits(), this.bytes + STORED_HEAD_BYTES);
    this.wasm.storeBytes(this.at, this.bytes);
  }

  writeSymbols({ literals, literalBits, distances, distanceBits }: Codes): void {
    place(literals, literalBits, this.codes.literals);
    place(distances, distanceBits, this.codes.distances);
    this.wasm.writeSymbols();
  }

  private take(): void {
    const end = this.wasm.take();
    this.parts.push(this.memory.slice(this.wasm.OUTPUT.value, end));
  }
}

function place(codes: Uint16Array, bits: Uint8Array, to: Uint32Array): void {
  for (let symbol = 0; symbol < codes.length; symbol++) to[symbol] = codes[symbol]! | (bits[symbol]! << 16);
}
