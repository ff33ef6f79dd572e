import 'fake-indexeddb/auto';
import { beforeEach, expect, it } from 'vitest';
import { emptyForm, type BuildForm } from '../../src/lib/view/build.js';
import { draftOf, formOfDraft, reasonsOfDraft } from '../../src/lib/view/buildDraft.js';
import { eraseDatabase, openDatabase } from '../../src/store/database.js';
import { DRAFTS_MAX, draftsDatabase, openDraftStore, type DraftStore } from '../../src/store/drafts.js';

const AT = '2026-11-20T10:00:00Z';
const fresh: BuildForm = { ...emptyForm, id: 'acme/app', version: '1.3.0', created: AT };
let store: DraftStore;

beforeEach(async () => {
  await eraseDatabase(draftsDatabase);
  store = await openDraftStore();
  return () => store.close();
});

it('keeps nothing of a form that nobody touched', () => {
  expect(draftOf(fresh, fresh, {}, AT)).toBeNull();
});

it('gives every choice back, and neither the seed nor a reason by itself', async () => {
  const form: BuildForm = {
    ...fresh,
    version: '1.4.0',
    level: 'L2',
    roles: 'pm, security',
    description: 'November',
    metadata: [{ name: 'job_id', value: '42' }],
    include: '.env',
    exclude: '*.tmp',
    external: 'big/',
    putIn: ['dist/a'],
    leftOut: ['b'],
    reasons: { '.env:1': 'it is no key' },
    seed: { name: 'seed.bin', bytes: Uint8Array.of(83, 69, 69, 68) },
  };
  const draft = draftOf(form, fresh, { 'old:2': 'still offered' }, AT);
  await store.keep('folder:app', draft);
  const back = await store.read('folder:app');
  expect(back).toEqual(draft);
  expect(Object.values(back ?? {}).some((value) => value instanceof Uint8Array)).toBe(false);
  expect(back?.seedName).toBe('seed.bin');
  const { seed, reasons, id, created, ...rest } = form;
  expect(seed?.bytes.length).toBe(4);
  // The id and the time are still those of the project, whatever they are by then.
  expect([id, created]).toEqual([fresh.id, fresh.created]);
  expect(formOfDraft(back!)).toEqual(rest);
  expect(reasonsOfDraft(back!)).toEqual({ 'old:2': 'still offered', ...reasons });
});

it('keeps projects apart, and those that were worked on last', async () => {
  for (let n = 0; n < DRAFTS_MAX + 2; n += 1) {
    const at = `2026-11-20T10:${String(n).padStart(2, '0')}:00Z`;
    await store.keep(`folder:${n}`, draftOf({ ...fresh, roles: `role-${n}` }, fresh, {}, at));
  }
  expect(await store.read('folder:0')).toBeNull();
  expect(await store.read('folder:1')).toBeNull();
  expect((await store.read('folder:2'))?.roles).toBe('role-2');
  await store.keep('folder:2', null);
  expect(await store.read('folder:2')).toBeNull();
  expect((await store.read('folder:3'))?.roles).toBe('role-3');
});

it('gives nothing where what lies there was not written so', async () => {
  const draft = draftOf({ ...fresh, roles: 'pm' }, fresh, {}, AT)!;
  const database = await openDatabase(draftsDatabase);
  const broken = [
    7,
    { ...draft, roles: 7 },
    { ...draft, putIn: [1] },
    { ...draft, reasons: [{ place: 'a' }] },
  ];
  for (const [n, value] of broken.entries()) {
    await database.write([{ table: 'drafts', key: `folder:${n}`, value }]);
    expect(await store.read(`folder:${n}`), String(n)).toBeNull();
  }
  expect(formOfDraft({ ...draft, level: 'L9' }).level).toBe('');
  database.close();
});
