import { randomBytes } from 'node:crypto';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import { toHex } from '../../src/core/bytes/hex.js';
import type { Platform } from '../../src/core/bytes/platform.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { RemoteHasher, serveHasher, withRemoteHasher, type HashPort } from '../../src/platform/hasher.js';
import { HelperLostError } from '../../src/platform/helper.js';
import { nodePlatform } from '../../src/platform/node.js';
import { loadVectors } from '../vectors.js';
import { vectorRequest } from './requests.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const platform = nodePlatform();
const alone = createInlineEngine(platform, { withoutControls: true });
const open: MessagePort[] = [];

/** One end of a channel, as a page sees a worker. */
function portOf(port: MessagePort): HashPort & EventTarget {
  const target = new EventTarget();
  port.on('message', (data) => target.dispatchEvent(new MessageEvent('message', { data: data as unknown })));
  open.push(port);
  return Object.assign(target, {
    postMessage: (message: unknown, transfer: ArrayBuffer[]) => port.postMessage(message, transfer),
  });
}

function remoteHasher(serving: Promise<Platform> = Promise.resolve(platform)): {
  remote: RemoteHasher;
  worker: EventTarget;
} {
  const { port1, port2 } = new MessageChannel();
  serveHasher(portOf(port2), serving);
  const worker = portOf(port1);
  return { remote: new RemoteHasher(worker, async () => platform.yieldToEvents?.()), worker };
}

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

