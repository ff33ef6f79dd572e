import { createHash } from 'node:crypto';
import { createGzip, constants } from 'node:zlib';
import { contentRoot } from '../../src/core/manifest/digests.js';
import type { Manifest, ManifestFile } from '../../src/core/manifest/manifest.js';
import { writeManifest } from '../../src/core/manifest/writeManifest.js';
import { nodePlatform } from '../../src/platform/node.js';
import { member, sha256Hex, utf8 } from '../vectorgen/raw.js';

/** Bundles that take a while, small enough to be handed to any engine: long runs of zeros, or very many tiny files. */

const BLOCK = 512;

function manifestOf(id: string, files: readonly ManifestFile[]): Uint8Array {
  const manifest: Manifest = {
    dialect: 'countersign',
    schema: 'specular.bundle/v1',
    id,
    version: '1.0.0',
    created: '2026-11-01T09:00:00Z',
    integrityDigest: contentRoot(files, nodePlatform()),
    requiredApprovals: ['pm'],
    metadata: {},
    authors: [],
    tags: [],
    dependencies: [],
    files,
  };
  return writeManifest(manifest);
}

function gzipOf(write: (push: (bytes: Uint8Array) => Promise<void>) => Promise<void>): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    const pieces: Buffer[] = [];
    gzip.on('data', (piece: Buffer) => pieces.push(piece));
    gzip.on('error', reject);
    gzip.on('end', () => resolve(new Uint8Array(Buffer.concat(pieces))));
    const push = (bytes: Uint8Array): Promise<void> =>
      new Promise((done) => void gzip.write(bytes, () => done()));
    write(push).then(() => gzip.end(), reject);
  });
}

/** `count` files of `sizeBytes` zeros (a multiple of 512): long to unpack, short to hand over. */
export async function zeros(count: number, sizeBytes: number): Promise<Uint8Array> {
  const piece = new Uint8Array(1024 * 1024);
  const hash = createHash('sha256');
  for (let at = 0; at < sizeBytes; at += piece.length)
    hash.update(piece.subarray(0, Math.min(piece.length, sizeBytes - at)));
  const sha256 = hash.digest('hex');
  const files = Array.from({ length: count }, (_, index) => ({
    path: `zeros/${String(index).padStart(4, '0')}.bin`,
    size: sizeBytes,
    sha256,
    external: false,
  }));
  const rows = files.map(({ path }) => `${sha256}  ${path}\n`);
  const manifest = manifestOf('example/zeros', files);
  const checksums = utf8([...[`${sha256Hex(manifest)}  manifest.yaml\n`], ...rows].sort(byPath).join(''));
  return gzipOf(async (push) => {
    await push(member('manifest.yaml', manifest));
    for (const { path } of files) {
      await push(headOf(path, sizeBytes));
      for (let at = 0; at < sizeBytes; at += piece.length)
        await push(piece.subarray(0, Math.min(piece.length, sizeBytes - at)));
    }
    await push(member('checksums.txt', checksums));
    await push(new Uint8Array(2 * BLOCK));
  });
}

/** `count` files of a few bytes. */
export async function tiny(count: number): Promise<Uint8Array> {
  const bodies = Array.from({ length: count }, (_, index) => ({
    path: `entries/${String(index % 100).padStart(2, '0')}/${String(index).padStart(6, '0')}.txt`,
    bytes: utf8(`entry ${index}\n`),
  })).sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = bodies.map(({ path, bytes }) => ({
    path,
    size: bytes.length,
    sha256: sha256Hex(bytes),
    external: false,
  }));
  const manifest = manifestOf('example/tiny', files);
  const rows = files.map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  const checksums = utf8([`${sha256Hex(manifest)}  manifest.yaml\n`, ...rows].sort(byPath).join(''));
  return gzipOf(async (push) => {
    await push(member('manifest.yaml', manifest));
    for (const { path, bytes } of bodies) await push(member(path, bytes));
    await push(member('checksums.txt', checksums));
    await push(new Uint8Array(2 * BLOCK));
  });
}

/** Header block alone: the one of a member, with the size that follows it. */
function headOf(path: string, sizeBytes: number): Uint8Array {
  const head = member(path, new Uint8Array(0)).slice(0, BLOCK);
  head.set(utf8(`${sizeBytes.toString(8).padStart(11, '0')}\0`), 124);
  head.fill(0x20, 148, 156);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return head;
}

function byPath(a: string, b: string): number {
  return a.slice(66) < b.slice(66) ? -1 : 1;
}
