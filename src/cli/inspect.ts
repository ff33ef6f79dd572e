import type { InputReport } from '../core/generated/report.js';
import { worstExit } from '../core/report/exitCodes.js';
import type { Arguments } from './args.js';
import { findPlainFiles } from './inputs.js';
import { jsonText, type Io } from './io.js';
import { openInput } from './openInput.js';
import { readInside } from './readings.js';
import { findingLines } from './textParts.js';
import { claim, line, quoted, sizeWords } from './words.js';

const NOTICE = 'This is what the file says of itself. Nothing of it was judged; use "countersign verify".';
const HIDDEN_NOTICE = 'What it says of itself is not shown: it cannot be read safely, or contradicts itself.';

/** `countersign inspect`: shows, judges nothing. Exit 0 when every file could be read, else 60. */
export async function runInspect(args: Arguments, io: Io): Promise<number> {
  const documents: object[] = [];
  const texts: string[] = [];
  const exits: number[] = [];
  for (const path of findPlainFiles(args.positionals, args.command.name)) {
    const inside = await readInside(await openInput(path, io), args, io);
    exits.push(inside === null || inside.verdict.look === 'unreadable' ? 60 : 0);
    documents.push(inside === null ? { file: path, supplement: true } : inspection(inside));
    texts.push(
      inside === null
        ? `${claim(path, 400)}\nA supplement: approvals without a bundle.\n`
        : inspectText(inside, io),
    );
  }
  if (!args.flags.has('quiet')) {
    const document = { schemaVersion: 'countersign.inspect/v1', notice: NOTICE, inputs: documents };
    io.out(args.flags.has('json') ? jsonText(document) : `${texts.join('\n')}\n${NOTICE}\n`);
  }
  return worstExit(exits);
}

/** The parts of a report that say what is there, and none that judge. */
function inspection(inside: InputReport): object {
  const {
    file,
    sizeBytes,
    archiveDigest,
    bundleDigest,
    contentRoot,
    dialect,
    counts,
    bundle,
    files,
    approvals,
  } = inside;
  return {
    file,
    sizeBytes,
    archiveDigest,
    bundleDigest,
    contentRoot,
    dialect,
    counts,
    bundle,
    entries: files.map(({ path, size, sha256, status }) => ({ path, size, sha256, status })),
    approvals: approvals.map(({ file: name, kind, claims }) => ({ file: name, kind, claims })),
    findings: inside.findings.filter(({ axis }) => axis === 'readable' || axis === 'unchanged'),
  };
}

function inspectText(inside: InputReport, io: Io): string {
  const findings = inside.findings.filter(({ axis }) => axis === 'readable' || axis === 'unchanged');
  return [
    claim(inside.file, 400),
    ...labels(inside).map(([label, value]) => `  ${(label ?? '').padEnd(19)}${value ?? ''}`),
    ...(inside.bundle === null ? [`  ${HIDDEN_NOTICE}`] : claimRows(inside.bundle)),
    `  ${inside.counts.entries} entries, ${sizeWords(inside.counts.unpackedBytes)} unpacked`,
    ...inside.files.map(
      ({ path, size, sha256, status }) =>
        `    ${sha256 ?? '-'.padEnd(64)}  ${String(size).padStart(12)}  ${status.padEnd(15)}  ${claim(path, 4096)}`,
    ),
    ...inside.approvals.map(({ file, kind }) => `    approval ${claim(file, 400)} (${kind})`),
    ...findingLines(findings, io.paint).map((one) => `  ${one}`),
    '',
  ].join('\n');
}

function labels({ sizeBytes, archiveDigest, bundleDigest, contentRoot, dialect }: InputReport): string[][] {
  return [
    ['Size', sizeWords(sizeBytes)],
    ['Archive digest', archiveDigest ?? 'not known'],
    ['Bundle digest', bundleDigest ?? 'not known'],
    ['Content root', contentRoot ?? 'not known'],
    ['Dialect', dialect ?? 'not known'],
  ];
}

function claimRows(bundle: NonNullable<InputReport['bundle']>): string[] {
  const list = (items: readonly string[] | undefined): string | undefined =>
    items === undefined || items.length === 0 ? undefined : items.map((item) => quoted(item)).join(', ');
  const metadata = Object.entries(bundle.metadata ?? {}).map(
    ([name, value]) => `${claim(name, 60)} = ${quoted(value)}`,
  );
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Says it is', quoted(bundle.id)],
    ['Says version', quoted(bundle.version)],
    ['Says level', bundle.levelClaimed === undefined ? undefined : quoted(bundle.levelClaimed)],
    ['Says created', bundle.created === undefined ? undefined : quoted(bundle.created)],
    ['Says it needs', list(bundle.requiredRoles)],
    ['Describes itself', bundle.description === undefined ? undefined : quoted(bundle.description)],
    ['Names authors', list(bundle.authors)],
    ['Names tags', list(bundle.tags)],
    ['Names metadata', metadata.length === 0 ? undefined : line(metadata.join(', '))],
  ];
  return rows
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => `  ${label.padEnd(19)}${value ?? ''}`);
}
