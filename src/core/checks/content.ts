import type { FileReport, Finding } from '../generated/report.js';
import { compareChecksums } from '../manifest/checksums.js';
import { isAllowedEvidenceName } from '../manifest/names.js';
import type { Manifest, ManifestFile } from '../manifest/manifest.js';
import { finding } from '../messages/finding.js';
import { say } from '../messages/say.js';
import { outcome, type CheckContext, type CheckOutcome } from './check.js';
import type { Reading } from './reading.js';

/** Compares the list in the manifest with the entries of the archive; order: the manifest's, then what it does not list. */
export function compareFiles(reading: Reading, supplied: ReadonlyMap<string, number>): FileReport[] {
  const { manifest, archive } = reading;
  if (manifest === null) {
    return archive.entries.map(({ path, size, sha256 }) => ({ path, size, sha256, status: 'not-compared' }));
  }
  const entryOf = inStep(archive.entries);
  const listed = manifest.files.map((file): FileReport => {
    const entry = entryOf(file.path);
    if (entry === undefined) return absentFile(file, supplied);
    return { path: file.path, size: entry.size, sha256: entry.sha256, status: compared(file, entry) };
  });
  const isListed = inStep(manifest.files);
  const unlisted = archive.entries
    .filter(({ path }) => !isOwnEntry(path, manifest) && isListed(path) === undefined)
    .map(({ path, size, sha256 }): FileReport => ({ path, size, sha256, status: 'unlisted' }));
  return [...listed, ...unlisted];
}

/**
 * Finds rows by path. Two lists in one order are walked in step; only a path out of step needs the map of all, which
 * would cost more than all comparisons. Of two rows with one path the last counts, in step or not: paths of entries
 * are unique, and what lists one twice was refused.
 */
function inStep<T extends { readonly path: string }>(rows: readonly T[]): (path: string) => T | undefined {
  let next = 0;
  let byPath: Map<string, T> | null = null;
  return (path) => {
    for (let at = next; at < Math.min(next + STEPS, rows.length); at++) {
      if (rows[at]!.path !== path) continue;
      next = at + 1;
      return rows[at];
    }
    byPath ??= new Map(rows.map((row) => [row.path, row]));
    return byPath.get(path);
  };
}

/** The manifest stands before the files that it lists, and is not listed. */
const STEPS = 2;

/** The planned dialect lists bare names: there is nothing to compare bytes with. */
function compared(file: ManifestFile, entry: { size: number; sha256: string }): FileReport['status'] {
  if (file.sha256 === null) return 'not-compared';
  return file.sha256 === entry.sha256 && (file.size === null || file.size === entry.size)
    ? 'matches'
    : 'differs';
}

function absentFile(file: ManifestFile, supplied: ReadonlyMap<string, number>): FileReport {
  const base = { path: file.path, size: file.size ?? 0, sha256: file.sha256 };
  if (!file.external) return { ...base, status: 'missing' };
  const size = file.sha256 === null ? undefined : supplied.get(file.sha256);
  if (size === undefined) return { ...base, status: 'absent-external' };
  return { ...base, size, status: size === file.size ? 'matches' : 'differs' };
}

/** Entries that `files[]` does not list: the manifest, the checksums and the two signature folders, by exact name. */
function isOwnEntry(path: string, manifest: Manifest): boolean {
  return (
    path === 'manifest.yaml' || path === 'checksums.txt' || isAllowedEvidenceName(path, manifest.dialect)
  );
}

export function checkFileList({ files }: CheckContext): CheckOutcome {
  const missing = files.filter(({ status }) => status === 'missing');
  const unlisted = files.filter(({ status }) => status === 'unlisted');
  const findings = [
    ...missing.map(({ path }) => finding('file-missing', { path }, { where: { path } })),
    ...unlisted.map(({ path }) => finding('file-unlisted', { path }, { where: { path } })),
  ];
  const detail = say('files-compared', {
    files: files.length,
    missing: missing.length,
    unlisted: unlisted.length,
  });
  return outcome(findings.length === 0 ? 'pass' : 'fail', detail, findings);
}

export function checkFileBytes({ files, reading }: CheckContext): CheckOutcome {
  const manifest = reading.manifest;
  const listedAs = inStep(manifest?.files ?? []);
  const findings = files
    .filter(({ status }) => status === 'differs')
    .map((file) => difference(file, listedAs(file.path)!));
  if (manifest?.dialect === 'specular-planned') {
    return outcome('not-applicable', say('bytes-not-listed'));
  }
  const compared = files.filter(({ status }) => status === 'matches' || status === 'differs').length;
  return outcome(
    findings.length === 0 ? 'pass' : 'fail',
    say('bytes-recomputed', { files: compared }),
    findings,
  );
}

function difference(file: FileReport, listed: ManifestFile): Finding {
  const where = { path: file.path };
  if (listed.sha256 !== null && listed.sha256 !== file.sha256) {
    return finding(
      'file-differs-digest',
      { path: file.path },
      { where, expected: `sha256 ${listed.sha256}`, found: `sha256 ${file.sha256 ?? '?'}` },
    );
  }
  return finding(
    'file-differs-size',
    { path: file.path },
    {
      where,
      expected: say('size-in-bytes', { bytes: listed.size ?? '?' }),
      found: say('size-in-bytes', { bytes: file.size }),
    },
  );
}

export function checkIntegrity({ reading }: CheckContext): CheckOutcome {
  const { manifest, integrityExpected } = reading;
  if (manifest === null) return outcome('not-checked', say('nothing-to-compare'));
  const contradictions = reading.manifestFindings.filter(({ axis }) => axis === 'unchanged');
  if (contradictions.length > 0) return outcome('fail', say('manifest-contradicts'), contradictions);
  if (integrityExpected === null) {
    return outcome('could-not-check', say('integrity-undefined'));
  }
  if (manifest.integrityDigest === integrityExpected) {
    return outcome('pass', say('integrity-recomputed', { digest: integrityExpected }));
  }
  const code = manifest.dialect === 'countersign' ? 'content-root-differs' : 'integrity-digest-differs';
  const detail = {
    where: { path: 'manifest.yaml', field: 'integrity.digest' },
    expected: integrityExpected,
    found: manifest.integrityDigest,
  };
  return outcome('fail', say('integrity-differs'), [finding(code, {}, detail)]);
}

export function checkChecksums({ reading }: CheckContext): CheckOutcome {
  const { checksums, manifest, archive } = reading;
  if (manifest === null) return outcome('not-checked', say('nothing-to-compare'));
  const findings = compareChecksums(checksums, archive.entries, manifest);
  if (checksums === null && findings.length === 0) return outcome('not-applicable', say('checksums-none'));
  const detail = say('checksums-compared', { lines: checksums?.count ?? 0 });
  return outcome(findings.some(({ severity }) => severity === 'error') ? 'fail' : 'pass', detail, findings);
}

export function checkExternalFiles({ files }: CheckContext): CheckOutcome {
  const absent = files.filter(({ status }) => status === 'absent-external');
  if (absent.length === 0) return outcome('not-applicable', say('external-none'));
  const findings = absent.map(({ path, sha256 }) =>
    finding('external-absent', { path }, { where: { path }, expected: `sha256 ${sha256 ?? '?'}` }),
  );
  return outcome('could-not-check', say('external-not-given', { files: absent.length }), findings);
}
