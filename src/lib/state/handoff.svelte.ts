import { newId } from '../../platform/newId';
import { layOut, takeUp } from '../../store/reader';
import { readerStore } from './store';

/** Cache where the service worker leaves files that another application shared. */
const SHARED_CACHE = 'countersign-shared';

interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly files?: readonly { getFile(): Promise<File> }[] }) => void): void;
}

let receive: ((files: File[]) => void) | null = null;
let waiting: File[] = [];

/** The verify page takes files from here; what came earlier is delivered at once. */
export function onHandoff(consumer: (files: File[]) => void): () => void {
  receive = consumer;
  if (waiting.length > 0) deliver([]);
  return () => {
    if (receive === consumer) receive = null;
  };
}

/** Files for the verify page from another page of ours, which opens it next. */
export function handOver(files: readonly File[]): void {
  deliver(files);
}

/** Behind the address of a page that files were handed to by {@link handTo}. */
export const HANDED = '#handed';

/** Opens another document of ours with files in hand. @param href - its address, without a fragment. */
export async function handTo(href: string, files: readonly File[]): Promise<void> {
  // Without a store they do not come along; the page that opens says so.
  await (await readerStore()).putHandoff(files).catch(() => undefined);
  location.assign(href + HANDED);
}

/** What was handed to this document, once; empty when nothing came along. */
export async function takeHanded(): Promise<readonly File[]> {
  history.replaceState(history.state, '', location.pathname + location.search);
  return (await readerStore()).takeHandoff().catch(() => []);
}

function deliver(files: readonly File[]): void {
  waiting.push(...files);
  if (receive === null) return;
  const all = waiting;
  waiting = [];
  receive(all);
}

/** Pages that go on with a bundle which another page has at hand. */
export type Taker = 'compare' | 'apply' | 'migrate';

/** Pages of another document, which no memory of this one reaches. */
const elsewhere: readonly Taker[] = ['compare'];
const left = new Map<Taker, readonly File[]>();
const leftKey = (taker: Taker): string => `left-for-${taker}`;

/** Where the address of a page names what was laid out for it, and for no other tab. */
const LEFT = '#left-';

/** Lays files out for a page, and gives the end of the address at which it finds them. Rejects when they cannot be kept. */
export async function leaveFor(taker: Taker, files: readonly File[]): Promise<string> {
  if (!elsewhere.includes(taker)) {
    left.set(taker, files);
    return '';
  }
  const store = await readerStore();
  if (!store.lasting) throw new Error('nothing outlives this page');
  const mark = newId();
  await store.set(leftKey(taker), { mark, files: await layOut(files) });
  return LEFT + mark;
}

/** What was laid out for a page, once. */
export async function takeLeft(taker: Taker): Promise<readonly File[]> {
  const here = left.get(taker);
  if (here !== undefined) {
    left.delete(taker);
    return here;
  }
  if (!elsewhere.includes(taker)) return [];
  const { hash, pathname, search } = location;
  if (hash.startsWith(LEFT)) history.replaceState(history.state, '', pathname + search);
  const store = await readerStore();
  const kept = (await store.get(leftKey(taker)).catch(() => null)) as {
    mark?: string;
    files?: unknown;
  } | null;
  if (!kept) return [];
  // What nobody came for goes, too, and is never taken for what this page was opened with.
  await store.set(leftKey(taker), null);
  return hash === `${LEFT}${kept.mark}` ? takeUp(kept.files) : [];
}

/** Files that the operating system opens with this application; set in every page, a launch may reach any. */
export function consumeLaunches(toVerify: () => void): void {
  const queue = (globalThis as { launchQueue?: LaunchQueue }).launchQueue;
  queue?.setConsumer((launch) => {
    void Promise.all((launch.files ?? []).map((handle) => handle.getFile())).then((files) => {
      if (files.length === 0) return;
      deliver(files);
      if (receive === null) toVerify();
    });
  });
}

/** Files shared to the application or handed over by an earlier document, once. */
export async function takeHandedOver(): Promise<void> {
  const stored = await (await readerStore()).takeHandoff().catch(() => []);
  const shared = await takeShared().catch(() => []);
  if (stored.length + shared.length > 0) deliver([...stored, ...shared]);
}

async function takeShared(): Promise<File[]> {
  if (!('caches' in globalThis) || !(await caches.has(SHARED_CACHE))) return [];
  const cache = await caches.open(SHARED_CACHE);
  const files: File[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const name = response?.headers.get('x-file-name');
    if (response !== undefined) files.push(new File([await response.blob()], decodeName(name)));
  }
  await caches.delete(SHARED_CACHE);
  return files;
}

function decodeName(name: string | null | undefined): string {
  try {
    return decodeURIComponent(name ?? '') || 'shared.sbundle.tgz';
  } catch {
    return 'shared.sbundle.tgz';
  }
}
