import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import {
  bundleOrder,
  writeArchiveStream,
  type ArchiveStreamInput,
} from '../../src/core/archive/writeArchive.js';
import { writeChecksums } from '../../src/core/manifest/checksums.js';
import { contentRoot } from '../../src/core/manifest/digests.js';
import type { ManifestFile } from '../../src/core/manifest/manifest.js';
import { writeManifest } from '../../src/core/manifest/writeManifest.js';
import { nodePlatform } from '../../src/platform/node.js';

/** Raise it when anything here changes what is written: old files are then made again. */
const GENERATION = 1;
const KIB = 1024;
const MIB = 1024 * KIB;
const MB = 1_000_000;
const CHUNK = 256 * KIB;

/** Names of the inputs, as `--sizes` takes them. */
export const sizes = ['1mb', '100mb', '1gb', '1gib-file', '100k-tiny'] as const;
export type Size = (typeof sizes)[number];

export const titles: Readonly<Record<Size, string>> = {
  '1mb': '1 MB, 30 files',
  '100mb': '100 MB, 2,000 files',
  '1gb': '1 GB, 10,000 files',
  '1gib-file': '1 GiB in one file',
  '100k-tiny': '100,000 tiny files',
};

/** One bundle on disk and what every contender has to find in it. */
export interface Input {
  readonly size: Size;
  readonly path: string;
  readonly packedBytes: number;
  /** Bytes of the tar. */
  readonly unpackedBytes: number;
  readonly files: number;
  /** `sha256:<hex>`. */
  readonly contentRoot: string;
}

interface Plan {
  readonly path: string;
  readonly size: number;
  readonly random: boolean;
  readonly seed: number;
}

/** The input of this size, from the cache or made now: the same bytes on every machine. */
export async function inputOf(size: Size): Promise<Input> {
  const folder = join(tmpdir(), `countersign-bench-${GENERATION}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${size}.sbundle.tgz`);
  const facts = join(folder, `${size}.json`);
  if (existsSync(facts)) {
    const input = JSON.parse(readFileSync(facts, 'utf8')) as Input;
    if (existsSync(path) && statSync(path).size === input.packedBytes) return input;
  }
  const input = await make(size, path);
  writeFileSync(facts, JSON.stringify(input));
  return input;
}

/** The bundle with one byte of its last file's content changed before packing: no contender may pass it. */
export async function changedInput(): Promise<string> {
  const path = join(tmpdir(), `countersign-bench-${GENERATION}`, 'changed.sbundle.tgz');
  if (!existsSync(path)) await write(planOf('1mb'), path, true);
  return path;
}

async function make(size: Size, path: string): Promise<Input> {
  console.error(`Making ${titles[size]} …`);
  const { root, unpackedBytes, files } = await write(planOf(size), path, false);
  return { size, path, packedBytes: statSync(path).size, unpackedBytes, files, contentRoot: root };
}

function planOf(size: Size): readonly Plan[] {
  switch (size) {
    case '1mb':
      return spread(30, MB, 11, 0.9 * MB);
    case '100mb':
      return spread(2_000, 100 * MB, 12, 8 * MB);
    case '1gb':
      return spread(10_000, 1_000 * MB, 13, 60 * MB);
    case '1gib-file':
      return [{ path: 'data/evidence.log', size: 1024 * MIB, random: false, seed: 14 }];
    case '100k-tiny':
      return spread(100_000, 40 * MB, 15, 2 * KIB);
  }
}

/** Sizes with a long tail, as folders of evidence have them; about one file in five does not compress. */
function spread(count: number, totalBytes: number, seed: number, bytesMax: number): Plan[] {
  const next = randomNumbers(seed);
  const weights = Array.from({ length: count }, () => {
    const normal = (next() + next() + next() + next() - 2) * Math.sqrt(3);
    return Math.exp(1.1 * normal);
  });
  const scale = totalBytes / weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, i) => ({
    path: `evidence/area-${String(i % 97).padStart(2, '0')}/item-${String(i).padStart(6, '0')}.${i % 5 === 0 ? 'bin' : 'yaml'}`,
    size: Math.min(bytesMax, Math.max(24, Math.round(weight * scale))),
    random: i % 5 === 0,
    seed: seed * 1_000_003 + i,
  }));
}

interface Written {
  readonly root: string;
  readonly unpackedBytes: number;
  readonly files: number;
}

