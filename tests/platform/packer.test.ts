import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import { writeArchive, writeArchiveStream } from '../../src/core/archive/writeArchive.js';
import { PackerLostError, servePacker, SharedPacker, type PackPort } from '../../src/platform/packer.js';

const open: MessagePort[] = [];
afterEach(() => open.splice(0).forEach((port) => port.close()));

function portOf(port: MessagePort): PackPort {
  open.push(port);
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    listen(onMessage, onLost) {
      port.on('message', onMessage);
      port.on('close', onLost);
    },
  };
}

/** Packers on this thread, with everything that crosses really crossing. */
function packers(count: number): { packer: SharedPacker; far: MessagePort[] } {
  const channels = Array.from({ length: count }, () => new MessageChannel());
  for (const { port2 } of channels) servePacker(portOf(port2));
  return {
    packer: new SharedPacker(channels.map(({ port1 }) => portOf(port1))),
    far: channels.map(({ port2 }) => port2),
  };
}

/** Text and noise, longer than what is under way at once. */
function entries(megabytes: number) {
  const piece = Uint8Array.from({ length: 1024 * 1024 }, (_, at) =>
    at % 2 === 0 ? (at * 31) & 63 : Math.imul(at, 2_654_435_761) >>> 24,
  );
  return Array.from({ length: megabytes }, (_, n) => ({ path: `f${n}`, bytes: piece.subarray(n * 7) }));
}

async function packed(packer: SharedPacker, files: ReturnType<typeof entries>): Promise<Uint8Array> {
  const out: Uint8Array[] = [];
  const given = files.map(({ path, bytes }) => ({ path, size: bytes.length, chunks: [bytes] }));
  for await (const chunk of writeArchiveStream(given, packer)) out.push(chunk);
  return concatBytes(out);
}

it.each([1, 2, 3])('gives the same bytes with %i packers, one stream after the other', async (count) => {
  const { packer } = packers(count);
  for (const files of [entries(5), [], entries(1)])
    expect(Buffer.compare(await packed(packer, files), writeArchive(files))).toBe(0);
});

it.each([1, 3])(
  'packs the next stream with %i packers after one that was given up half-way',
  async (count) => {
    const { packer } = packers(count);
    const broken = [...entries(7), { path: 'shorter', bytes: new Uint8Array(9) }].map(({ path, bytes }) => ({
      path,
      size: path === 'shorter' ? 10 : bytes.length,
      chunks: [bytes],
    }));
    const giveUp = async (): Promise<void> => {
      for await (const chunk of writeArchiveStream(broken, packer)) expect(chunk).toBeDefined();
    };
    await expect(giveUp()).rejects.toThrow('changed its length');
    for (const files of [entries(2), []])
      expect(Buffer.compare(await packed(packer, files), writeArchive(files))).toBe(0);
  },
);

it('refuses everything once a packer is lost', async () => {
  const { packer, far } = packers(2);
  const running = packed(packer, entries(5));
  far[1]!.close();
  await expect(running).rejects.toThrow(PackerLostError);
  await expect(packed(packer, entries(1))).rejects.toThrow(PackerLostError);
});
