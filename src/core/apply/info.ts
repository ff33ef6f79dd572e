import { toUtf8 } from '../bytes/text.js';
import { parseJson } from '../canon/json.js';
import type { BundleInfo } from '../generated/bundle-info.js';
import { validate } from '../generated/bundle-info.validate.js';
import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import type { FileState } from './folder.js';

/** The record that an apply leaves in the folder (docs/SPEC.md, "Applying"). */
export const INFO_PATH = '.specular/bundle.info';
/** Longest record that is read: a row for each of a million files. */
export const INFO_BYTES_MAX = 256 * 1024 * 1024;

/** JSON for people: two spaces, a final newline. */
export function writeInfo(info: BundleInfo): Uint8Array<ArrayBuffer> {
  return toUtf8(`${JSON.stringify(info, null, 2)}\n`);
}

/** Reads what anybody may have written: a record that does not fit is a warning, and then every file is somebody's own. */
export function readInfo(bytes: Uint8Array): {
  readonly info: BundleInfo | null;
  readonly findings: readonly Finding[];
} {
  const read = parseJson(bytes, { bytesMax: INFO_BYTES_MAX });
  if ('problem' in read) return unreadable(read.problem.message);
  if (!validate(read.value)) return unreadable('it is not a record of this program');
  return { info: read.value as unknown as BundleInfo, findings: [] };
}

function unreadable(problem: string): { readonly info: null; readonly findings: readonly Finding[] } {
  return {
    info: null,
    findings: [finding('apply-record-unreadable', { problem }, { where: { path: INFO_PATH } })],
  };
}

/** What the last apply left in the folder, by path. */
export function previousOf(info: BundleInfo | null): ReadonlyMap<string, FileState> {
  return new Map((info?.files ?? []).map(({ path, size, sha256 }) => [path, { size, sha256 }]));
}
