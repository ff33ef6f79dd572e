import { crc32 } from 'node:zlib';
import {
  checkGzipTrailer,
  GZIP_TRAILER_BYTES,
  gunzipExactly,
  gzipHeaderBytes,
} from '../../src/core/archive/gzip.js';
import { Inflater } from '../../src/core/archive/inflate.js';
import { checkPath } from '../../src/core/archive/path.js';
import { TarReader, type TarSink } from '../../src/core/archive/tar.js';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import { GunzipError } from '../../src/core/bytes/platform.js';
import { sourceOfBytes } from '../../src/core/bytes/source.js';
import type { Finding } from '../../src/core/generated/report.js';
import { limitsProfiles } from '../../src/core/limits.js';
import { nodePlatform } from '../../src/platform/node.js';
import { compileInflater, gunzipByWasm, WasmInflater } from '../../src/platform/wasmInflater.js';
import { demand, outcomeOf, type Outcome } from './broken.js';
import { naiveFiles } from './naiveTar.js';
import type { Random } from './random.js';
import { repairGzip, repairTar, UNPACKED_MAX, zlibInflate } from './repair.js';
import {
  bundledFiles,
  distinctBytes,
  fromBase64,
  inputOf,
  otherBundles,
  sharedFiles,
  sharedJson,
  unpacked,
  vectors,
} from './seeds.js';
import { plain, target } from './target.js';

// --- tar -------------------------------------------------------------------------------------------------------

interface Listed {
  readonly path: string;
  readonly size: number;
  /** Where the body begins in the input, when it came in one piece. */
  at: number;
}

class Listing implements TarSink {
  readonly files: Listed[] = [];
  readonly directories: string[] = [];
  readonly findings: Finding[] = [];
  private left = -1;

  startFile(path: string, size: number): void {
    demand(this.left === -1, 'a file begins inside another');
    demand(checkPath(path) === null, 'a path is listed that the path rules refuse');
    this.files.push({ path, size, at: -1 });
    this.left = size;
  }

  body(bytes: Uint8Array): void {
    const file = this.files.at(-1)!;
    if (this.left === file.size) file.at = bytes.byteOffset;
    this.left -= bytes.length;
    demand(this.left >= 0, 'a body is longer than its size');
  }

  endFile(): void {
    demand(this.left === 0, 'a body is shorter than its size');
    this.left = -1;
  }

  directory(path: string): void {
    this.directories.push(path);
  }

  report(finding: Finding): void {
    this.findings.push(finding);
  }
}

const limits = limitsProfiles.default;

function list(bytes: Uint8Array, random: Random | null): Listing & { readonly ended: boolean } {
  const listing = new Listing();
  const reader = new TarReader(limits, listing);
  if (random === null) reader.push(bytes);
  else {
    for (let at = 0; at < bytes.length;) {
      const length = 1 + random.below(random.oneIn(2) ? 700 : 5000);
      reader.push(bytes.subarray(at, at + length));
      at += length;
    }
  }
  reader.finish();
  return Object.assign(listing, { ended: reader.state === 'ended' });
}

function text({ files, directories, findings }: Listing): string {
  return JSON.stringify([files.map(({ path, size }) => [path, size]), directories, findings]);
}

function runTar(bytes: Uint8Array, _context: null, random: Random): Outcome {
  // A view of the shared pool would not begin at 0.
  const whole = bytes.byteOffset === 0 ? bytes : bytes.slice();
  const listing = list(whole, null);
  const accepted = listing.ended && !listing.findings.some(({ severity }) => severity === 'error');
  if (accepted) {
    const naive = naiveFiles(whole);
    demand(naive.length === listing.files.length, 'a plain reader sees another number of files');
    listing.files.forEach(({ path, size, at }, i) => {
      const other = naive[i]!;
      const same = path === other.path && size === other.size && (size === 0 || at === other.at);
      demand(same, `a plain reader sees ${other.path} where this one sees ${path}`);
    });
    const names = [...listing.files.map(({ path }) => path), ...listing.directories];
    demand(new Set(names).size === names.length, 'a name is listed twice');
  }
  if (random.oneIn(8))
    demand(text(list(whole, random)) === text(listing), 'what is told depends on where chunks end');
  return outcomeOf(accepted, listing.findings);
}

interface GoFuzz {
  readonly file: string;
  readonly b64?: string;
}

