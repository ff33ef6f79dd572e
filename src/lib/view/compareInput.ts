import { readDrop, type WebFolder } from '../../platform/webFolder';
import type { Chosen, SlotName } from '$lib/state/compare.svelte';

/** What the reader gave, as a side of a comparison. */
export function bundleOf(file: File): Chosen {
  return { side: { kind: 'bundle', name: file.name, source: file }, sizeBytes: file.size, evidence: [] };
}

export function folderOf({ name, files }: WebFolder): Chosen {
  return {
    side: { kind: 'folder', name, files: files.map(({ path, blob }) => ({ path, blob })) },
    sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
    evidence: [],
  };
}

/** The one folder of a drop, or null when something else was dropped. Call it before the event handler yields. */
export function folderOfDrop(transfer: DataTransfer): Promise<WebFolder | null> | null {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const [only] = items;
  if (items.length !== 1 || only?.webkitGetAsEntry?.()?.isDirectory !== true) return null;
  return readDrop(transfer);
}

/** The older name first, as people number versions; two of a drop become before and after. */
export function inOrder(files: readonly File[]): readonly File[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return files.toSorted((a, b) => collator.compare(a.name, b.name));
}

/** Which slots bundles fill that were dropped beside the slots: the empty ones, or both. */
export function slotsFor(
  bundles: readonly File[],
  filled: Readonly<Record<SlotName, Chosen | null>>,
): Partial<Record<SlotName, Chosen>> {
  const [first, second] = inOrder(bundles);
  if (first === undefined) return {};
  if (second !== undefined) return { before: bundleOf(first), after: bundleOf(second) };
  // One bundle alone is the newer one: what it is compared with is looked for.
  return filled.after === null ? { after: bundleOf(first) } : { before: bundleOf(first) };
}