async function write(plans: readonly Plan[], path: string, changed: boolean): Promise<Written> {
  const files: ManifestFile[] = plans.map((plan) => ({
    path: plan.path,
    size: plan.size,
    sha256: digestOf(plan),
    external: false,
  }));
  const root = contentRoot(files, nodePlatform());
  const manifest = writeManifest({
    dialect: 'countersign',
    schema: 'specular.bundle/v1',
    id: 'acme/bench',
    version: '1.0.0',
    integrityDigest: root,
    requiredApprovals: [],
    metadata: {},
    authors: [],
    tags: [],
    dependencies: [],
    files,
  });
  const digests = files.map((file) => ({ path: file.path, size: file.size!, sha256: file.sha256! }));
  const manifestSha256 = createHash('sha256').update(manifest).digest('hex');
  const checksums = writeChecksums([
    ...digests,
    { path: 'manifest.yaml', size: manifest.length, sha256: manifestSha256 },
  ]);
  const bodies = new Map<string, ArchiveStreamInput>(
    plans.map((plan) => [plan.path, { path: plan.path, size: plan.size, chunks: content(plan) }]),
  );
  for (const [name, bytes] of [
    ['manifest.yaml', manifest],
    ['checksums.txt', checksums],
  ] as const)
    bodies.set(name, { path: name, size: bytes.length, chunks: [bytes] });
  const last = plans.at(-1)!;
  if (changed)
    bodies.set(last.path, { path: last.path, size: last.size, chunks: withOneChanged(content(last)) });
  const ordered = bundleOrder(bodies.keys()).map((name) => bodies.get(name)!);
  await save(writeArchiveStream(ordered), path);
  const blocks = (bytes: number): number => 512 + 512 * Math.ceil(bytes / 512);
  const unpackedBytes = ordered.reduce((sum, { size }) => sum + blocks(size), 1024);
  return { root, unpackedBytes, files: plans.length };
}

async function save(pieces: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const out = createWriteStream(`${path}.part`);
  for await (const piece of pieces) if (!out.write(piece)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  renameSync(`${path}.part`, path);
}

function digestOf(plan: Plan): string {
  const hash = createHash('sha256');
  for (const chunk of content(plan)) hash.update(chunk);
  return hash.digest('hex');
}

/** Cut out of two long pools at places that never repeat within a window of deflate. */
function* content({ size, random, seed }: Plan): Generator<Uint8Array> {
  const next = randomNumbers(seed);
  for (let left = size; left > 0;) {
    const length = Math.min(left, CHUNK);
    const pool = random || (size > 64 * MIB && next() < 0.4) ? noisePool() : textPool();
    const at = Math.floor(next() * (pool.length - length));
    yield pool.subarray(at, at + length);
    left -= length;
  }
}

function* withOneChanged(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let first = true;
  for (const chunk of chunks) {
    const copy = chunk.slice();
    if (first) copy[0] = copy[0]! ^ 1;
    first = false;
    yield copy;
  }
}

const POOL = 8 * MIB;
let text: Uint8Array | undefined;
let noise: Uint8Array | undefined;

/** Text like the YAML and JSON of governance evidence. */
function textPool(): Uint8Array {
  if (text) return text;
  const next = randomNumbers(1);
  const words = [
    'approved',
    'control',
    'deny',
    'encryption',
    'evidence',
    'owner',
    'policy',
    'region',
    'retention',
    'risk',
    'service',
    'waiver',
  ];
  const word = (): string => words[Math.floor(next() * words.length)]!;
  const lines: string[] = [];
  for (let bytes = 0; bytes < POOL;) {
    const line = `  - id: ${word()}-${Math.floor(next() * 1e6)}\n    ${word()}: "${word()} ${word()} ${Math.floor(next() * 1e9).toString(36)}"\n    digest: ${Math.floor(next() * 2 ** 48).toString(16)}\n`;
    lines.push(line);
    bytes += line.length;
  }
  return (text = new TextEncoder().encode(lines.join('')).subarray(0, POOL));
}

function noisePool(): Uint8Array {
  if (noise) return noise;
  noise = new Uint8Array(POOL);
  const next = randomNumbers(2);
  for (let i = 0; i < POOL; i++) noise[i] = next() * 256;
  return noise;
}

/** mulberry32: 0 to 1, the same sequence for one seed everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
