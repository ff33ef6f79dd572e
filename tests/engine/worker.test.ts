import { expose } from 'comlink';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../src/core/generated/report.js';
import type { Progress, VerifyRequest } from '../../src/engine/engine.js';
import { hostEngine } from '../../src/engine/host.js';
import { createInlineEngine, type InlineEngine } from '../../src/engine/inline.js';
import { startSeat, WorkerLostError } from '../../src/engine/seat.js';
import { createWorkerEngine } from '../../src/engine/worker.js';
import { nodePlatform } from '../../src/platform/node.js';
import { describeReport, vectorRequest } from './requests.js';

/** A Worker over a channel: what it exposes runs in this thread, everything crosses by structured clone. */
class FakeWorker extends EventTarget {
  static engine: () => Promise<InlineEngine> = () => Promise.reject(new Error('not set'));
  static readonly all: FakeWorker[] = [];
  readonly #inside: MessagePort;
  readonly #outside: MessagePort;
  terminated = false;

  constructor() {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#outside = port1;
    this.#inside = port2;
    port1.on('message', (data: unknown) => this.dispatchEvent(new MessageEvent('message', { data })));
    expose(
      hostEngine(FakeWorker.engine(), () => performance.now()),
      port2 as never,
    );
    FakeWorker.all.push(this);
  }

  postMessage(message: unknown, transfer: readonly MessagePort[] = []): void {
    if (!this.terminated) this.#outside.postMessage(message, transfer);
  }

  terminate(): void {
    this.terminated = true;
    this.#outside.close();
    this.#inside.close();
  }

  crash(): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
  }
}

async function realEngine(): Promise<InlineEngine> {
  return createInlineEngine(nodePlatform(), { withoutControls: true });
}

/** Never answers a reading: the state in which a person presses Cancel. */
async function stuckEngine(): Promise<InlineEngine> {
  const never = new Promise<never>(() => undefined);
  return { ...(await realEngine()), verify: () => never, read: () => never, runControls: () => never };
}

const neverInline = (): Promise<InlineEngine> =>
  Promise.reject(new Error('the inline engine must not be used here'));
const engines: { close(): void }[] = [];

function workerEngine(fallback = neverInline): ReturnType<typeof createWorkerEngine> {
  const engine = createWorkerEngine(() => startSeat('text of the worker'), fallback);
  engines.push(engine);
  return engine;
}

beforeEach(() => {
  FakeWorker.engine = realEngine;
  FakeWorker.all.length = 0;
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
  vi.unstubAllGlobals();
});

describe('the engine in workers', () => {
  const one = vectorRequest(['valid/smallest']);
  const many = vectorRequest([
    'valid/smallest',
    'valid/fifty-files',
    'valid/one-file',
    'valid/salts',
    'valid/empty-file',
  ]);

  it.each([
    ['one input', one],
    ['five inputs', many],
  ])('says exactly what the inline engine says: %s', async (_, request) => {
    const inline = await (await realEngine()).verify(request);
    const worker = await workerEngine().verify(request);
    expect(worker).toEqual(inline);
    expect(inline.inputs.map(({ verdict }) => verdict.code)).toEqual(request.inputs.map(() => 'B-OK'));
    expect(FakeWorker.all.length).toBe(request.inputs.length > 1 ? 2 : 1);
  });

  it('judges in the worker whose controls are running already, instead of running them twice', async () => {
    const engine = workerEngine();
    const controls = engine.runControls();
    const report = await engine.verify(one);
    expect(report.inputs[0]?.verdict.code).toBe('B-OK');
    expect((await controls).behaved).toBeGreaterThanOrEqual(24);
    expect(FakeWorker.all.length).toBe(1);
  });

  it('tells progress in the numbers of the whole request', async () => {
    const seen: Progress[] = [];
    await workerEngine().verify(many, { onProgress: (progress) => void seen.push(progress) });
    await expect.poll(() => new Set(seen.map(({ input }) => input)).size).toBe(many.inputs.length);
    for (const { input, inputs, name } of seen) {
      expect(inputs).toBe(many.inputs.length);
      expect(name).toBe(many.inputs[input]?.name);
    }
  });

  it('stops within 200 ms and works again', async () => {
    FakeWorker.engine = stuckEngine;
    const engine = workerEngine();
    for (const request of [one, many]) {
      const stop = new AbortController();
      const running = engine.verify(request, { signal: stop.signal });
      setTimeout(() => stop.abort(new Error('enough')), 50);
      const started = performance.now();
      await expect(running).rejects.toThrow('enough');
      expect(performance.now() - started).toBeLessThan(50 + 200);
    }
    expect(FakeWorker.all.filter(({ terminated }) => !terminated).length).toBeLessThan(FakeWorker.all.length);
    FakeWorker.engine = realEngine;
    const report = await engine.verify(one);
    expect(report.inputs[0]?.verdict.code).toBe('B-OK');
    await expect(engine.verify(one, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
  });

  it('rejects every pending call of a worker that crashes, and is whole again afterwards', async () => {
    FakeWorker.engine = stuckEngine;
    const engine = workerEngine();
    const running = [engine.verify(one), engine.runControls()].map((call) =>
      call.catch((error: unknown) => error),
    );
    await expect.poll(() => FakeWorker.all.length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const worker of FakeWorker.all) worker.crash();
    for (const outcome of await Promise.all(running)) expect(outcome).toBeInstanceOf(WorkerLostError);
    FakeWorker.engine = realEngine;
    expect((await engine.verify(one)).inputs[0]?.verdict.code).toBe('B-OK');
  });

  it('lets the inline engine answer where workers cannot start, with the same report', async () => {
    vi.stubGlobal(
      'Worker',
      class {
        constructor() {
          throw new Error('refused by policy');
        }
      },
    );
    const report: Report = await workerEngine(realEngine).verify(many);
    expect(report).toEqual(await (await realEngine()).verify(many));
    expect(describeReport(report)).toContain('B-OK');
  });

  it('gives an input that cannot cross to the inline engine', async () => {
    const bytes = one.inputs[0]?.source as Uint8Array;
    const stream: VerifyRequest = {
      ...one,
      inputs: [
        {
          name: 's.sbundle.tgz',
          source: {
            sizeBytes: null,
            reopenable: false,
            open: async function* () {
              yield bytes;
            },
          },
        },
      ],
    };
    const report = await workerEngine(realEngine).verify(stream);
    expect(report.inputs[0]?.verdict.code).toBe('B-OK');
  });

  it('rejects what is pending when it is closed', async () => {
    FakeWorker.engine = stuckEngine;
    const engine = workerEngine();
    const running = engine.verify(one).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 30));
    engine.close();
    expect(await running).toBeInstanceOf(WorkerLostError);
  });
});
