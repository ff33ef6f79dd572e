import { describe, expect, it } from 'vitest';
import { createComparer, type GivenPair } from '../../src/engine/compareWorker.js';
import { hostComparing, type CompareHost } from '../../src/engine/compareHost.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import type { Progress } from '../../src/engine/engine.js';
import { sourceOfBlob, webPlatform } from '../../src/platform/web.js';
import { cases, made, NOW } from '../core/diffCases.js';
import { approval, bundle, packItems } from '../vectorgen/bundle.js';
import { alice } from '../vectorgen/cast.js';
import type { Octets } from '../vectorgen/raw.js';
import { noWorkers, seats } from './seats.js';

const blob = (bytes: Octets): Blob => new Blob([new Uint8Array(bytes)]);
const given = (name: string, bytes: Octets) => ({ kind: 'bundle' as const, name, source: blob(bytes) });
const documents = { loose: [], now: NOW };

function pairOf(name: string): GivenPair {
  const { before, after } = cases[name]!;
  return { ...documents, before: given('old', before), after: given('new', after) };
}

function host(): CompareHost {
  const tools = webPlatform().then((platform) => ({
    platform,
    engine: createInlineEngine(platform, { sourceOfBlob, withoutControls: true }),
  }));
  return hostComparing(tools, () => performance.now());
}

describe('comparing beside the page', () => {
  it('works where workers cannot start', async () => {
    const comparer = createComparer(noWorkers);
    const seen: Progress[] = [];
    const answer = await comparer.compare(pairOf('policy-weaker'), { onProgress: (one) => seen.push(one) });
    if ('refused' in answer) throw new Error(answer.refused.message);
    expect(answer.value.groups[2].lines[0]).toMatchObject({
      effect: 'weaker',
      about: '/execution/allow_local',
    });
    expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(['old', 'new']));
    const text = await comparer.text(answer.value.files.changes[0]!, false);
    expect(text).toMatchObject({ value: { shown: 'lines', added: 1 } });
  });

  it('gives a refusal as a value, because errors lose what they hold on their way', async () => {
    const supplement = packItems(approval(bundle(), { role: 'pm', by: alice }));
    const pair = { ...pairOf('equal'), after: given('supplement', supplement) };
    const answer = await createComparer(noWorkers).compare(pair, {});
    expect(answer).toMatchObject({ refused: { code: 'compare-supplement', where: { file: 'supplement' } } });
  });

  it('leaves out of a folder what a bundle of it would not hold', async () => {
    const files = { 'a.txt': 'a\n', '.specularignore': 'secret.txt\n' };
    const list = Object.entries({ ...files, 'secret.txt': 'x', 'node_modules/m.js': 'x' });
    const folder = {
      kind: 'folder' as const,
      name: 'project',
      files: list.map(([path, body]) => ({ path, blob: new Blob([body]) })),
    };
    const pair = { ...documents, before: given('old', made(files)), after: folder };
    const answer = await createComparer(noWorkers).compare(pair, {});
    expect(answer).toMatchObject({ value: { equal: true, after: { files: 2, verdict: null } } });
  });

  it('compares again when its worker was lost before the lines were asked for', async () => {
    const workers = seats(host);
    const comparer = createComparer(workers.start);
    const answer = await comparer.compare(pairOf('files-and-names'), {});
    if ('refused' in answer) throw new Error(answer.refused.message);
    workers.lose();
    const changed = answer.value.files.changes.find(({ kind }) => kind === 'changed')!;
    expect(await comparer.text(changed, false)).toMatchObject({
      value: { shown: 'lines', added: 2, removed: 1 },
    });
    expect(workers.started).toBe(2);
  });

  it('gives both whole texts of a file, and none where there is none to show', async () => {
    const files = { 'a.txt': 'one\n', 'b.bin': 'a\0b', 'long.txt': 'x'.repeat(1_048_577), 'same.txt': 's\n' };
    const pair = {
      ...documents,
      before: given('old', made(files)),
      after: given(
        'new',
        made({ ...files, 'a.txt': 'two\n', 'b.bin': 'a\0c', 'long.txt': 'y', 'new.txt': 'n\n' }),
      ),
    };
    const comparer = createComparer(noWorkers);
    const answer = await comparer.compare(pair, {});
    if ('refused' in answer) throw new Error(answer.refused.message);
    const texts = async (path: string) => {
      const file = answer.value.files.changes.find(({ after }) => after?.path === path);
      return comparer.texts(file!);
    };
    expect(await texts('a.txt')).toEqual({ value: { before: 'one\n', after: 'two\n' } });
    expect(await texts('new.txt')).toEqual({ value: { before: '', after: 'n\n' } });
    expect(await texts('b.bin')).toEqual({ value: null });
    expect(await texts('long.txt')).toEqual({ value: null });
  });

  it('stops at once when asked to', async () => {
    const stopped = AbortSignal.abort(new DOMException('Stopped.', 'AbortError'));
    const comparing = createComparer(noWorkers).compare(pairOf('equal'), { signal: stopped });
    await expect(comparing).rejects.toMatchObject({ name: 'AbortError' });
  });
});
