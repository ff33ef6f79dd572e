import { concatBytes } from '../bytes/bytes.js';
import type { Platform } from '../bytes/platform.js';
import type { Finding } from '../generated/report.js';
import type { Limits } from '../limits.js';
import { finding } from '../messages/finding.js';
import type { Entry } from './archive.js';
import { ContentHash, DigestWindow, HashesTogether } from './contentHash.js';
import { FindingList } from './findingList.js';
import type { TarSink } from './tar.js';

interface CollectorOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  keep(path: string, size: number): boolean;
}

type Draft = { -readonly [K in keyof Entry]: Entry[K] };

/** Hashes every file of an archive and keeps the documents that were asked for. */
export class EntryCollector implements TarSink {
  /** `sha256` is empty until the digest is there. */
  readonly entries: Draft[] = [];
  readonly directories: string[] = [];
  readonly kept = new Map<string, Uint8Array>();
  readonly findings = new FindingList();
  readonly digests = new DigestWindow();
  /** Entry being read. */
  current: string | null = null;
  /** Of the entry being read; null when it is hashed together with others. */
  private hash: ContentHash | null = null;
  private readonly together: HashesTogether;
  private readonly togetherBytesMax: number;
  private keptParts: Uint8Array[] | null = null;
  private keptBytes = 0;
  private keptFull = false;

  constructor(private readonly options: CollectorOptions) {
    this.together = new HashesTogether(options.platform, this.digests);
    this.togetherBytesMax = options.platform.sha256ManyBytesMax ?? -1;
  }

  startFile(path: string, size: number): void {
    this.current = path;
    this.entries.push({ path, size, sha256: '' });
    if (size > this.togetherBytesMax) this.hash = new ContentHash(this.options.platform, size, true);
    else this.together.begin(size);
    this.keptParts = this.options.keep(path, size) && this.hasRoom(path, size) ? [] : null;
  }

  body(bytes: Uint8Array): void {
    (this.hash ?? this.together).update(bytes);
    this.keptParts?.push(bytes.slice());
  }

  endFile(): void {
    const entry = this.entries.at(-1)!;
    if (this.keptParts) this.kept.set(entry.path, concatBytes(this.keptParts));
    this.keptParts = null;
    if (this.hash === null) return this.together.end(entry);
    const digest = this.hash.digest();
    this.hash = null;
    if (typeof digest === 'string') entry.sha256 = digest;
    else this.digests.add(digest, entry.size, (hex) => (entry.sha256 = hex));
  }

  /** Every digest is there afterwards. */
  async settle(): Promise<void> {
    this.together.flush();
    await this.digests.settle();
  }

  directory(path: string): void {
    this.directories.push(path);
  }

  report(one: Finding): void {
    this.findings.add(one);
  }

  /** Kept documents are bounded as a whole: two of a manifest's size and four files for each approval. */
  private hasRoom(path: string, size: number): boolean {
    const { manifestBytesMax, approvalsMax, approvalBytesMax } = this.options.limits;
    const limit = 2 * manifestBytesMax + 4 * approvalsMax * approvalBytesMax;
    if (this.keptBytes + size <= limit) {
      this.keptBytes += size;
      return true;
    }
    if (!this.keptFull)
      this.report(finding('archive-too-many-documents', { path, limit }, { where: { path } }));
    this.keptFull = true;
    return false;
  }
}
