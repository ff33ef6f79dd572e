import { sourceOfBytes } from '../../core/bytes/source';
import { readBundle } from '../../core/checks/reading';
import { readStatement } from '../../core/envelope/statement';
import { readWithdrawal } from '../../core/envelope/withdrawal';
import { limitsProfiles } from '../../core/limits';
import type { NamedDocument } from '../../engine/engine';
import { webPlatform } from '../../platform/web';
import type { LibraryItem } from '../../store/library';
import { approveState } from './approve.svelte';
import { statementDigest } from './approveSign';
import { libraryStore } from './library.svelte';

/** Of a supplement no more is looked at; whatever else it holds is judged with its bundle. */
const LOOKED_AT_MAX = 64;

/**
 * The kept bundle that loose approvals, supplements or withdrawals speak about; null when this browser keeps none of
 * theirs. It only finds the bundle: whether they hold is judged like everything else. All of them are
 * attacker-controlled.
 */
export async function keptBundleOf(loose: readonly NamedDocument[]): Promise<LibraryItem | null> {
  const texts = (await Promise.all(loose.map(textsIn))).flat();
  const { items } = approveState();
  for (const bytes of texts) {
    const read = readStatement(bytes);
    if ('findings' in read) continue;
    const { kind, subjectSha256, bundle } = read.statement;
    const item = items.find((one) =>
      kind === 'bundle'
        ? one.bundleDigest === `sha256:${subjectSha256}`
        : one.contentRoot === bundle.contentRoot && one.id === bundle.id && one.version === bundle.version,
    );
    if (item !== undefined) return item;
  }
  return (await keptApprovalOf(texts)) ?? null;
}

/** A withdrawal names the approval; which bundle that belongs to is known where it is kept. */
async function keptApprovalOf(texts: readonly Uint8Array[]): Promise<LibraryItem | undefined> {
  const taken = texts.flatMap((bytes) => {
    const read = readWithdrawal(bytes);
    return 'withdrawal' in read && read.withdrawal.what.is === 'approval'
      ? [read.withdrawal.what.statement]
      : [];
  });
  if (taken.length === 0) return undefined;
  const library = await libraryStore();
  for (const item of approveState().items) {
    if (item.evidence.length === 0) continue;
    const kept = await library.evidence(item.archiveDigest);
    if (kept.some(({ bytes }) => taken.includes(statementDigest(bytes)))) return item;
  }
  return undefined;
}

/** A file by itself, or the approvals in a supplement. */
async function textsIn({ name, bytes }: NamedDocument): Promise<readonly Uint8Array[]> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return [bytes];
  const options = { platform: await webPlatform(), limits: limitsProfiles.default };
  const { archive, supplement } = await readBundle(name, sourceOfBytes(bytes), options);
  return supplement ? [...archive.kept.values()].slice(0, LOOKED_AT_MAX) : [];
}