describe('hashing in a second worker', () => {
  it('gives the digests that are given here, for files of every size and for streams between them', async () => {
    const { remote } = remoteHasher();
    const files = [0, 1, 55, 4 * KIB, 64 * KIB, MIB - 1, MIB, MIB + 1, 3 * MIB].flatMap((size) => [
      randomBytes(size),
      randomBytes(size + 7),
    ]);
    const streams = [remote.createSha256(), remote.createSha256()];
    const wholes = files.map((bytes, i) => {
      streams[i % 2]!.update(bytes);
      return remote.sha256(bytes);
    });
    const found = (await Promise.all(wholes)).map(toHex);
    expect(found).toEqual(files.map((bytes) => toHex(platform.sha256Sync(bytes))));
    for (const [n, stream] of streams.entries()) {
      const own = platform.createSha256();
      files.forEach((bytes, i) => i % 2 === n && own.update(bytes));
      expect(toHex(await stream.digest())).toBe(toHex(await own.digest()));
    }
  });

  it('collects files that come in pieces, while batches go and others are asked for', async () => {
    const { remote } = remoteHasher();
    const sizes = [
      0,
      5,
      100 * KIB,
      256 * KIB,
      256 * KIB + 1,
      200 * KIB,
      250 * KIB,
      255 * KIB,
      240 * KIB,
      3 * MIB,
    ];
    for (const paused of [false, true]) {
      const files = sizes.map((size) => randomBytes(size));
      const found: Promise<Uint8Array>[] = [];
      for (const bytes of files) {
        const collected = remote.collectSha256(bytes.length);
        for (let at = 0; at < bytes.length; at += 70 * KIB) {
          const piece = Uint8Array.from(bytes.subarray(at, at + 70 * KIB));
          collected.update(piece);
          // A piece does not last.
          piece.fill(0);
          // Time for what is complete to go over with this one half-way.
          if (paused) await new Promise((resolve) => setTimeout(resolve, 2));
          if (at === 0) found.push(remote.sha256(Uint8Array.of(1)));
        }
        found.push(collected.digest());
      }
      const wanted = files.flatMap((bytes) => (bytes.length === 0 ? [bytes] : [Uint8Array.of(1), bytes]));
      expect((await Promise.all(found)).map(toHex)).toEqual(
        wanted.map((bytes) => toHex(platform.sha256Sync(bytes))),
      );
    }
  });

  it('hashes many small messages in one call, between files', async () => {
    const { remote } = remoteHasher();
    const messages = Array.from({ length: 700 }, (_, i) => randomBytes((i * 37) % 300));
    const digests = remote.sha256Many(
      concatBytes(messages),
      messages.map(({ length }) => length),
    );
    const file = remote.sha256(Uint8Array.of(1));
    const wanted = concatBytes(messages.map((bytes) => platform.sha256Sync(bytes)));
    expect(toHex(await digests)).toBe(toHex(wanted));
    expect(toHex(await file)).toBe(toHex(platform.sha256Sync(Uint8Array.of(1))));
  });

  it('sends small messages in no more room than they take', () => {
    const sent: ArrayBuffer[] = [];
    const remote = new RemoteHasher(
      { postMessage: (_, transfer) => void sent.push(...transfer), addEventListener: () => undefined },
      () => Promise.resolve(),
    );
    const room = randomBytes(100);
    for (let i = 0; i < 50; i++) void remote.sha256Many(room.subarray(0, 30), [10, 20]);
    expect(sent.map(({ byteLength }) => byteLength)).toEqual(Array<number>(50).fill(30));
  });

  it('goes on after a reading that was given up within a file', async () => {
    const { remote } = remoteHasher();
    const before = remote.sha256(Uint8Array.of(1));
    const givenUp = remote.collectSha256(1000);
    givenUp.update(new Uint8Array(500));
    remote.begin();
    const next = remote.collectSha256(3);
    next.update(Uint8Array.of(1, 2, 3));
    givenUp.update(new Uint8Array(500));
    await expect(givenUp.digest()).rejects.toBeInstanceOf(HelperLostError);
    const digests = [await before, await next.digest()].map(toHex);
    expect(digests).toEqual(
      [Uint8Array.of(1), Uint8Array.of(1, 2, 3)].map((one) => toHex(platform.sha256Sync(one))),
    );
  });

  it('holds the reader back while too much waits over there', async () => {
    let begin: (platform: Platform) => void = () => undefined;
    const { remote } = remoteHasher(new Promise((resolve) => (begin = resolve)));
    const digests = Array.from({ length: 40 }, () => remote.sha256(new Uint8Array(MIB)));
    let caughtUp = false;
    const waiting = remote.keepUp().then(() => (caughtUp = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(caughtUp).toBe(false);
    begin(platform);
    await waiting;
    expect(new Set((await Promise.all(digests)).map(toHex)).size).toBe(1);
  });

  it('refuses every digest that is owed when the worker dies, and all later ones', async () => {
    const { remote, worker } = remoteHasher(new Promise(() => undefined));
    const stream = remote.createSha256();
    stream.update(new Uint8Array(3 * MIB));
    const owed = [
      remote.sha256(new Uint8Array(5)),
      remote.sha256(new Uint8Array(2 * MIB)),
      remote.sha256Many(new Uint8Array(5), [2, 3]),
      stream.digest(),
    ];
    const outcomes = owed.map((each) => Promise.resolve(each).catch((error: unknown) => error));
    worker.dispatchEvent(new Event('error'));
    for (const outcome of await Promise.all(outcomes)) expect(outcome).toBeInstanceOf(HelperLostError);
    await expect(remote.sha256(new Uint8Array(5))).rejects.toBeInstanceOf(HelperLostError);
    expect(remote.isLost).toBe(true);
    await remote.keepUp();
  });

  it('is lost when hashing fails over there', async () => {
    const failing = Promise.reject<Platform>(new Error('no memory'));
    failing.catch(() => undefined);
    const { remote } = remoteHasher(failing);
    await expect(remote.sha256(new Uint8Array(5))).rejects.toBeInstanceOf(HelperLostError);
  });

  it('changes no report when it is lost', async () => {
    const request = vectorRequest(['valid/fifty-files']);
    const { remote, worker } = remoteHasher(new Promise(() => undefined));
    let asked = 0;
    const helped = createInlineEngine(platform, {
      withoutControls: true,
      helped: () => {
        asked += 1;
        setTimeout(() => worker.dispatchEvent(new Event('error')), 20);
        return Promise.resolve(withRemoteHasher(platform, remote, 1));
      },
    });
    expect(await helped.verify(request)).toEqual(await alone.verify(request));
    expect(asked).toBe(1);
    expect(remote.isLost).toBe(true);
  });

  it('changes no report of any vector', async () => {
    const { remote } = remoteHasher();
    const helped = createInlineEngine(platform, {
      withoutControls: true,
      helped: () => Promise.resolve(withRemoteHasher(platform, remote, 1)),
    });
    const vectors = loadVectors();
    expect(vectors.length).toBeGreaterThan(400);
    for (const { name, request } of vectors)
      expect({ name, report: await helped.verify(request) }).toEqual({
        name,
        report: await alone.verify(request),
      });
    expect(remote.isLost).toBe(false);
  }, 120_000);
});
