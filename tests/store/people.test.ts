import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/core/bytes/text.js';
import { readTrust } from '../../src/core/trust/readTrust.js';
import { eraseDatabase, openDatabase, StorageError, type Database } from '../../src/store/database.js';
import { openPeopleStore, type PeopleStore } from '../../src/store/people.js';
import { memoryStore, type ReaderStore } from '../../src/store/reader.js';

const spec = { name: 'countersign-people', versions: [['changes', 'aside', 'values']] };
const FP_A = 'SHA256:4zbp4OQ801TzexN4HcB+YnDTVb82UQR6aG9JkzwuHGk';
const list = (serial: number, person = 'alice@acme.org', id = 'acme') =>
  toUtf8(
    `schema: "countersign.trust/v1"\nid: "${id}"\nserial: ${serial}\npeople:\n  - id: "${person}"\n    keys: [{fingerprint: "${FP_A}"}]\n`,
  );
const serialOf = (bytes: Uint8Array | undefined) =>
  readTrust({ name: 'x', bytes: bytes ?? new Uint8Array() }).trust?.serial;

let now = Date.UTC(2026, 9, 1);
const clock = (): number => now;
const day = (n: number): void => void (now = Date.UTC(2026, 9, n));
let open: PeopleStore[] = [];

async function store(reader: ReaderStore = memoryStore()): Promise<PeopleStore> {
  const opened = await openPeopleStore({ clock, reader: () => Promise.resolve(reader) });
  open.push(opened);
  return opened;
}

/** What somebody with access to the storage of the browser can do. */
async function tamper(work: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase(spec);
  await work(database);
  database.close();
}

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'kept',
    (error: unknown) => (error instanceof StorageError ? error.finding.code : String(error)),
  );

beforeEach(async () => {
  for (const one of open) one.close();
  open = [];
  day(1);
  await eraseDatabase(spec);
});

describe('the people of this device', () => {
  it('begin with nobody', async () => {
    const people = await store();
    expect(people.lasting).toBe(true);
    expect(await people.current()).toBeNull();
    expect(await people.asOf('2026-10-01T00:00:00Z')).toBeNull();
    expect(await people.history()).toEqual([]);
  });

  it('are as they were at any time', async () => {
    const people = await store();
    day(2);
    await people.commit({ document: list(1), why: 'first', source: 'import', name: 'acme.yaml' });
    day(5);
    await people.commit({ document: list(2), why: 'second', source: 'edit' });
    day(9);
    await people.commit({ document: null, why: 'removed', source: 'remove' });
    expect(await people.asOf('2026-10-01T23:59:59Z')).toBeNull();
    expect(serialOf((await people.asOf('2026-10-02T00:00:00Z'))?.bytes)).toBe(1);
    expect((await people.asOf('2026-10-06T00:00:00Z'))?.name).toBe('acme.yaml');
    expect(serialOf((await people.asOf('2026-10-08T23:59:59Z'))?.bytes)).toBe(2);
    expect(await people.asOf('2027-01-01T00:00:00Z')).toBeNull();
    expect(await people.asOf('yesterday')).toBeNull();
    expect(await people.current()).toBeNull();
  });

  it('stay over a reload, bytes and all', async () => {
    await (await store()).commit({ document: list(1), why: 'first', source: 'edit', name: 'a.yaml' });
    const again = await store();
    expect(await again.current()).toEqual({ name: 'a.yaml', bytes: list(1) });
    expect((await again.history()).map(({ seq, why, at }) => [seq, why, at])).toEqual([
      [1, 'first', '2026-10-01T00:00:00Z'],
    ]);
  });

  it('only what the verifying code accepts is kept, and a serial never goes back', async () => {
    const people = await store();
    await people.commit({ document: list(5), why: 'first', source: 'edit' });
    const put = (document: Uint8Array) => refusal(people.commit({ document, why: 'x', source: 'import' }));
    expect(await put(toUtf8('people: []\n'))).toBe('trust-field');
    expect(await put(list(4))).toBe('trust-serial-back');
    expect(await put(list(1, 'bob@acme.org', 'other'))).toBe('kept');
    expect((await people.history()).length).toBe(2);
  });

  it('undo brings back what stood before, with a newer serial and as a change of its own', async () => {
    const people = await store();
    await people.commit({ document: list(1), why: 'first', source: 'edit' });
    const second = await people.commit({ document: list(2, 'bob@acme.org'), why: 'second', source: 'edit' });
    await people.undo(second.id);
    const current = await people.current();
    expect(serialOf(current?.bytes)).toBe(3);
    expect(readTrust({ name: 'x', bytes: current!.bytes }).trust?.people[0]?.id).toBe('alice@acme.org');
    const history = await people.history();
    expect(history.map(({ source }) => source)).toEqual(['edit', 'edit', 'undo']);
    await people.undo(history[0]!.id);
    expect(await people.current()).toBeNull();
    await people.undo(history[0]!.id);
    expect(await refusal(people.undo('0'.repeat(64)))).toBe('people-change-missing');
  });

  it('two tabs that change at once lose nothing; a change on an older state is asked again (D03)', async () => {
    const [one, two] = [await store(), await store()];
    let told = 0;
    two.onChange(() => (told += 1));
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? one : two).commit({
          document: list(1, 'a@b.c', `list-${i}`),
          why: `${i}`,
          source: 'edit',
        }),
      ),
    );
    const history = await one.history();
    expect(history.map(({ why }) => why).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const after = history.at(-1)!.id;
    await one.commit({ document: list(1), why: 'mine', source: 'edit', after });
    expect(await refusal(two.commit({ document: list(1), why: 'theirs', source: 'edit', after }))).toBe(
      'people-changed-meanwhile',
    );
    await expect.poll(() => told).toBeGreaterThan(5);
  });

  it('erase leaves nothing', async () => {
    const people = await store();
    await people.commit({ document: list(1), why: 'first', source: 'edit' });
    await people.erase();
    expect(await people.history()).toEqual([]);
    expect(await people.damage()).toBeNull();
  });
});

