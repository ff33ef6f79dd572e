import { attachApprovals, type Attached } from '../core/approve.js';
import { ArchiveChangedError } from '../core/archive/rewrite.js';
import type { Platform } from '../core/bytes/platform.js';
import type { ByteSource } from '../core/bytes/source.js';
import type { NamedBytes } from '../core/envelope/approval.js';
import type { Finding } from '../core/generated/report.js';
import type { Limits } from '../core/limits.js';
import { finding } from '../core/messages/finding.js';
import { startPacker } from '../platform/wasmDeflater.js';
import { sourceOfBlob } from '../platform/web.js';
import { spool } from '../platform/webSpool.js';
import { thinned, type OnBytes } from './onBytes.js';

/** What is to be attached to what. Everything but the limits is attacker-controlled. */
export interface AttachAsked {
  readonly bundle: Blob;
  readonly files: readonly NamedBytes[];
  readonly limits: Limits;
  /** OpenPGP public keys of the reader's own list. */
  readonly certificates: readonly NamedBytes[];
  /** Milliseconds since 1970 at which OpenPGP keys are judged. */
  readonly now: number;
}

/** What would be attached. `writes`: there is a new bundle to be written. */
export interface AttachLook extends Omit<Attached, 'bundle'> {
  readonly writes: boolean;
}

export type AttachWritten = { readonly bundle: Blob } | { readonly findings: readonly Finding[] };

/** What the worker offers. A caller stops it by ending it. Progress is told in bytes of the packed bundle. */
export interface AttachHost {
  ping(): Promise<true>;
  look(asked: AttachAsked, onBytes: OnBytes): Promise<AttachLook>;
  /** Writes what was looked at last. `session`: whose room it is written to. */
  write(session: string, onBytes: OnBytes): Promise<AttachWritten>;
}

/** The new bundle is the old one with small files put in: so much larger it is at most when it is packed again. */
const GROWTH = 1.1;
const MIB = 1024 * 1024;

/** The worker's side. `clock` is in milliseconds from any origin. */
export function hostAttaching(starting: Promise<Platform>, clock: () => number): AttachHost {
  let seen: { readonly bundle: ByteSource; readonly sizeBytes: number } | null = null;
  let tell: (bytes: number) => void = () => undefined;

  return {
    ping: async () => (await starting, true),
    async look({ bundle, files, limits, certificates, now }, onBytes) {
      seen = null;
      tell = thinned(onBytes, clock);
      const platform = await starting;
      const source = counted(bundle, (bytes) => tell(bytes));
      try {
        const attached = await attachApprovals(source, files, platform, limits, {
          certificates,
          now,
          startPacker,
        });
        const { bundle: merged, ...look } = attached;
        // For the core, a file that is gone is one that cannot be read.
        if (source.fault !== null) return { ...NOTHING, findings: [finding('attach-bundle-changed', {})] };
        if (merged !== null) seen = { bundle: merged, sizeBytes: bundle.size };
        return { ...look, writes: merged !== null };
      } catch (error) {
        return { ...NOTHING, findings: [faultOf(error)] };
      }
    },
    async write(session, onBytes) {
      if (seen === null) throw new Error('nothing was looked at');
      tell = thinned(onBytes, clock);
      const { bundle, sizeBytes } = seen;
      try {
        return { bundle: await spool(bundle.open(), session, sizeBytes * GROWTH + MIB) };
      } catch (error) {
        return { findings: [faultOf(error)] };
      }
    },
  };
}

const NOTHING = { bundleDigest: null, readable: false, added: [], ignored: [], writes: false } as const;

/** A fault of the file or of the disk; everything else is a fault of ours and is thrown on. */
function faultOf(error: unknown): Finding {
  if (error instanceof ArchiveChangedError) return finding('attach-bundle-changed', {});
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') return finding('attach-no-room', {});
  if (name === 'NotReadableError' || name === 'NotFoundError') return finding('attach-bundle-changed', {});
  throw error;
}

interface Counted extends ByteSource {
  /** What went wrong while it was read. */
  readonly fault: unknown;
}

/** The same bytes, telling how many of them were read since it was opened. */
function counted(blob: Blob, tell: (bytes: number) => void): Counted {
  const source = sourceOfBlob(blob);
  let fault: unknown = null;
  return {
    sizeBytes: source.sizeBytes,
    reopenable: source.reopenable,
    get fault() {
      return fault;
    },
    async *open() {
      let bytes = 0;
      try {
        for await (const chunk of source.open()) {
          tell((bytes += chunk.length));
          yield chunk;
        }
      } catch (error) {
        fault = error;
        throw error;
      }
    },
  };
}
