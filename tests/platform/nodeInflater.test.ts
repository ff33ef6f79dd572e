import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { sourceOfBytes, type ByteSource } from '../../src/core/bytes/source.js';
import type { verify } from '../../src/index.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { HelperLostError } from '../../src/platform/helper.js';
import { nodePlatform, sourceOfFile } from '../../src/platform/node.js';
import { gunzipBeside, serveInflater } from '../../src/platform/nodeInflater.js';
import { isBuilt, NOW, runApart, runHere } from '../cli/run.js';
import { bundle, pack } from '../vectorgen/bundle.js';
import { loadVectors } from '../vectors.js';

const MIB = 1024 * 1024;
const platform = nodePlatform();
const open: MessagePort[] = [];
afterEach(() => open.splice(0).forEach((port) => port.close()));

/** The thread's side on this thread, with everything that crosses really crossing. */
function beside() {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  serveInflater(port2);
  return { gunzip: gunzipBeside(port1), far: port2 };
}

async function unpacked(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Half noise, half something that packs well: more than is under way at once. */
const plain = Buffer.concat([randomBytes(20 * MIB), Buffer.alloc(40 * MIB, 'abcdefgh'), randomBytes(MIB)]);
const packed = gzipSync(plain, { level: 1 });

function sourceOf(chunks: () => AsyncGenerator<Uint8Array>): ByteSource {
  return { sizeBytes: null, reopenable: true, open: chunks };
}

describe('a stream that is inflated beside the reader', () => {
  it('has the same bytes, one after the other and at the same time', async () => {
    const { gunzip } = beside();
    const small = Buffer.from('small');
    const outputs = await Promise.all([
      unpacked(gunzip(sourceOfBytes(packed))),
      unpacked(gunzip(sourceOfBytes(gzipSync(small), 3))),
    ]);
    expect(outputs[0].equals(plain)).toBe(true);
    expect(outputs[1].equals(small)).toBe(true);
    expect((await unpacked(gunzip(sourceOfBytes(gzipSync(Buffer.alloc(0)))))).length).toBe(0);
  });

  it('is read no further than the reader keeps up with', async () => {
    const { gunzip } = beside();
    let read = 0;
    const stream = gunzip(
      sourceOf(async function* () {
        for (let at = 0; at < packed.length; at += 65_536) {
          read += 1;
          yield packed.subarray(at, at + 65_536);
        }
      }),
    );
    await stream[Symbol.asyncIterator]().next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(read).toBeLessThan(150);
    expect(packed.length / 65_536).toBeGreaterThan(300);
  });

  it.each([
    ['cut short', packed.subarray(0, packed.length - 9)],
    ['with a wrong checksum', Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)])],
    ['with something after its end', Buffer.concat([packed, Buffer.of(0)])],
    ['that is two', Buffer.concat([gzipSync('a'), gzipSync('b')])],
    ['that is none', Buffer.from('no gzip at all')],
    ['that is empty', Buffer.alloc(0)],
  ])('is never whole when it is one %s', async (_, bytes) => {
    await expect(unpacked(beside().gunzip(sourceOfBytes(bytes)))).rejects.toBeInstanceOf(HelperLostError);
  });

  it('tells what went wrong where it is read', async () => {
    const broken = sourceOf(async function* () {
      yield packed.subarray(0, MIB);
      throw new Error('the disk is gone');
    });
    await expect(unpacked(beside().gunzip(broken))).rejects.toThrow('the disk is gone');
  });

  it('lets go of the source when the reader stops', async () => {
    let closed = false;
    const stream = beside().gunzip(
      sourceOf(async function* () {
        try {
          for (let at = 0; ; at = (at + 65_536) % packed.length) yield packed.subarray(at, at + 65_536);
        } finally {
          closed = true;
        }
      }),
    );
    for await (const chunk of stream) if (chunk.length > 0) break;
    expect(closed).toBe(true);
  });

  it('is given up when the thread ends, then and later', async () => {
    const { gunzip, far } = beside();
    const stream = gunzip(sourceOfBytes(packed));
    const reading = (async () => {
      for await (const chunk of stream) if (chunk.length > 0) far.close();
    })();
    await expect(reading).rejects.toBeInstanceOf(HelperLostError);
    await expect(unpacked(gunzip(sourceOfBytes(packed)))).rejects.toBeInstanceOf(HelperLostError);
  });
});

describe('a verdict', () => {
  it('is the same with its help, for every vector', async () => {
    const alone = createInlineEngine(platform, { withoutControls: true });
    const { gunzip } = beside();
    let helped = 0;
    const withHelp = createInlineEngine(platform, {
      withoutControls: true,
      helped: async () => {
        helped += 1;
        return { ...platform, gunzip };
      },
    });
    const vectors = loadVectors();
    for (const { name, request } of vectors)
      expect(await withHelp.verify(request), name).toEqual(await alone.verify(request));
    expect(helped).toBeGreaterThanOrEqual(vectors.length);
  });
});

const inputsOf = (json: string): unknown => (JSON.parse(json) as { inputs: unknown }).inputs;

describe('the built program and library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-inflater-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('say of a large bundle, and of a damaged one, what is said without a thread', async () => {
    if (!isBuilt()) return console.warn('NOT RUN: the program is not built');
    const library = (await import(pathToFileURL('dist/index.js').href)) as { verify: typeof verify };
    const noise = randomBytes(6 * MIB).toString('base64');
    const bytes = pack(
      bundle({ files: Object.fromEntries([0, 1, 2, 3].map((n) => [`${n}.txt`, `${n}${noise}`])) }),
    );
    expect(bytes.length).toBeGreaterThan(17 * MIB);
    const damaged = Uint8Array.from(bytes);
    damaged[damaged.length - 6]! ^= 1;
    for (const [name, content] of [
      ['whole', bytes],
      ['damaged', damaged],
      ['cut', bytes.subarray(0, -1000)],
    ] as const) {
      const path = join(folder, `${name}.sbundle.tgz`);
      writeFileSync(path, content);
      const argv = ['verify', path, '--json', '--now', NOW];
      const [apart, here] = [await runApart(argv), await runHere(argv)];
      expect(apart.code, name).toBe(here.code);
      expect(inputsOf(apart.out), name).toEqual(inputsOf(here.out));
      const report = await library.verify({ name: path, data: sourceOfFile(path) }, { now: NOW });
      expect(report.inputs, name).toEqual(inputsOf(here.out));
    }
  }, 240_000);
});
