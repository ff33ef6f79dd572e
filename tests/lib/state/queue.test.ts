import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../../src/core/generated/report';
import type { Engine, VerifyOptions, VerifyRequest } from '../../../src/engine/engine';
import { fakeReport } from '../../../src/engine/fake';
import {
  addLoose,
  cancel,
  cancelAll,
  enqueue,
  judgeAgain,
  queue,
  removeRows,
  restoreRows,
  type Row,
} from '../../../src/lib/state/queue.svelte';

interface Call {
  readonly request: VerifyRequest;
  readonly options: VerifyOptions;
  readonly answer: (report: Report) => void;
  readonly refuse: (error: Error) => void;
}

const calls: Call[] = [];
const engine: Partial<Engine> = {
  verify: (request, options = {}) =>
    new Promise<Report>((answer, refuse) => {
      calls.push({ request, options, answer, refuse });
      options.signal?.addEventListener('abort', () => refuse(new DOMException('stopped', 'AbortError')));
    }),
};
vi.mock('$lib/engine', () => ({ engine: () => Promise.resolve(engine) }));

const bytes = new Uint8Array([0x1f, 0x8b]);
const approval = { name: 'pm.json', bytes: new Uint8Array([0x7b]) };
const files = (...names: string[]): { name: string; source: Uint8Array }[] =>
  names.map((name) => ({ name, source: bytes }));
const nothing = { loose: [], trust: null };
const states = (): string[] => queue().map(({ name, state }) => `${name} ${state}`);
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** What the engine says to a request: one report with an input for each file but the supplements. */
function reportOn(request: VerifyRequest): Report {
  const parts = request.inputs.map((input) => fakeReport({ ...request, inputs: [input] }));
  const inputs = parts.flatMap((part) => part.inputs).filter(({ file }) => !file.includes('supplement'));
  return { ...parts[0]!, inputs, loose: [] };
}

async function answer(index: number): Promise<void> {
  const call = calls[index]!;
  call.answer(reportOn(call.request));
  await settled();
}

beforeEach(() => {
  cancelAll();
  removeRows(queue().map(({ id }) => id));
  calls.length = 0;
});

describe('the queue', () => {
  it('reads two at a time and each is done on its own', async () => {
    enqueue(files('confirmed', 'rejected', 'unknown'), nothing);
    await settled();
    expect(states()).toEqual(['confirmed reading', 'rejected reading', 'unknown waiting']);
    await answer(1);
    expect(states()).toEqual(['confirmed reading', 'rejected done', 'unknown reading']);
    expect(queue()[1]?.input?.verdict.code).toBe('B-CHANGED');
  });

  it('a file that fails is a failed row without a verdict, and the rest goes on', async () => {
    enqueue(files('a', 'b', 'confirmed'), nothing);
    await settled();
    calls[0]!.refuse(new Error('gone'));
    await settled();
    await answer(2);
    expect(states()).toEqual(['a failed', 'b reading', 'confirmed done']);
    expect(queue()[0]?.input).toBeNull();
    expect(queue()[0]?.fault).toEqual({ kind: 'application', detail: 'gone' });
  });

  it('cancelling stops the engine and leaves no verdict', async () => {
    const [id] = enqueue(files('confirmed'), nothing);
    await settled();
    cancel(id!);
    expect(calls[0]!.options.signal?.aborted).toBe(true);
    await answer(0);
    expect(states()).toEqual(['confirmed stopped']);
    expect(queue()[0]?.input).toBeNull();
  });

  it('drops the answer to a question that was asked again', async () => {
    const [id] = enqueue(files('incomplete'), nothing);
    await settled();
    judgeAgain([id!]);
    await settled();
    expect(calls).toHaveLength(2);
    const stale = reportOn({ ...calls[0]!.request, inputs: [{ name: 'confirmed', source: bytes }] });
    calls[0]!.answer(stale);
    await settled();
    expect(states()).toEqual(['incomplete reading']);
    await answer(1);
    expect(queue()[0]?.input?.verdict.code).toBe('B-INCOMPLETE');
  });

  it('shows no verdict of an engine whose self-test did not behave', async () => {
    enqueue(files('confirmed'), nothing);
    await settled();
    calls[0]!.answer({ ...reportOn(calls[0]!.request), controls: { behaved: 23, total: 24 } });
    await settled();
    expect(states()).toEqual(['confirmed failed']);
    expect(queue()[0]?.fault?.kind).toBe('controls');
    expect(queue()[0]?.input).toBeNull();
  });

  it('gives rows back after undo', async () => {
    const ids = enqueue(files('confirmed', 'unknown'), nothing);
    await settled();
    const removed = removeRows([ids[0]!]);
    expect(states()).toEqual(['unknown reading']);
    restoreRows(removed);
    await settled();
    expect(states()).toEqual(['confirmed reading', 'unknown reading']);
  });
});

describe('bundles that came with approvals', () => {
  const evidence = { loose: [approval], trust: null };
  const names = (call: Call): string[] => call.request.inputs.map(({ name }) => name);

  it('are one request, and each row gets its own verdict', async () => {
    enqueue(files('confirmed', 'rejected'), evidence);
    await settled();
    expect(calls.map(names)).toEqual([['confirmed', 'rejected']]);
    await answer(0);
    expect(queue().map((row: Row) => row.input?.verdict.code)).toEqual(['B-OK', 'B-CHANGED']);
    expect(queue()[1]?.report?.inputs).toHaveLength(1);
  });

  it('cancelling one judges the others again without it', async () => {
    const ids = enqueue(files('confirmed', 'rejected', 'unknown'), evidence);
    await settled();
    cancel(ids[1]!);
    await settled();
    expect(calls.map(names)).toEqual([
      ['confirmed', 'rejected', 'unknown'],
      ['confirmed', 'unknown'],
    ]);
    await answer(1);
    expect(states()).toEqual(['confirmed done', 'rejected stopped', 'unknown done']);
  });

  it('an approval that comes later is held against all bundles together', async () => {
    enqueue(files('confirmed', 'unknown'), nothing);
    await settled();
    await answer(0);
    await answer(1);
    expect(addLoose([approval])).toBe(2);
    await settled();
    expect(names(calls[2]!)).toEqual(['confirmed', 'unknown']);
    expect(calls[2]!.request.loose).toEqual([approval]);
  });

  it('a supplement is no bundle: it joins the bundles of its drop', async () => {
    enqueue(files('confirmed', 'supplement'), nothing);
    await settled();
    await answer(0);
    await answer(1);
    expect(names(calls[2]!)).toEqual(['confirmed', 'supplement']);
    await answer(2);
    expect(states()).toEqual(['confirmed done', 'supplement supplement']);
  });
});
