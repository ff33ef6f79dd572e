/** The part of the page that is killed which writes to a folder: one of the page's own file system. */
import { contentOf, decideApply, INFO_PATH, planApply, previousOf } from '../../src/core/apply.js';
import { packBundle, planBundle, type ProjectFile } from '../../src/core/build.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { sourceOfBlob, webPlatform } from '../../src/platform/web.js';
import { lookAtHandle, recordOfHandle } from '../../src/platform/webWrite.js';
import { applyingDatabase, openApplyingStore, type ApplyJob } from '../../src/store/applying.js';
import { carryOut, takeBack } from '../../src/store/applyRun.js';
import { eraseDatabase } from '../../src/store/database.js';

const NOW = '2026-11-20T10:00:00Z';
const FOLDER = 'kill';
const long = 'x'.repeat(300_000);
const ONE = { 'a.txt': 'one', 'deep/b.txt': 'one', 'c.txt': 'one' };
const TWO = { 'a.txt': long, 'deep/b.txt': 'two', 'c.txt': 'two', 'new/d.txt': 'two', 'new/e.txt': long };

async function folder(create: boolean): Promise<FileSystemDirectoryHandle | null> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create }).catch(() => null);
}

async function bundleOf(files: Readonly<Record<string, string>>, version: string): Promise<Blob> {
  const platform = await webPlatform();
  const project = Object.entries(files).map(([path, text]): ProjectFile => {
    const bytes = new TextEncoder().encode(text);

    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    return { path, size: bytes.length, open };
  });
  const choices = { id: 'a/b', version, created: NOW, requiredApprovals: [], metadata: {} };
  const plan = await planBundle(project, choices, { platform });
  if ('findings' in plan) throw new Error('the bundle cannot be built');
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of packBundle(plan, [], { platform })) parts.push(new Uint8Array(part));
  return new Blob(parts);
}

async function applyBundle(bundle: Blob): Promise<void> {
  const platform = await webPlatform();
  const root = (await folder(true))!;
  const engine = createInlineEngine(platform, { sourceOfBlob, withoutControls: true });
  const report = await engine.verify({ inputs: [{ name: 'b', source: bundle }], loose: [], now: NOW });
  const input = report.inputs[0]!;
  const { info } = await recordOfHandle(root);
  const content = contentOf(input);
  const paths = [...content.files.map(({ path }) => path), ...previousOf(info).keys(), INFO_PATH];
  const view = await lookAtHandle(root, paths, platform);
  const choices = { input, rule: null, tool: report.tool, at: NOW, reason: 'a test', previous: info };
  const plan = planApply(content, { view, info });
  const decision = decideApply(plan, view, { ...choices, writes: () => true }, platform)!;
  const store = await openApplyingStore();
  const job: ApplyJob = {
    id: input.archiveDigest ?? '',
    folderName: FOLDER,
    folder: root,
    journal: { ...decision.journal, state: 'writing' },
    record: decision.record,
    bundle,
    supplements: [],
    archiveSha256: (input.archiveDigest ?? '').slice(7),
  };
  await store.begin(job);
  await carryOut(store, job, { platform });
}

export const applyOperation = {
  before: async () => applyBundle(await bundleOf(ONE, '1')),
  run: async () => applyBundle(await bundleOf(TWO, '2')),
};

export async function resetApply(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(FOLDER, { recursive: true }).catch(() => undefined);
  await eraseDatabase(applyingDatabase);
}

/** What a person does after the interruption, now this and now that; then the folder as it is. */
export async function recoveredFolder(): Promise<readonly string[]> {
  const root = await folder(false);
  if (root === null) return [];
  const store = await openApplyingStore();
  for (const job of (await store.jobs()).filter(({ journal }) => journal.state !== 'done')) {
    const platform = await webPlatform();
    const files = (await contentsOf(root, '')).length;
    if (job.journal.state === 'undoing' || files % 2 === 0) await takeBack(store, job, platform);
    else await carryOut(store, job, { platform });
  }
  return contentsOf(root, '');
}

async function contentsOf(directory: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  interface Walkable {
    values(): AsyncIterable<FileSystemHandle>;
  }
  const found: string[] = [];
  for await (const entry of (directory as unknown as Walkable).values()) {
    const path = prefix + entry.name;
    if (entry.kind === 'directory') {
      const inner = await contentsOf(entry as FileSystemDirectoryHandle, `${path}/`);
      found.push(...(inner.length === 0 ? [`${path}/`] : inner));
    } else {
      const file = await (entry as FileSystemFileHandle).getFile();
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
      found.push(`${path} ${file.size} ${digest.slice(0, 4).join('.')}`);
    }
  }
  return found.sort();
}

/** Every change of the folder is a step, before and after. */
export function watchFolder(step: () => void): void {
  const wrap = (prototype: object, method: string, counts: (args: unknown[]) => boolean): void => {
    const methods = prototype as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const real = methods[method]!;
    methods[method] = async function (this: unknown, ...args: unknown[]) {
      if (counts(args)) step();
      const result = await real.apply(this, args);
      if (counts(args)) step();
      return result;
    };
  };
  const creates = ([, how]: unknown[]): boolean => (how as { create?: boolean } | undefined)?.create === true;
  wrap(FileSystemDirectoryHandle.prototype, 'getFileHandle', creates);
  wrap(FileSystemDirectoryHandle.prototype, 'getDirectoryHandle', creates);
  wrap(FileSystemFileHandle.prototype, 'createWritable', () => true);
  wrap(FileSystemWritableFileStream.prototype, 'close', () => true);
}
