import {
  packBundle,
  packExternal,
  planBundle,
  ProjectChangedError,
  type BuildChoices,
  type BuildPlan,
  type GovernanceLevel,
  type SeenFile,
} from '../core/build.js';
import type { Platform } from '../core/bytes/platform.js';
import type { NamedBytes } from '../core/envelope/approval.js';
import type { Finding } from '../core/generated/report.js';
import { finding } from '../core/messages/finding.js';
import type { PiecePacker } from '../core/archive/writeArchive.js';
import { compareUtf8 } from '../core/bytes/text.js';
import { matcher } from '../core/project/ignore.js';
import type { SecretFinding } from '../core/project/secrets.js';
import { readAhead } from '../platform/webFolder.js';
import { PackerLostError } from '../platform/packer.js';
import { startPacker } from '../platform/wasmDeflater.js';
import { spool } from '../platform/webSpool.js';
import { thinned, type OnBytes } from './onBytes.js';

/** A file of the project as it crosses into a worker. */
export interface BuildFile {
  readonly path: string;
  readonly blob: Blob;
}

/** {@link BuildChoices} as plain data. */
export interface BuildWishes {
  readonly id: string;
  readonly version: string;
  readonly created: string;
  readonly level: GovernanceLevel | null;
  readonly requiredApprovals: readonly string[];
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Patterns of gitignore: these files stay outside. */
  readonly external: readonly string[];
  /** Why what looks like a secret goes in, by {@link secretKey}. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly seed: Uint8Array | null;
}

/** What is decided of a bundle, or why nothing is. */
export interface Planned {
  /** Empty when it can be packed. */
  readonly findings: readonly Finding[];
  readonly secrets: readonly SecretFinding[];
  readonly plan: {
    readonly bundleDigest: string;
    readonly contentRoot: string;
    readonly manifestBytes: Uint8Array;
    /** Paths of the files that are listed but stay outside. */
    readonly external: readonly string[];
  } | null;
}

export interface Packed {
  readonly bundle: Blob;
  /** The files that stay outside; null when there are none. */
  readonly supplement: Blob | null;
}

export type PackResult = Packed | { readonly findings: readonly Finding[] };

/** What the build worker offers. A caller stops it by ending it. */
export interface BuildHost {
  ping(): Promise<true>;
  /** The files of the project from now on; what was read of others is forgotten. */
  open(files: readonly BuildFile[]): Promise<void>;
  /** `paths`: those of the open files that go in. Each file is read once, however often it is planned. */
  plan(paths: readonly string[], wishes: BuildWishes, onBytes: OnBytes): Promise<Planned>;
  /** Packs what was planned last. `carried`: approvals and attestations of the same bundle digest. */
  pack(carried: readonly NamedBytes[], session: string, onBytes: OnBytes): Promise<PackResult>;
}

/** The place of what looks like a secret: one reason is enough for one line. */
export function secretKey({ path, line }: SecretFinding): string {
  return `${path}:${line}`;
}

/** Below this, other workers take longer to start than they save, in bytes. */
const PACKERS_BYTES_MIN = 8 * 1024 * 1024;

/** The worker's side. `clock` is in milliseconds from any origin; `startPackers`: others that pack beside this one. */
export function hostBuilder(
  starting: Promise<Platform>,
  clock: () => number,
  startPackers?: () => Promise<PiecePacker | null>,
): BuildHost {
  let packers: Promise<PiecePacker | null> | undefined;
  let files: ReadonlyMap<string, Blob> = new Map();
  let seen = new Map<string, SeenFile>();
  let planned: BuildPlan | null = null;

  return {
    ping: async () => (await starting, true),
    open(given) {
      files = new Map(given.map(({ path, blob }) => [path, blob]));
      seen = new Map();
      planned = null;
      return Promise.resolve();
    },
    async plan(paths, wishes, onBytes) {
      planned = null;
      const list = readAhead(
        paths.toSorted(compareUtf8).flatMap((path) => {
          const blob = files.get(path);
          return blob === undefined ? [] : [{ path, blob }];
        }),
      );
      const told = thinned(onBytes, clock);
      const options = { platform: await starting, seen, onProgress: told };
      return orFindings({ secrets: [], plan: null }, async () => {
        const made = await planBundle(list, choicesOf(wishes), options);
        if ('findings' in made) return { ...made, plan: null };
        planned = made;
        return { findings: [], secrets: made.secrets, plan: summaryOf(made) };
      });
    },
    async pack(carried, session, onBytes) {
      const plan = planned;
      if (plan === null) throw new Error('nothing is planned');
      const platform = await starting;
      const total = plan.files.reduce((sum, { size }) => sum + size, 0);
      const write = async (packer: PiecePacker | null): Promise<Packed> => {
        const options = { platform, packer: packer ?? startPacker() };
        const told = thinned(onBytes, clock);
        const bundle = await spool(packBundle(counted(plan, told), carried, options), session, total);
        const outside = packExternal(plan, options);
        const supplement = outside === null ? null : await spool(outside, session, total);
        return { bundle, supplement };
      };
      if (total >= PACKERS_BYTES_MIN) packers ??= startPackers?.();
      const packer = (total >= PACKERS_BYTES_MIN ? await packers : null) ?? null;
      return orFindings({}, async () => {
        try {
          return await write(packer);
        } catch (error) {
          if (!(error instanceof PackerLostError)) throw error;
          packers = Promise.resolve(null);
          return write(null);
        }
      });
    },
  };
}

function choicesOf({ level, external, reasons, seed, ...wishes }: BuildWishes): BuildChoices {
  return {
    ...wishes,
    ...(level === null ? {} : { level }),
    isExternal: matcher(external),
    allowSecret: (secret) => reasons[secretKey(secret)] ?? null,
    ...(seed === null ? {} : { seed }),
  };
}

function summaryOf({ manifest, manifestBytes, bundleDigest }: BuildPlan): NonNullable<Planned['plan']> {
  const external = manifest.files.filter((file) => file.external).map(({ path }) => path);
  return { bundleDigest, contentRoot: manifest.integrityDigest, manifestBytes, external };
}

/** The same plan, telling how many bytes were read for packing. */
function counted(plan: BuildPlan, tell: (bytes: number) => void): BuildPlan {
  let bytes = 0;
  const files = plan.files.map((file) => ({
    ...file,
    async *open() {
      for await (const chunk of file.open()) {
        yield chunk;
        tell((bytes += chunk.length));
      }
    },
  }));
  return { ...plan, files };
}

/** Faults of the files, told as findings; everything else is a fault of ours. */
async function orFindings<T, F>(
  otherwise: F,
  work: () => Promise<T>,
): Promise<T | (F & { findings: Finding[] })> {
  try {
    return await work();
  } catch (error) {
    const found = filesFault(error);
    if (found === null) throw error;
    return { ...otherwise, findings: [found] };
  }
}

/** A fault of the files or of the room for them, as a finding; null for any other. */
export function filesFault(error: unknown): Finding | null {
  if (error instanceof ProjectChangedError)
    return finding('build-file-changed', { path: error.path }, { where: { path: error.path } });
  if (!(error instanceof DOMException)) return null;
  if (error.name === 'QuotaExceededError') return finding('build-no-room', {});
  if (error.name === 'NotReadableError' || error.name === 'NotFoundError')
    return finding('build-unreadable', { path: 'the project', reason: error.message });
  return null;
}