function tarSeeds(): Uint8Array[] {
  const fuzzed = sharedJson<GoFuzz[]>([], 'corpora', 'tar', 'reader-differential.json');
  const bundles = [...vectors().map(inputOf), ...otherBundles()].map(unpacked);
  return distinctBytes([
    ...sharedFiles(/\.tar$/, 'corpora', 'tar'),
    ...fuzzed.flatMap(({ b64 }) => (b64 === undefined ? [] : [fromBase64(b64)])),
    ...bundles.flatMap((tar) => (tar === null ? [] : [tar])),
  ]);
}

export const tar = target({
  name: 'tar',
  what:
    'the tar reader; what it accepts, a second, plain reader lists alike; the answer does not depend on where ' +
    'chunks end; names are unique and within the path rules',
  text: false,
  dictionary: [
    ...['ustar\x0000', 'ustar  \0', '0000644\0', '00000000000\0', '00000001000\0', '\x80\0\0\0\0\0\0\x10'],
    ...[
      'manifest.yaml',
      'approvals/',
      '../',
      '/',
      'path=',
      '30 path=',
      '11 size=1\n',
      'GNU.sparse.major=1\n',
    ],
    ...['0', '5', 'x', 'g', 'L', '1', '2', 'K', 'S', '\0', '\x7f', '\u00e9', 'e\u0301', 'CON', 'a:b', '\\'],
  ],
  seeds: () => plain(tarSeeds()),
  repair: repairTar,
  run: runTar,
});

// --- gzip ------------------------------------------------------------------------------------------------------

type Unpacked = { readonly output: Uint8Array } | { readonly problem: string };

/** {@link gunzipExactly} without its promises, which would be most of the time. */
function gunzip(bytes: Uint8Array, random: Random | null): Unpacked {
  try {
    const header = gzipHeaderBytes(bytes);
    if (header === 0) return { problem: bytes.length === 0 ? 'empty' : 'ends-early' };
    const inflater = new Inflater();
    const parts: Uint8Array[] = [];
    let size = 0;
    let at = header;
    while (at < bytes.length && !inflater.done && !inflater.damaged) {
      const end = random === null ? bytes.length : Math.min(bytes.length, at + 1 + random.below(300));
      for (const piece of inflater.push(bytes.subarray(at, end))) {
        parts.push(piece);
        size += piece.length;
        if (size > UNPACKED_MAX) return { problem: 'longer than is looked at here' };
      }
      at = end;
    }
    if (inflater.damaged) return { problem: 'damaged' };
    if (!inflater.done) return { problem: 'ends-early' };
    const output = concatBytes(parts);
    const tail = concatBytes([inflater.rest(), bytes.subarray(at)]);
    checkGzipTrailer(tail, bytes.length - tail.length, crc32(output), output.length);
    return { output };
  } catch (error) {
    if (error instanceof GunzipError) return { problem: error.problem };
    throw error;
  }
}

const wasm = new WasmInflater(await compileInflater());

/** The inflater in WebAssembly, the same one for every input. null when it refuses. */
function wasmGunzip(bytes: Uint8Array, random: Random | null): Uint8Array | null {
  let at: number;
  try {
    at = gzipHeaderBytes(bytes);
  } catch {
    return null;
  }
  if (at === 0) return null;
  wasm.begin();
  const parts: Uint8Array[] = [];
  while (at < bytes.length && !wasm.damaged && wasm.rest === null) {
    const end = random === null ? bytes.length : Math.min(bytes.length, at + 1 + random.below(300));
    for (const piece of wasm.push(bytes.subarray(at, end))) parts.push(piece.slice());
    at = end;
  }
  if (wasm.damaged || wasm.rest === null) return null;
  return wasm.accepts(concatBytes([wasm.rest, bytes.subarray(at)])) ? concatBytes(parts) : null;
}

