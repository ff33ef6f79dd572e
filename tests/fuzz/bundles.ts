import type { InputReport, Report } from '../../src/core/generated/report.js';
import { validate } from '../../src/core/generated/report.validate.js';
import { limitsProfiles } from '../../src/core/limits.js';
import { contentRoot } from '../../src/core/manifest/digests.js';
import { writeChecksums } from '../../src/core/manifest/checksums.js';
import { readManifest } from '../../src/core/manifest/readManifest.js';
import { writeManifest } from '../../src/core/manifest/writeManifest.js';
import { bundleOrder, writeTar } from '../../src/core/archive/writeArchive.js';
import type { VerifyRequest } from '../../src/engine/engine.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { sha256Hex } from '../vectorgen/raw.js';
import type { LoadedVector } from '../vectors.js';
import { checkFindings, demand, type Outcome, same } from './broken.js';
import { mutate, type MutationOptions } from './mutate.js';
import { naiveFiles } from './naiveTar.js';
import type { Random } from './random.js';
import { gzipped, repairGzip, repairTar, type Repair } from './repair.js';
import { inputOf, once, otherBundles, sharedBytes, small, unpacked, vectors } from './seeds.js';
import { target, type Change, type Seed } from './target.js';

const platform = nodePlatform();
const engine = createInlineEngine(platform, { withoutControls: true });

// --- What may be confirmed -------------------------------------------------------------------------------------

