import { describe, expect, it } from 'vitest';
import { createInlineEngine } from '../../src/engine/inline.js';
import { hostMigrating, type MigrateHost, type MigrationWishes } from '../../src/engine/migrateHost.js';
import { createMigrator, type GivenOlder } from '../../src/engine/migrateWorker.js';
import { sourceOfBlob, webPlatform } from '../../src/platform/web.js';
import { made, NOW } from '../core/diffCases.js';
import { approval, bundle, packItems } from '../vectorgen/bundle.js';
import { alice } from '../vectorgen/cast.js';
import { legacyBundle } from '../vectorgen/legacyBundle.js';
import type { Octets } from '../vectorgen/raw.js';
import { noWorkers, seats } from './seats.js';

const wishes: MigrationWishes = { requiredApprovals: null, keepOriginal: true, reasons: {} };
const older = packItems(legacyBundle().items);

function given(bytes: Octets, more: Partial<GivenOlder> = {}): GivenOlder {
  return { name: 'old', bundle: new Blob([new Uint8Array(bytes)]), loose: [], now: NOW, ...more };
}

function host(): MigrateHost {
  const tools = webPlatform().then((platform) => ({
    platform,
    engine: createInlineEngine(platform, { sourceOfBlob, withoutControls: true }),
  }));
  return hostMigrating(tools, () => performance.now());
}

/** A Blob that is another one after `change`, as a file that somebody writes to. */
function changing(first: Octets, then: Octets): { readonly blob: Blob; readonly change: () => void } {
  let now = new Blob([new Uint8Array(first)]);
  const blob = new Proxy(now, {
    get(_, name) {
      const value: unknown = Reflect.get(now, name, now);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(now) : value;
    },
  });
  return { blob, change: () => (now = new Blob([new Uint8Array(then)])) };
}

describe('migrating beside the page', () => {
  it('works where workers cannot start, and gives the same file every time', async () => {
    const migrator = createMigrator(noWorkers);
    const looked = await migrator.open(given(older), wishes, {});
    expect(looked.input?.dialect).toBe('specular-cli');
    expect(looked.migration?.files.map(({ path }) => path)).toEqual(['spec.yaml', 'policies/policy_0.yaml']);
    const one = await migrator.write(wishes, {});
    const two = await migrator.write(wishes, {});
    if ('findings' in one || 'findings' in two) throw new Error('it was not written');
    expect(new Uint8Array(await two.bundle.arrayBuffer())).toEqual(
      new Uint8Array(await one.bundle.arrayBuffer()),
    );
    const again = await host().open({ ...given(older), bundle: one.bundle }, wishes, null);
    expect(again.input).toMatchObject({ dialect: 'countersign', bundleDigest: one.bundleDigest });
    expect(again.input?.axes).toMatchObject({ readable: 'pass', unchanged: 'pass' });
    expect(again.findings.map(({ code }) => code)).toEqual(['migrate-refused']);
  });

  it('plans anew by other wishes without reading again', async () => {
    const own = host();
    await own.open(given(packItems(legacyBundle({ roles: ['Chief Officer'] }).items)), wishes, null);
    const before = await own.plan(wishes);
    expect(before.migration?.notCarried.map(({ what }) => what)).toEqual(['role']);
    const after = await own.plan({ ...wishes, requiredApprovals: ['chief'], keepOriginal: false });
    expect(after.migration?.notCarried).toEqual([]);
    expect(after.migration?.original).toBeNull();
    expect(after.migration?.choices.requiredApprovals).toEqual(['chief']);
  });

  it('carries nothing of what cannot be read, of a supplement, or of a bundle that contradicts its list', async () => {
    const cut = await host().open(given(older.subarray(0, 100)), wishes, null);
    expect(cut.migration).toBeNull();
    expect(cut.findings.length).toBeGreaterThan(0);
    const supplement = packItems(approval(bundle(), { role: 'pm', by: alice }));
    const none = await host().open(given(supplement), wishes, null);
    expect(none).toMatchObject({ input: null, migration: null, findings: [{ code: 'compare-supplement' }] });
    const { items } = legacyBundle();
    const forged = items.map((item) =>
      item.path === 'spec.yaml' ? { ...item, bytes: new Uint8Array(item.bytes.length).fill(0x78) } : item,
    );
    const wrong = await host().open(given(packItems(forged)), wishes, null);
    expect(wrong.migration).toBeNull();
    expect(wrong.findings.map(({ code }) => code)).toEqual(['apply-refused-verdict']);
  });

  it('writes nothing when the file is another one by then', async () => {
    const other = packItems(legacyBundle({ files: { 'spec.yaml': 'product: another\n' } }).items);
    const own = host();
    const { blob, change } = changing(older, other);
    const looked = await own.open({ ...given(older), bundle: blob }, wishes, null);
    expect(looked.migration).not.toBeNull();
    change();
    const result = await own.write(wishes, 'session', null);
    expect(result).toMatchObject({ findings: [{ code: 'build-file-changed' }] });
  });

  it('opens again when its worker was lost, and stops at once when asked to', async () => {
    const workers = seats(host);
    const migrator = createMigrator(workers.start);
    await migrator.open(given(older), wishes, {});
    workers.lose();
    expect((await migrator.plan(wishes)).migration).not.toBeNull();
    expect(workers.started).toBe(2);
    workers.lose();
    expect(await migrator.write(wishes, {})).toMatchObject({ supplement: null });
    const signal = AbortSignal.abort(new DOMException('Stopped.', 'AbortError'));
    await expect(migrator.write(wishes, { signal })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(migrator.open(given(made({ 'a.txt': 'x\n' })), wishes, { signal })).rejects.toThrow();
  });
});
