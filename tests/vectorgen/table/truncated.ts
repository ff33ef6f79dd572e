import { gunzipSync } from 'node:zlib';
import { releaseTrust } from '../cast.js';
import { bundle, pack } from '../bundle.js';
import { cut } from '../expect.js';
import { BLOCK, gzip } from '../raw.js';
import { trustBytes } from '../trustText.js';
import type { Vector } from '../vector.js';
import { bothApprove } from './valid.js';

/** A good bundle, cut. At the gzip level the file ends; at the tar level the archive ends inside a right gzip member. */

export function truncatedVectors(): readonly Vector[] {
  const made = bundle();
  const whole = pack(made, bothApprove(made));
  const tar = new Uint8Array(gunzipSync(whole));
  const row = (
    name: string,
    about: string,
    input: Uint8Array,
    code: string,
    manifestRead: boolean,
  ): Vector => ({
    family: 'truncated',
    name,
    about,
    input,
    manifest: made.manifestText,
    trust: trustBytes(releaseTrust()),
    expect: cut('container', code, manifestRead),
  });
  const fileCut = (name: string, at: number, manifestRead: boolean): Vector =>
    row(
      `file-${name}`,
      `The file ends after ${at} of ${whole.length} bytes.`,
      whole.subarray(0, at),
      'gzip-ends-early',
      manifestRead,
    );
  const tarCut = (name: string, about: string, at: number, code: string, manifestRead: boolean): Vector =>
    row(`tar-${name}`, about, gzip(tar.subarray(0, at)), code, manifestRead);
  const firstBody = BLOCK + Math.ceil(made.manifestBytes.length / BLOCK) * BLOCK;
  const end = tar.length - 2 * BLOCK;
  return [
    fileCut('after-one-byte', 1, false),
    fileCut('in-header', 7, false),
    fileCut('after-header', 10, false),
    fileCut('in-first-block', 40, false),
    fileCut('in-the-middle', Math.floor(whole.length / 2), true),
    fileCut('near-the-end', whole.length - 20, true),
    fileCut('before-trailer', whole.length - 8, true),
    fileCut('in-checksum', whole.length - 6, true),
    fileCut('in-length', whole.length - 3, true),
    fileCut('last-byte', whole.length - 1, true),
    tarCut('empty', 'The archive inside has no bytes.', 0, 'tar-not-tar', false),
    tarCut('in-first-header', 'The archive ends inside its first header.', 100, 'tar-not-tar', false),
    tarCut('after-first-header', 'The archive ends after its first header.', BLOCK, 'tar-ends-early', false),
    tarCut('in-manifest', 'The archive ends inside the manifest.', BLOCK + 100, 'tar-ends-early', false),
    tarCut('after-manifest', 'The archive ends after the manifest.', firstBody, 'tar-no-end', true),
    tarCut(
      'in-second-header',
      'The archive ends inside the second header.',
      firstBody + 300,
      'tar-ends-early',
      true,
    ),
    tarCut(
      'in-padding',
      'The archive ends between the bytes of a file and the next block.',
      firstBody + BLOCK + 100,
      'tar-ends-early',
      true,
    ),
    tarCut('no-end-blocks', 'Both end blocks are missing.', end, 'tar-no-end', true),
    tarCut('one-end-block', 'One of the two end blocks is missing.', end + BLOCK, 'tar-no-end', true),
    tarCut('end-block-cut', 'The second end block is cut.', end + BLOCK + 100, 'tar-ends-early', true),
  ];
}
