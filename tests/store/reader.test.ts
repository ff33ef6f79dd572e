import { describe, expect, it } from 'vitest';
import { memoryStore, openReaderStore } from '../../src/store/reader';

const document = {
  id: 'trust:a',
  name: 'trust.yaml',
  kind: 'trust' as const,
  bytes: new Uint8Array([1]),
  added: '2026-11-20T10:00:00Z',
};

describe('the reader store without IndexedDB', () => {
  it('says that nothing lasts', async () => {
    expect(globalThis.indexedDB).toBeUndefined();
    expect((await openReaderStore()).lasting).toBe(false);
  });

  it('keeps, replaces, removes and erases for this page', async () => {
    const store = memoryStore();
    await store.putTrust(document);
    await store.putTrust({ ...document, name: 'newer.yaml' });
    expect((await store.trust()).map(({ name }) => name)).toEqual(['newer.yaml']);
    await store.removeTrust(document.id);
    expect(await store.trust()).toEqual([]);
    await store.set('ruleName', 'production');
    await store.erase();
    expect(await store.get('ruleName')).toBeUndefined();
  });

  it('hands files over once', async () => {
    const store = memoryStore();
    await store.putHandoff([new File(['x'], 'a.sbundle')]);
    expect((await store.takeHandoff()).map(({ name }) => name)).toEqual(['a.sbundle']);
    expect(await store.takeHandoff()).toEqual([]);
  });
});
