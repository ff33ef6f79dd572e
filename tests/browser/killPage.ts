/**
 * The page that is killed: the stores as they are, operations on them, and a way to stop the page for good at the n-th
 * step of writing. The steps are those of the browser's own interface; the stores have no hooks.
 */
import type { InputReport } from '../../src/core/generated/report.js';
import { approvingDatabase, openApprovingStore, type Receipt } from '../../src/store/approving.js';
import { eraseDatabase, openDatabase } from '../../src/store/database.js';
import { keysDatabase } from '../../src/store/keys/ring.js';
import { openKeyStore } from '../../src/store/keys/store.js';
import { digestOf, librarySpec, openLibraryStore, type Judged } from '../../src/store/library.js';
import { readActivity } from '../../src/store/log.js';
import { openPeopleStore } from '../../src/store/people.js';
import { applyOperation, recoveredFolder, resetApply, watchFolder } from './killApply.js';

const judged: Judged = {
  at: '2026-11-20T10:00:00Z',
  rule: null,
  trustId: null,
  trust: [],
  tool: { name: 'countersign', version: '0', build: 'source' },
};

/** Bytes that no gzip makes smaller, the same for the same seed. */
function noise(seed: number, size: number): Blob {
  const words = new Uint32Array(size / 4);
  let state = seed;
  for (let at = 0; at < words.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[at] = state;
  }
  return new Blob([words]);
}

const BUNDLE_BYTES = 3 * 1024 * 1024;

async function reportOn(blob: Blob): Promise<InputReport> {
  return {
    archiveDigest: await digestOf(blob),
    bundleDigest: null,
    contentRoot: null,
    bundle: null,
    verdict: { look: 'unknown', code: 'B-NOSIG', headline: 'x', sub: '', next: '' },
    roles: [],
    approvals: [],
    checks: [],
  } as unknown as InputReport;
}

async function addBundle(seed: number): Promise<string> {
  const library = await openLibraryStore();
  const blob = noise(seed, BUNDLE_BYTES);
  const evidence = [{ name: `pm-${seed}.json`, bytes: new Uint8Array([seed]) }];
  const item = await library.add(`bundle-${seed}`, blob, await reportOn(blob), judged, evidence);
  library.close();
  return item.archiveDigest;
}

const trust = (serial: number): Uint8Array =>
  new TextEncoder().encode(`schema: "countersign.trust/v1"\nid: "kill"\nserial: ${serial}\npeople: []\n`);

/** A draft and its receipt, as far as the store looks at them when it writes. */
const receipt = { id: 'r' } as unknown as Receipt;

interface Operation {
  /** What was done long before. */
  readonly before: () => Promise<unknown>;
  readonly run: () => Promise<unknown>;
}

/** The file to be imported, apart from what is tested. */
const shelf = { name: 'kill-shelf', versions: [['files']] };

const operations: Readonly<Record<string, Operation>> = {
  'library: add': { before: () => addBundle(1), run: () => addBundle(2) },
  'library: import': {
    async before() {
      await addBundle(1);
      await addBundle(2);
      const library = await openLibraryStore();
      const files = await openDatabase(shelf);
      await files.write([{ table: 'files', key: 'saved', value: await library.exportAll() }]);
      files.close();
      for (const { archiveDigest } of await library.list()) await library.remove(archiveDigest);
      library.close();
      await addBundle(3);
    },
    async run() {
      const files = await openDatabase(shelf);
      const saved = (await files.get('files', 'saved')) as Blob;
      files.close();
      await (await openLibraryStore()).importAll(saved, { marks: true });
    },
  },
  'library: remove': {
    before: () => Promise.all([addBundle(1), addBundle(2)]),
    async run() {
      const library = await openLibraryStore();
      const [first] = (await library.list()).filter(({ name }) => name === 'bundle-1');
      await library.remove(first?.archiveDigest ?? '');
    },
  },
  'people: commit': {
    async before() {
      const people = await openPeopleStore();
      await people.commit({ document: trust(1), why: 'first', source: 'test' });
      people.close();
    },
    run: async () => (await openPeopleStore()).commit({ document: trust(2), why: 'second', source: 'test' }),
  },
  'key: save': {
    before: async () => (await openKeyStore()).makeBrowserKey({ label: 'first', user: null, endsAt: null }),
    run: async () => (await openKeyStore()).makeBrowserKey({ label: 'second', user: null, endsAt: null }),
  },
  'approval: finish': {
    async before() {
      const database = await openDatabase(approvingDatabase);
      await database.write([{ table: 'drafts', key: 'd', value: { id: 'd' } }]);
      database.close();
    },
    run: async () => (await openApprovingStore()).finish('d', receipt),
  },
  'apply: folder': applyOperation,
};