/** zlib under the plainest framing: header as ours, the rest by the book. */
function zlibAccepts(bytes: Uint8Array): Uint8Array | null {
  let header: number;
  try {
    header = gzipHeaderBytes(bytes);
  } catch {
    return null;
  }
  if (header === 0) return null;
  const inflated = zlibInflate(bytes.subarray(header));
  if (inflated === null || header + inflated.used + GZIP_TRAILER_BYTES !== bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const right =
    view.getUint32(0, true) === crc32(inflated.output) && view.getUint32(4, true) === inflated.output.length;
  return right ? inflated.output : null;
}

function agree(a: Uint8Array | null, b: Uint8Array | null, who: string): void {
  demand((a === null) === (b === null), `${who}: one accepts, the other refuses`);
  demand(a === null || b === null || Buffer.compare(a, b) === 0, `${who}: they unpack other bytes`);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Unpacked> {
  const parts: Uint8Array[] = [];
  try {
    for await (const chunk of chunks) parts.push(chunk.slice());
    return { output: concatBytes(parts) };
  } catch (error) {
    if (error instanceof GunzipError) return { problem: error.problem };
    throw error;
  }
}

const platform = nodePlatform();
const streamed = await gunzipByWasm();

/** The streaming readers that the program uses, in small and in large pieces. */
async function compareStreams(bytes: Uint8Array, ours: Unpacked, random: Random): Promise<void> {
  const source = sourceOfBytes(bytes, random.oneIn(2) ? 1 + random.below(100) : 65_536);
  const exact = await collect(gunzipExactly(source));
  const node = await collect(platform.gunzip(source));
  const plainOutput = 'output' in ours ? ours.output : null;
  agree(plainOutput, 'output' in exact ? exact.output : null, 'streamed and at once');
  agree(plainOutput, 'output' in node ? node.output : null, 'own inflater and zlib, streamed');
  demand(streamed !== null, 'WebAssembly with 128-bit SIMD does not run here');
  const byWasm = await collect(streamed(source));
  agree(plainOutput, 'output' in byWasm ? byWasm.output : null, 'own inflater and WebAssembly, streamed');
  if ('problem' in exact && 'problem' in ours)
    demand(exact.problem === ours.problem, `streamed: ${exact.problem}, at once: ${ours.problem}`);
}

function runGzip(bytes: Uint8Array, _context: null, random: Random): Outcome | Promise<Outcome> {
  const ours = gunzip(bytes, random.oneIn(4) ? random : null);
  const tooLong = 'problem' in ours && ours.problem.startsWith('longer');
  if (!tooLong) {
    const output = 'output' in ours ? ours.output : null;
    agree(output, zlibAccepts(bytes), 'own inflater and zlib');
    agree(output, wasmGunzip(bytes, random.oneIn(2) ? random : null), 'own inflater and WebAssembly');
  }
  const outcome: Outcome = 'output' in ours ? 'accepted' : `refused: ${ours.problem}`;
  if (tooLong || !random.oneIn(256)) return outcome;
  return compareStreams(bytes, ours, random).then(() => outcome);
}

interface GzipCase {
  readonly gzip_b64?: string;
  readonly b64?: string;
}

function gzipSeeds(): Uint8Array[] {
  const cases = ['go-gunzip.json', 'go-fuzz.json'].flatMap((name) =>
    sharedJson<GzipCase[]>([], 'corpora', 'gzip', name),
  );
  // What unpacks to much is mostly one long copy: it takes the time of hundreds and shows nothing more.
  const quick = (bytes: Uint8Array): boolean => {
    const ours = gunzip(bytes, null);
    return 'output' in ours ? ours.output.length <= 48 * 1024 : !ours.problem.startsWith('longer');
  };
  const all = distinctBytes([
    ...cases.map((one) => fromBase64(one.gzip_b64 ?? one.b64 ?? '')),
    ...sharedFiles(/\.t?gz$/, 'corpora', 'gzip'),
    ...vectors().map(inputOf),
    ...otherBundles(),
    ...bundledFiles().flatMap(({ bytes }) => (bytes[0] === 0x1f && bytes[1] === 0x8b ? [bytes] : [])),
  ]);
  return all.filter(quick);
}

export const gzip = target({
  name: 'gzip',
  what:
    'the gzip framing, the own inflater and the one in WebAssembly; accepted exactly where zlib under the same ' +
    'framing accepts, with the same bytes, however the input is cut; every 256th input through the three streaming ' +
    'readers, too',
  text: false,
  dictionary: ['\x1f\x8b\x08', '\x1f\x8b\x08\0\0\0\0\0\0\xff', '\0\0\xff\xff', '\x03\0', '\x01\0\0\xff\xff'],
  seeds: () => plain(gzipSeeds()),
  repair: repairGzip,
  run: runGzip,
});
