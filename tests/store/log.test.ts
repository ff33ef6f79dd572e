import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fromUtf8, toUtf8 } from '../../src/core/bytes/text.js';
import { openDatabase } from '../../src/store/database.js';
import type * as Log from '../../src/store/log.js';

const at = '2026-11-21T10:00:00Z';
let log: typeof Log;

/** The log as another page would find it. */
async function fresh(): Promise<void> {
  vi.resetModules();
  log = await import('../../src/store/log.js');
}

async function links() {
  return openDatabase({ name: 'countersign-log', versions: [['links']] });
}

function lines(bytes: Uint8Array): string[] {
  return (fromUtf8(bytes) ?? '').split('\n');
}

const problem = (text: readonly string[]): string | null =>
  log.verifyActivity(toUtf8(text.join('\n'))).broken?.message ?? null;

beforeEach(async () => {
  await fresh();
  const database = await links();
  await database.write([{ table: 'links', clear: true }]);
  database.close();
  for (const subject of ['SHA256:one', 'SHA256:two', 'SHA256:three'])
    await log.appendActivity({ kind: 'key-used', subject, at });
});

describe('the activity log', () => {
  it('is read back whole, also by another page', async () => {
    await fresh();
    const { links: read, check, lasting } = await log.readActivity();
    expect(lasting).toBe(true);
    expect(read.map(({ seq, subject }) => [seq, subject])).toEqual([
      [1, 'SHA256:one'],
      [2, 'SHA256:two'],
      [3, 'SHA256:three'],
    ]);
    expect(check).toEqual({ links: 3, broken: null });
    expect(log.verifyActivity(await log.exportActivity())).toEqual({ links: 3, broken: null });
  });

  it('keeps one chain when many write at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => log.appendActivity({ kind: 'key-made', subject: `${i}`, at })),
    );
    expect((await log.readActivity()).check).toEqual({ links: 23, broken: null });
  });

  it('finds a stored link that was changed, and keeps on writing behind it', async () => {
    const database = await links();
    const second = (await database.get('links', '000000000002')) as object;
    await database.write([
      { table: 'links', key: '000000000002', value: { ...second, subject: 'SHA256:other' } },
    ]);
    database.close();
    const { links: whole, check } = await log.readActivity();
    expect(whole).toHaveLength(1);
    expect(check.broken?.code).toBe('activity-broken');
    expect(check.broken?.message).toContain('changed after it was written');
    await log.appendActivity({ kind: 'key-used', subject: 'SHA256:four', at });
    expect(log.verifyActivity(await log.exportActivity()).broken?.message).toContain('line 2');
  });

  it('names the first line of an export that does not fit', async () => {
    const whole = lines(await log.exportActivity());
    expect(whole).toHaveLength(5);
    expect(problem(whole)).toBeNull();
    const [head = '', one = '', two = '', three = ''] = whole;
    expect(problem([head, one, two.replace('two', 'TWO'), three, ''])).toContain(
      'line 2 only: the line was changed',
    );
    expect(problem([head, one, three, ''])).toContain('missing, double or moved');
    expect(problem([head, one, one, two, three, ''])).toContain('missing, double or moved');
    expect(problem([head, one, two, ''])).toContain('at its end are missing');
    expect(problem([one, two, three, ''])).toContain('first line');
    expect(problem([head, one, two, three])).toContain('cut short');
    expect(problem([head, one, two, `${three} x`, ''])).toContain('not a link');
    expect(problem([head, one, two.replace('{', '{"__proto__":{},'), three, ''])).toContain('not a link');
    expect(problem([])).not.toBeNull();
  });

  it('takes hostile text as a subject without breaking the chain', async () => {
    await log.appendActivity({ kind: 'trust-changed', subject: `\ud800${'<b>'.repeat(1000)}\n`, at });
    expect((await log.readActivity()).check.broken).toBeNull();
    expect(log.verifyActivity(await log.exportActivity())).toEqual({ links: 4, broken: null });
  });
});