/** A bundle that is confirmed, and rightly so. */
interface Confirmed {
  readonly archive: Uint8Array;
  readonly content: string;
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

export interface Context {
  readonly request: VerifyRequest;
  /** All confirmed bundles under the same trust list, signers, rule, clock and limits. */
  readonly confirmed: readonly Confirmed[];
}

/** Everything that a verdict depends on beside the bundle and its approvals. */
function circumstances({ request }: LoadedVector): string {
  const { trust, allowedSigners, ruleName, now, limits, limitsProfile } = request;
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  const signers = (allowedSigners ?? []).map(({ bytes }) => text(bytes));
  return JSON.stringify([text(trust?.bytes), signers, ruleName, now, limits, limitsProfile]);
}

/** Names and bytes of all files but the evidence, in order of name. */
export function contentOf(tar: Uint8Array): string {
  return naiveFiles(tar)
    .filter(({ path }) => !/^(?:approvals|attestations)\//.test(path) && path !== 'checksums.txt')
    .map(({ path, size, at }) => `${path} ${sha256Hex(tar.subarray(at, at + size))}`)
    .sort()
    .join('\n');
}

function confirmedBundles(): Map<string, Confirmed[]> {
  const all = new Map<string, Confirmed[]>();
  for (const vector of vectors()) {
    const tar = unpacked(inputOf(vector));
    if (vector.expect.code !== 'B-OK' || tar === null) continue;
    const one = { archive: inputOf(vector), content: contentOf(tar), roles: vector.expect.roles };
    const key = circumstances(vector);
    all.set(key, [...(all.get(key) ?? []), one]);
  }
  return all;
}

/** Confirmed is only what was confirmed before it was changed: the same files, and the same people for each role. */
function checkConfirmed(report: InputReport, tgz: Uint8Array, { confirmed }: Context): void {
  const tar = unpacked(tgz);
  demand(tar !== null, 'confirmed, but a plain reader cannot unpack it');
  const content = contentOf(tar);
  const known = confirmed.filter((one) => one.content === content);
  demand(known.length > 0, 'FALSE ACCEPT: confirmed with other files than those that were approved');
  for (const { role, met } of report.roles) {
    const people = known.flatMap((one) => one.roles[role] ?? []);
    demand(
      met.every((person) => people.includes(person)),
      `FALSE ACCEPT: somebody counts for ${role} who never approved`,
    );
  }
  const bound = report.dialect === 'countersign' || known.some(({ archive }) => same(archive, tgz));
  demand(bound, 'FALSE ACCEPT: an approval of one archive counts for another');
}

/** null when the file was taken for a supplement: a few approvals, and no manifest. */
function checkReport(report: Report, tgz: Uint8Array): InputReport | null {
  const [input] = report.inputs;
  demand(report.inputs.length <= 1, 'the report is about more than one bundle');
  if (input === undefined) {
    const files = naiveFiles(unpacked(tgz) ?? new Uint8Array(0));
    demand(!files.some(({ path }) => path === 'manifest.yaml'), 'a bundle with a manifest gets no verdict');
    return null;
  }
  checkFindings([
    ...input.findings,
    ...report.trust.findings,
    ...report.loose.flatMap((one) => one.findings),
  ]);
  const { code, look } = input.verdict;
  demand((code === 'B-OK') === (look === 'confirmed'), `${code} looks ${look}`);
  if (look === 'unreadable' || code === 'B-CHANGED') {
    const silent = input.bundle === null && input.approvals.length === 0 && input.roles.length === 0;
    demand(silent, `${code} still shows what the bundle says of itself`);
  }
  if (look === 'unreadable' || look === 'rejected') {
    demand(
      input.findings.some(({ severity }) => severity === 'error'),
      `${code} without an error that says why`,
    );
  }
  return input;
}

// --- Targets ---------------------------------------------------------------------------------------------------

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** One bundle through the engine, and whether its verdict may be what it is. */
export async function runBundle(bytes: Uint8Array, context: Context): Promise<Outcome> {
  const tgz = isGzip(bytes) ? bytes : gzipped(bytes);
  const inputs = [{ name: 'input.sbundle.tgz', source: tgz }];
  const report = await engine.verify({ ...context.request, inputs });
  demand(
    validate(report),
    `the report is not of its schema: ${JSON.stringify(validate.errors?.[0] ?? null)}`,
  );
  const input = checkReport(report, tgz);
  if (input === null) return 'refused: taken for a supplement';
  const { code } = input.verdict;
  if (code !== 'B-OK') return `refused: ${code}`;
  checkConfirmed(input, tgz, context);
  return 'accepted';
}

const bundleSeeds = once((): Seed<Context>[] => {
  const confirmed = confirmedBundles();
  const known = vectors()
    .filter((vector) => small(inputOf(vector)))
    .map((vector) => ({
      bytes: inputOf(vector),
      context: { request: vector.request, confirmed: confirmed.get(circumstances(vector)) ?? [] },
    }));
  const trust = sharedBytes('samples', 'keys', 'trust.yaml');
  const request: VerifyRequest = {
    inputs: [],
    loose: [],
    now: '2026-11-20T12:00:00Z',
    ...(trust === null ? {} : { trust: { name: 'trust.yaml', bytes: trust } }),
  };
  return [...known, ...otherBundles().map((bytes) => ({ bytes, context: { request, confirmed: [] } }))];
});

export const bundle = target({
  name: 'bundle',
  what:
    'whole compressed bundles through the engine; confirmed are only the files and the people that were confirmed ' +
    'before; a bundle that is unreadable or changed says nothing of itself; every report is of its schema',
  text: false,
  dictionary: ['\x1f\x8b\x08', '\x1f\x8b\x08\0\0\0\0\0\0\xff', '\x03\0', '\0\0\xff\xff'],
  seeds: bundleSeeds,
  repair: repairGzip,
  run: runBundle,
});

const tarSeeds = once((): Seed<Context>[] =>
  bundleSeeds().flatMap(({ bytes, context }) => {
    const tar = unpacked(bytes);
    return tar === null || tar.length > 64 * 1024 ? [] : [{ bytes: tar, context }];
  }),
);

const BUNDLE_WORDS = [
  ...[
    'manifest.yaml',
    'checksums.txt',
    'approvals/pm-1.json',
    'approvals/pm-1.json.sig',
    'attestations/',
    '"pm"',
  ],
  ...[
    'required_approvals:\n',
    '  - path: ',
    '    external: true\n',
    'sha256:',
    '"role":"pm"',
    '"approved"',
    '5',
    'x',
  ],
];

export const bundleTar = target({
  name: 'bundle-tar',
  what: 'the tar inside of bundles, header check sums mended, through the engine; holds what `bundle` holds',
  text: false,
  dictionary: BUNDLE_WORDS,
  seeds: tarSeeds,
  repair: repairTar,
  run: runBundle,
});

type Files = Map<string, Uint8Array>;

/** One edit of a bundle as a set of files: what somebody does who has a tar program and other bundles. */
function editFiles(files: Files, others: Files, random: Random, options: MutationOptions): void {
  const names = [...files.keys()];
  if (names.length === 0) return;
  const name = random.pick(names);
  const body = files.get(name)!;
  const stranger = others.size === 0 ? name : random.pick([...others.keys()]);
  switch (random.below(8)) {
    case 0:
      return void files.delete(name);
    case 1:
      return void files.set(stranger, others.get(stranger) ?? body);
    case 2:
      return void files.set(name, others.get(stranger) ?? body);
    case 3: {
      const second = random.pick(names);
      files.set(name, files.get(second)!).set(second, body);
      return;
    }
    case 4:
      files.delete(name);
      return void files.set(random.pick(NAMES), body);
    case 5:
      return void files.set(random.pick(NAMES), body);
    default:
      files.set(name, mutate(body, others.get(stranger) ?? body, random, { ...options, text: true }));
  }
}

const NAMES = [
  ...[
    'a.txt',
    'manifest.yaml',
    'checksums.txt',
    'policies/a.yaml',
    'attestations/a.sigstore.json',
    'approvals/x',
  ],
  ...['approvals/pm-1.json', 'approvals/pm-1.json.sig', 'approvals/pm-2.json', 'approvals/pm-2.json.sig'],
  ...[
    'approvals/security-1.json',
    'approvals/security-1.json.sig',
    'approvals/lead-1.json.asc',
    'Manifest.yaml',
  ],
];

function filesIn(tar: Uint8Array): Files {
  return new Map(naiveFiles(tar).map(({ path, size, at }) => [path, tar.slice(at, at + size)]));
}

/** In the order of our dialect, so that not everything ends there; null for names that our writer refuses. */
function packed(files: Files): Uint8Array | null {
  try {
    return writeTar(bundleOrder(files.keys()).map((path) => ({ path, bytes: files.get(path)! })));
  } catch {
    return null;
  }
}

const changeFiles: Change = (bytes, other, random, options) => {
  const files = filesIn(bytes);
  const others = filesIn(other);
  for (let edits = 1 + random.below(3); edits > 0; edits--) editFiles(files, others, random, options);
  return packed(files) ?? bytes;
};

/** What a forger without a key would do: list the files as they are now and take all digests anew. */
const reseal: Repair = (bytes) => {
  const files = filesIn(bytes);
  const old = files.get('manifest.yaml');
  const read = old === undefined ? null : readManifest(old, limitsProfiles.default).manifest;
  if (read?.dialect !== 'countersign') return bytes;
  const rows = read.files.map((row) => {
    const now = files.get(row.path);
    return now === undefined ? row : { ...row, size: now.length, sha256: sha256Hex(now) };
  });
  const integrityDigest = contentRoot(rows, platform);
  files.set('manifest.yaml', writeManifest({ ...read, files: rows, integrityDigest }));
  files.delete('checksums.txt');
  const sums = [...files].map(([path, body]) => ({ path, sha256: sha256Hex(body) }));
  files.set('checksums.txt', writeChecksums(sums));
  return packed(files) ?? bytes;
};

export const bundleSealed = target({
  name: 'bundle-sealed',
  what:
    'the files inside of bundles changed, taken out, renamed and mixed with those of others, then half of the time ' +
    'listed and digested anew, as a forger without a key can; holds what `bundle` holds',
  text: false,
  dictionary: BUNDLE_WORDS,
  seeds: tarSeeds,
  change: changeFiles,
  repair: reseal,
  run: runBundle,
});
