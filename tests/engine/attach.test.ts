import { describe, expect, it } from 'vitest';
import { attachApprovals, collectBytes } from '../../src/core/approve.js';
import { sourceOfBytes } from '../../src/core/bytes/source.js';
import { limitsProfiles } from '../../src/core/limits.js';
import { hostAttaching, type AttachAsked } from '../../src/engine/attacher.js';
import { createAttacher } from '../../src/engine/attachWorker.js';
import { nodePlatform } from '../../src/platform/node.js';
import { webPlatform } from '../../src/platform/web.js';
import { approval, bundle, pack, packItems } from '../vectorgen/bundle.js';
import { alice, carol } from '../vectorgen/cast.js';
import { noWorkers, seats } from './seats.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const limits = limitsProfiles.default;
const made = bundle();
const bytes = new Uint8Array(pack(made));
const supplement = {
  name: 'pm.tgz',
  bytes: packItems([
    ...approval(made, { role: 'pm', by: alice }),
    ...approval(made, { role: 'security', by: carol }),
  ]),
};
const asked: AttachAsked = {
  bundle: new Blob([bytes]),
  files: [supplement],
  limits,
  certificates: [],
  now: NOW,
};

describe('attaching beside the page', () => {
  it('gives the same answer and the same bytes as the core does', async () => {
    const own = await attachApprovals(sourceOfBytes(bytes), [supplement], nodePlatform(), limits, {
      now: NOW,
    });
    const attacher = createAttacher(noWorkers);
    const seen: number[] = [];
    const { writes, ...look } = await attacher.look(asked, { onBytes: (done) => seen.push(done) });
    const { bundle: merged, ...rest } = own;
    expect(look).toEqual(rest);
    expect(look.added).toHaveLength(4);
    expect(writes).toBe(true);
    expect(seen.at(-1)).toBe(bytes.length);
    const written = await attacher.write({});
    if (!('bundle' in written)) throw new Error('nothing was written');
    expect(new Uint8Array(await written.bundle.arrayBuffer())).toEqual(await collectBytes(merged!));
    expect(look.bundleDigest).toBe(`sha256:${made.manifestSha256}`);
  });

  it('says why nothing is written, as a value', async () => {
    const other = approval(bundle({ manifest: { version: '9.9.9' } }), { role: 'pm', by: alice });
    const files = [{ name: 'other.tgz', bytes: packItems(other) }];
    const look = await createAttacher(noWorkers).look({ ...asked, files }, {});
    expect(look).toMatchObject({ writes: false, added: [], findings: [{ code: 'attach-nothing' }] });
    expect(look.ignored).toHaveLength(1);
  });

  it('looks again when its worker was lost before it could write', async () => {
    const workers = seats(() => hostAttaching(webPlatform(), () => performance.now()));
    const attacher = createAttacher(workers.start);
    await attacher.look(asked, {});
    workers.lose();
    expect(await attacher.write({})).toMatchObject({ bundle: { type: 'application/gzip' } });
    expect(workers.started).toBe(2);
  });

  it('takes nothing of a bundle that changes between the two readings', async () => {
    // A file on disk: its second reading meets other bytes.
    let reading = 0;
    const changed = Uint8Array.from(pack(bundle({ manifest: { version: '1.3.1' } })));
    const bundleFile = {
      size: bytes.length,
      stream: () => new Blob([reading++ === 0 ? bytes : changed]).stream(),
    } as unknown as Blob;
    const attacher = createAttacher(noWorkers);
    expect((await attacher.look({ ...asked, bundle: bundleFile }, {})).writes).toBe(true);
    expect(await attacher.write({})).toMatchObject({ findings: [{ code: 'attach-bundle-changed' }] });
  });

  it('says so when the file is gone', async () => {
    const gone = {
      size: bytes.length,
      stream: () =>
        new ReadableStream({ pull: (control) => control.error(new DOMException('gone', 'NotFoundError')) }),
    } as unknown as Blob;
    const look = await createAttacher(noWorkers).look({ ...asked, bundle: gone }, {});
    expect(look).toMatchObject({ writes: false, findings: [{ code: 'attach-bundle-changed' }] });
  });

  it('stops at once when asked to', async () => {
    const signal = AbortSignal.abort(new DOMException('Stopped.', 'AbortError'));
    const attacher = createAttacher(noWorkers);
    await expect(attacher.look(asked, { signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
