import { suppliedEntries } from '../core/apply.js';
import type { Platform } from '../core/bytes/platform.js';
import type { Finding } from '../core/generated/report.js';
import { limitsProfiles } from '../core/limits.js';
import { sourceOfBlob } from '../platform/web.js';
import { takeBackSteps, writeSteps } from '../platform/webWrite.js';
import type { ApplyingStore, ApplyJob } from './applying.js';

export interface RunOptions {
  readonly platform: Platform;
  readonly signal?: AbortSignal;
  /** Files done so far, the record among them. */
  readonly onProgress?: (files: number) => void;
}

/** Applies of other folders that can still be taken back. */
const DONE_MAX = 5;

/** Writes what a kept job says, or the rest of it, and keeps what is needed to take it back. */
export async function carryOut(
  store: ApplyingStore,
  job: ApplyJob,
  { platform, signal, onProgress }: RunOptions,
): Promise<{ readonly job: ApplyJob; readonly findings: readonly Finding[] }> {
  const { folder, journal, record, bundle, supplements, archiveSha256 } = job;
  const stop = signal === undefined ? {} : { signal };
  const entries = suppliedEntries(sourceOfBlob(bundle), journal.steps, {
    supplements,
    platform,
    limits: limitsProfiles.large,
    archiveSha256,
    ...stop,
  });
  const findings = await store.exclusively(() =>
    writeSteps(folder, journal, record, entries, {
      platform,
      ...stop,
      ...(onProgress === undefined ? {} : { onProgress }),
      keepOld: (index, bytes) => store.keepOld(job, index, bytes),
    }),
  );
  const done = await store.setState(job, 'done');
  await forgetOlder(store, done);
  return { job: done, findings };
}

/** Puts back what stood there before, and forgets the job. */
export async function takeBack(
  store: ApplyingStore,
  job: ApplyJob,
  platform: Platform,
): Promise<readonly Finding[]> {
  const findings = await store.exclusively(async () => {
    const undoing = await store.setState(job, 'undoing');
    return takeBackSteps(job.folder, job.journal, (index) => store.old(undoing, index), platform);
  });
  await store.drop(job);
  return findings;
}

/** What the last apply wrote over is kept; of the one before it in the same folder nothing is needed any more. */
async function forgetOlder(store: ApplyingStore, job: ApplyJob): Promise<void> {
  const done = (await store.jobs()).filter(({ id, journal }) => id !== job.id && journal.state === 'done');
  for (const [index, older] of done.entries())
    if (index >= DONE_MAX - 1 || (await older.folder.isSameEntry(job.folder))) await store.drop(older);
}