describe('a history that was changed by hand (D06)', () => {
  const KEY = (n: number): string => String(n).padStart(12, '0');
  type Record_ = Record<string, unknown>;
  const change = (n: number, edit: (value: Record_) => unknown) =>
    tamper(async (database) => {
      const value = (await database.get('changes', KEY(n))) as Record_;
      await database.write([{ table: 'changes', key: KEY(n), value: edit(value) }]);
    });
  const remove = (table: string, key: string) =>
    tamper((database) => database.write([{ table, key, remove: true }]));
  const cases: readonly (readonly [string, number, () => Promise<void>])[] = [
    ['another document', 2, () => change(2, (value) => ({ ...value, document: list(2, 'mallory@x.y') }))],
    ['another time', 2, () => change(2, (value) => ({ ...value, at: '2020-01-01T00:00:00Z' }))],
    ['another reason', 1, () => change(1, (value) => ({ ...value, why: 'x' }))],
    ['no object', 3, () => change(3, () => 7)],
    ['a field of another kind', 1, () => change(1, (value) => ({ ...value, document: 'text' }))],
    ['a change in the middle gone', 2, () => remove('changes', KEY(2))],
    ['the last change gone', 3, () => remove('changes', KEY(3))],
    ['the note of the last change gone', 4, () => remove('values', 'head')],
    [
      'another note',
      4,
      () =>
        tamper((database) =>
          database.write([{ table: 'values', key: 'head', value: { seq: 3, id: 'f'.repeat(64) } }]),
        ),
    ],
    [
      'a change that was put behind',
      4,
      () =>
        tamper(async (database) => {
          const value = (await database.get('changes', KEY(3))) as Record_;
          await database.write([{ table: 'changes', key: KEY(4), value: { ...value, seq: 4 } }]);
        }),
    ],
  ];

  it.each(cases)('%s is found and named at its place', async (_title, place, damage) => {
    const people = await store();
    for (const n of [1, 2, 3]) {
      day(n);
      await people.commit({ document: list(n), why: `${n}`, source: 'edit' });
    }
    await damage();
    const found = await people.damage();
    expect(found?.code).toBe('people-history-damaged');
    expect(found?.message).toContain(`change ${place}`);
    // Nobody is known by what cannot be relied on, and nothing is written behind it.
    expect(await people.current()).toBeNull();
    expect(await people.asOf('2026-10-01T12:00:00Z')).toBeNull();
    expect(await refusal(people.commit({ document: list(9), why: 'x', source: 'edit' }))).toBe(
      'people-history-damaged',
    );
    const before = (await people.history()).length;
    await people.setAside();
    expect(await people.damage()).toBeNull();
    expect((await people.history()).length).toBe(before);
    expect(serialOf((await people.current())?.bytes)).toBe(before === 0 ? undefined : before);
    await people.commit({ document: list(9), why: 'on', source: 'edit' });
    expect(serialOf((await people.current())?.bytes)).toBe(9);
  });

  it('what is set aside is kept', async () => {
    const people = await store();
    await people.commit({ document: list(1), why: '1', source: 'edit' });
    await change(1, (value) => ({ ...value, why: 'x' }));
    await people.setAside();
    expect(await people.aside()).toBe(1);
  });
});

describe('a list that an earlier version kept', () => {
  const kept = { id: 't', name: 'old.yaml', kind: 'trust' as const, added: '2026-09-01T08:00:00.123Z' };

  it('becomes the first change, from the day on when it was taken over', async () => {
    const reader = memoryStore();
    await reader.putTrust({ ...kept, bytes: list(7) });
    await reader.putTrust({ ...kept, id: 's', kind: 'allowed-signers', bytes: toUtf8('x') });
    const people = await store(reader);
    expect(await people.current()).toEqual({ name: 'old.yaml', bytes: list(7) });
    expect(serialOf((await people.asOf('2026-09-02T00:00:00Z'))?.bytes)).toBe(7);
    expect((await reader.trust()).map(({ id }) => id)).toEqual(['s']);
  });

  it('is taken over once, also when the removal did not happen', async () => {
    const reader = memoryStore();
    await reader.putTrust({ ...kept, bytes: list(7) });
    await store({ ...reader, removeTrust: () => Promise.reject(new Error('killed')) });
    const people = await store(reader);
    expect(await people.history()).toHaveLength(1);
    expect(await reader.trust()).toEqual([]);
  });
});
