import { nameFindings, type ProjectFile } from '../build.js';
import { fromUtf8 } from '../bytes/text.js';
import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { count, rowOf, type DoctorRow } from './row.js';
import { IGNORE_FILE } from '../project/ignore.js';
import { bytesOf } from './projectDocuments.js';
import { SecretScanner } from '../project/secrets.js';

const IGNORE_BYTES_MAX = 1_048_576;

export async function ignoreRow(
  files: readonly ProjectFile[],
): Promise<{ readonly text: string | null; readonly row: DoctorRow }> {
  const file = files.find(({ path }) => path === IGNORE_FILE);
  const where = { file: IGNORE_FILE };
  if (file === undefined) {
    const action = `Write ${IGNORE_FILE}: patterns as in .gitignore, one a line, for what must not be packed.`;
    return {
      text: null,
      row: rowOf('ignore', 'warn', 'There is no ignore file: everything is packed', action),
    };
  }
  const text = file.size > IGNORE_BYTES_MAX ? null : fromUtf8(await bytesOf(file, IGNORE_BYTES_MAX));
  if (text === null) {
    const row = rowOf(
      'ignore',
      'fail',
      'The ignore file is not UTF-8 text, or too long',
      'Write it again as plain text.',
      { where },
    );
    return { text: null, row };
  }
  const patterns = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#')).length;
  return { text, row: rowOf('ignore', 'pass', count(patterns, 'pattern'), null, { where }) };
}

export function packedRow(packed: readonly ProjectFile[]): DoctorRow {
  const findings = nameFindings(packed);
  if (findings.length === 0) return rowOf('files', 'pass', `${count(packed.length, 'file')} to be packed`);
  const detail =
    packed.length === 0
      ? 'Nothing would be packed'
      : `Cannot be packed as they are: ${count(findings.length, 'name')}`;
  return rowOf('files', 'fail', detail, findings[0]?.action ?? null, { findings });
}

export async function secretRow(
  packed: readonly ProjectFile[],
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (bytes: number) => void;
  },
): Promise<DoctorRow> {
  const findings: Finding[] = [];
  let seen = 0;
  for (const file of packed) {
    const scanner = new SecretScanner(file.path);
    for await (const chunk of file.open()) {
      options.signal?.throwIfAborted();
      scanner.push(chunk);
      options.onProgress?.((seen += chunk.length));
    }
    for (const { path, line, kind, excerpt } of scanner.finish())
      findings.push(finding('build-secret', { path, line, kind }, { where: { path, line }, found: excerpt }));
  }
  if (packed.length === 0) return rowOf('secrets', 'not-applicable', 'There is nothing to look through');
  if (findings.length === 0)
    return rowOf('secrets', 'pass', `Nothing in ${count(packed.length, 'file')} looks like a secret`);
  const detail = `To be packed, though it looks like a secret: ${count(findings.length, 'place')}`;
  return rowOf('secrets', 'fail', detail, `Take them out, or name the files in ${IGNORE_FILE}.`, {
    findings,
  });
}