/** Everything that is kept, in a form that is the same for the same contents; with what does not hold together. */
async function state(): Promise<{ readonly kept: string; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const library = await openLibraryStore();
  const items = await library.list();
  for (const item of items) {
    const blob = await library.open(item.archiveDigest).catch(() => null);
    const digest = blob === null ? 'gone' : await digestOf(blob);
    if (digest !== item.archiveDigest) problems.push(`${item.name}: the bytes are ${digest}`);
    const evidence = await library.evidence(item.archiveDigest);
    if (evidence.length !== item.evidence.length) problems.push(`${item.name}: approvals are missing`);
  }
  for (const one of await library.damaged()) problems.push(`library: ${one.finding.message}`);
  library.close();
  const tables = await openDatabase(librarySpec);
  for (const table of ['bundles', 'evidence'])
    if ((await tables.all(table)).size !== items.length) problems.push(`library: ${table} of nobody`);
  tables.close();
  const people = await openPeopleStore();
  const damage = await people.damage();
  if (damage !== null) problems.push(`people: ${damage.message}`);
  const history = await people.history();
  people.close();
  const keys = await openKeyStore();
  for (const one of await keys.damaged()) problems.push(`keys: ${one.finding.message}`);
  const cards = await keys.list();
  const activity = await readActivity();
  if (activity.check.broken !== null) problems.push('log: the chain is broken');
  const approving = await openDatabase(approvingDatabase);
  const [drafts, receipts] = [await approving.all('drafts'), await approving.all('receipts')];
  approving.close();
  return {
    kept: JSON.stringify({
      library: items.map(({ name }) => name).sort(),
      people: history.map(({ why }) => why),
      keys: cards.map(({ label }) => label).sort(),
      approving: [...drafts.keys(), ...receipts.keys()],
      applied: await recoveredFolder(),
    }),
    problems,
  };
}

async function reset(name: string): Promise<void> {
  const names = ['countersign-people', 'countersign-log', 'countersign-reader'];
  for (const spec of [librarySpec, keysDatabase, approvingDatabase, shelf]) await eraseDatabase(spec);
  for (const each of names) await eraseDatabase({ name: each, versions: [] });
  await resetApply();
  localStorage.clear();
  await operations[name]?.before();
}

let steps = 0;
let stopAt = 0;

/** One step of writing; at the chosen one the page stands still, for good. */
function step(): void {
  steps += 1;
  if (steps !== stopAt) return;
  console.log('stands still');
  for (;;);
}

function watchWrites(): void {
  for (const method of ['put', 'delete', 'clear'] as const) {
    // Called with its object below.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const real = IDBObjectStore.prototype[method] as (...args: unknown[]) => unknown;
    IDBObjectStore.prototype[method] = function (this: IDBObjectStore, ...args: unknown[]) {
      step();
      const result = real.apply(this, args);
      step();
      return result;
    } as never;
  }
  // Called with its object below.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const open = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...args: Parameters<typeof open>) {
    const transaction = open.apply(this, args);
    // After it is kept, before anybody of ours hears of it.
    if (transaction.mode === 'readwrite') transaction.addEventListener('complete', step);
    return transaction;
  };
}

/** Steps of the whole operation. */
async function run(name: string, stop: number): Promise<number> {
  stopAt = stop;
  watchWrites();
  watchFolder(step);
  await operations[name]?.run();
  return steps;
}

Object.assign(globalThis, { kill: { names: Object.keys(operations), reset, run, state } });
