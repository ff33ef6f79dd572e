import { ArchiveChangedError, readEntries } from '../core/archive/rewrite.js';
import { packBundle, packExternal, planBundle, type ProjectFile } from '../core/build.js';
import { toHex } from '../core/bytes/hex.js';
import type { Platform } from '../core/bytes/platform.js';
import type { Finding, InputReport } from '../core/generated/report.js';
import { limitsProfiles, type Limits } from '../core/limits.js';
import { finding } from '../core/messages/finding.js';
import { planMigration, type Migration } from '../core/migrate.js';
import type { SecretFinding } from '../core/project/secrets.js';
import type { Reading } from '../core/verify.js';
import { startPacker } from '../platform/wasmDeflater.js';
import { sourceOfBlob } from '../platform/web.js';
import { fileOfBlob } from '../platform/webFolder.js';
import { spool } from '../platform/webSpool.js';
import { filesFault, secretKey } from './builder.js';
import { thinned, type OnBytes } from './onBytes.js';
import type { VerifyRequest } from './engine.js';
import type { JudgingTools } from './judgingTools.js';

/** One older bundle, and what it is judged by. */
export interface GivenOlder extends Omit<VerifyRequest, 'inputs'> {
  readonly name: string;
  readonly bundle: Blob;
}

export interface MigrationWishes {
  /** Roles that must approve, in place of the older bundle's; null keeps those. */
  readonly requiredApprovals: readonly string[] | null;
  /** Keeps the older bundle inside of the new one. */
  readonly keepOriginal: boolean;
  /** Why what looks like a secret goes in, by {@link secretKey}. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** What the older bundle is, and what it would become; findings where it cannot become anything. */
export interface Looked {
  readonly input: InputReport | null;
  readonly migration: Migration | null;
  readonly findings: readonly Finding[];
}

export interface Migrated {
  readonly bundle: Blob;
  /** The files that stay outside; null when there are none. */
  readonly supplement: Blob | null;
  readonly bundleDigest: string;
}

export interface NotMigrated {
  readonly findings: readonly Finding[];
  /** Everything that looks like a secret, with a reason or without. */
  readonly secrets: readonly SecretFinding[];
}

/** What the migration worker offers. A caller stops it by ending it. */
export interface MigrateHost {
  ping(): Promise<true>;
  /** Judges a bundle as the verify page does, and remembers it. */
  open(given: GivenOlder, wishes: MigrationWishes, onBytes: OnBytes): Promise<Looked>;
  /** What the bundle that was opened last would become by other wishes. Reads nothing. */
  plan(wishes: MigrationWishes): Promise<Looked>;
  /** Writes the bundle that was opened last in the form of today. Its content is hashed once more on the way. */
  write(wishes: MigrationWishes, session: string, onBytes: OnBytes): Promise<Migrated | NotMigrated>;
}

interface Opened {
  readonly given: GivenOlder;
  readonly input: InputReport;
  readonly reading: Reading;
}

/** The worker's side. `clock` is in milliseconds from any origin. */
export function hostMigrating(starting: Promise<JudgingTools>, clock: () => number): MigrateHost {
  let opened: Opened | null = null;
  return {
    ping: async () => (await starting, true),
    async open(given, wishes, onBytes) {
      opened = null;
      const { engine } = await starting;
      const { name, bundle, ...documents } = given;
      const asked: VerifyRequest = { ...documents, inputs: [{ name, source: bundle }] };
      const told = thinned(onBytes, clock);
      const reading = await engine.read(asked, 0, { onProgress: ({ readBytes }) => told(readBytes) });
      const [input] = (await engine.judge(asked, [reading])).inputs;
      if (input === undefined)
        return { input: null, migration: null, findings: [finding('compare-supplement', {})] };
      opened = { given, input, reading };
      return looked(opened, wishes);
    },
    plan(wishes) {
      if (opened === null) throw new Error('nothing is open');
      return Promise.resolve(looked(opened, wishes));
    },
    async write(wishes, session, onBytes) {
      const from = opened;
      if (from === null) throw new Error('nothing is open');
      const migration = migrationOf(from, wishes);
      if ('findings' in migration) return { ...migration, secrets: [] };
      const { platform } = await starting;
      try {
        return await written(from, migration, wishes, { platform, session, tell: thinned(onBytes, clock) });
      } catch (error) {
        const found = faultOf(error, from.given.name);
        if (found === null) throw error;
        return { findings: [found], secrets: [] };
      }
    },
  };
}

function looked(opened: Opened, wishes: MigrationWishes): Looked {
  const plan = migrationOf(opened, wishes);
  const { input } = opened;
  return 'findings' in plan
    ? { input, migration: null, findings: plan.findings }
    : { input, migration: plan, findings: [] };
}

function migrationOf(
  { given, input, reading }: Opened,
  { requiredApprovals, keepOriginal }: MigrationWishes,
): Migration | { readonly findings: readonly Finding[] } {
  const { manifest } = reading;
  // Without a list there is nothing to carry; the verdict says why there is none.
  if (manifest === null) return { findings: input.findings.filter(({ severity }) => severity === 'error') };
  const roles = requiredApprovals === null ? {} : { requiredApprovals };
  return planMigration(input, { ...reading, manifest }, { now: given.now, keepOriginal, ...roles });
}

interface Tools {
  readonly platform: Platform;
  readonly session: string;
  readonly tell: (bytes: number) => void;
}

async function written(
  from: Opened,
  migration: Migration,
  { reasons }: MigrationWishes,
  tools: Tools,
): Promise<Migrated | NotMigrated> {
  const { platform, session } = tools;
  const files = await unpacked(from, migration, tools);
  const choices = {
    ...migration.choices,
    allowSecret: (secret: SecretFinding) => reasons[secretKey(secret)] ?? null,
  };
  const plan = await planBundle(files, choices, { platform });
  if ('findings' in plan) return plan;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const options = { platform, packer: startPacker() };
  const bundle = await spool(packBundle(plan, [], options), session, total);
  const outside = packExternal(plan, options);
  const supplement = outside === null ? null : await spool(outside, session, total);
  return { bundle, supplement, bundleDigest: plan.bundleDigest };
}

/** The files of the older bundle, one behind the other in one place, and each a part of it. */
async function unpacked(
  { given, input }: Opened,
  { files, original }: Migration,
  { platform, session, tell }: Tools,
): Promise<readonly ProjectFile[]> {
  const wanted = new Map(files.map((file) => [file.path, file]));
  const places: { readonly path: string; readonly at: number; readonly size: number }[] = [];
  let at = 0;
  async function* bodies(): AsyncGenerator<Uint8Array> {
    const archiveSha256 = (input.archiveDigest ?? '').replace('sha256:', '');
    const source = sourceOfBlob(given.bundle);
    for await (const { path, chunks } of readEntries(source, {
      platform,
      limits: limitsOf(given),
      archiveSha256,
    })) {
      const file = wanted.get(path);
      if (file === undefined) continue;
      const hash = platform.createSha256();
      const start = at;
      for await (const chunk of chunks) {
        hash.update(chunk);
        tell((at += chunk.length));
        yield chunk;
      }
      // What was judged is what is written, though the file may have changed under the page.
      if (at - start !== file.size || toHex(await hash.digest()) !== file.sha256)
        throw new ArchiveChangedError('a file is not the one that was judged');
      places.push({ path, at: start, size: file.size });
    }
  }
  const whole = await spool(
    bodies(),
    session,
    files.reduce((sum, { size }) => sum + size, 0),
  );
  if (places.length !== files.length) throw new ArchiveChangedError('files are missing that were judged');
  const parts = places.map(({ path, at: from, size }) => fileOfBlob(path, whole.slice(from, from + size)));
  return original === null ? parts : [...parts, fileOfBlob(original, given.bundle)];
}

function limitsOf({ limitsProfile = 'default', limits = {} }: GivenOlder): Limits {
  return { ...limitsProfiles[limitsProfile], ...limits };
}

function faultOf(error: unknown, name: string): Finding | null {
  if (error instanceof ArchiveChangedError)
    return finding('build-file-changed', { path: name }, { where: { file: name } });
  return filesFault(error);
}
