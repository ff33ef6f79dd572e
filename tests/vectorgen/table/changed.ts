import { releaseTrust } from '../cast.js';
import {
  bundle,
  inOrder,
  itemsOf,
  packItems,
  replaced,
  without,
  withChecksums,
  type BundleOptions,
  type Item,
  type Made,
} from '../bundle.js';
import { changed } from '../expect.js';
import { sha256Hex, utf8 } from '../raw.js';
import { trustBytes } from '../trustText.js';
import type { Expected, Vector } from '../vector.js';
import { bothApprove } from './valid.js';

/** Content that contradicts its own list: the verdict is about bytes, and no name is shown. */

type Edit = (items: readonly Item[], made: Made) => readonly Item[];

/** `edit` works on the entries before checksums.txt is taken; `after` on everything. */
function contradicts(
  name: string,
  about: string,
  expect: Expected,
  { edit, after, options }: { readonly edit?: Edit; readonly after?: Edit; readonly options?: BundleOptions },
): Vector {
  const made = bundle(options);
  const items = itemsOf(made, bothApprove(made));
  const summed = withChecksums(edit?.(items, made) ?? items);
  return {
    family: 'forged',
    name,
    about,
    input: packItems(after?.(summed, made) ?? summed),
    manifest: made.manifestText,
    trust: trustBytes(releaseTrust()),
    expect,
  };
}

const SPEC = 'product: healthcare-apj\n';
const bytesDiffer = changed(['file-differs-digest'], { 'file-bytes': 'fail' });
const sumsDiffer = (...codes: string[]): Expected => changed(codes, { checksums: 'fail' });
/** A line that is not read is a file that is not named. */
const lineRefused = sumsDiffer('checksums-line', 'checksums-row-missing');

function text(items: readonly Item[]): string {
  return new TextDecoder().decode(items.find(({ path }) => path === 'checksums.txt')!.bytes);
}

function sums(edit: (text: string) => string): Edit {
  return (items) => replaced(items, 'checksums.txt', edit(text(items)));
}

const lines = (edit: (rows: string[]) => string[]): Edit =>
  sums((whole) => `${edit(whole.trimEnd().split('\n')).join('\n')}\n`);

export function changedVectors(): readonly Vector[] {
  return [...contentVectors(), ...checksumVectors()];
}

function contentVectors(): Vector[] {
  return [
    contradicts(
      'content-byte',
      'One letter of a listed file is different; checksums.txt was made to fit.',
      bytesDiffer,
      {
        edit: (items) => replaced(items, 'spec.yaml', SPEC),
      },
    ),
    contradicts(
      'content-byte-checksums-kept',
      'One letter of a listed file is different; checksums.txt still names the old bytes.',
      changed(['checksums-differs', 'file-differs-digest'], { 'file-bytes': 'fail', checksums: 'fail' }),
      { after: (items) => replaced(items, 'spec.yaml', SPEC) },
    ),
    contradicts('content-longer', 'A listed file has one more byte.', bytesDiffer, {
      edit: (items) => replaced(items, 'spec.yaml', 'product: healthcare-api\n\n'),
    }),
    contradicts('content-emptied', 'A listed file has no bytes any more.', bytesDiffer, {
      edit: (items) => replaced(items, 'spec.yaml', ''),
    }),
    contradicts('content-swapped', 'Two listed files have changed places.', bytesDiffer, {
      edit: (items, made) =>
        replaced(
          replaced(items, 'spec.yaml', made.content[0]!.bytes),
          'policies/default.yaml',
          made.content[1]!.bytes,
        ),
    }),
    contradicts('content-line-ends', 'Line feeds of a listed file became CR LF.', bytesDiffer, {
      edit: (items) => replaced(items, 'spec.yaml', 'product: healthcare-api\r\n'),
    }),
    contradicts(
      'size-lie',
      'The list names another size for a file whose digest fits.',
      changed(['content-root-differs', 'file-differs-size'], { 'file-bytes': 'fail', integrity: 'fail' }),
      { options: { edit: (yaml) => yaml.replace('size: 24', 'size: 25') } },
    ),
    contradicts(
      'file-missing',
      'A listed file is not in the archive.',
      changed(['file-missing'], { 'file-list': 'fail' }),
      {
        edit: (items) => without(items, 'spec.yaml'),
      },
    ),
    contradicts(
      'file-unlisted',
      'A file is in the archive that no list names.',
      changed(['file-unlisted'], { 'file-list': 'fail' }),
      {
        edit: (items) => inserted(items, { path: 'policies/evil.yaml', bytes: utf8('allow: all\n') }),
      },
    ),
    contradicts(
      'file-unlisted-hook',
      'A git hook is in the archive that no list names.',
      changed(['file-unlisted'], { 'file-list': 'fail' }),
      { edit: (items) => inserted(items, { path: '.git/hooks/post-checkout', bytes: utf8('#!/bin/sh\n') }) },
    ),
    contradicts(
      'file-renamed',
      'A listed file is there under another name.',
      changed(['file-missing', 'file-unlisted'], { 'file-list': 'fail' }),
      {
        edit: (items) =>
          items.map((row) => (row.path === 'spec.yaml' ? { path: 'spec.yml', bytes: row.bytes } : row)),
      },
    ),
    ...oddNames(),
    contradicts(
      'root-wrong',
      'integrity.digest is not the root of the list.',
      changed(['content-root-differs'], { integrity: 'fail' }),
      { options: { digest: `sha256:${'0'.repeat(64)}` } },
    ),
    contradicts(
      'root-of-other-list',
      'integrity.digest is the root of a list without the last file.',
      changed(['content-root-differs'], { integrity: 'fail' }),
      { options: { digest: bundle({ files: { 'policies/default.yaml': 'deny: []\n' } }).root } },
    ),
    contradicts(
      'listed-digest-edited',
      'The list names other bytes and the root was left alone.',
      changed(['content-root-differs', 'file-differs-digest'], { 'file-bytes': 'fail', integrity: 'fail' }),
      {
        options: {
          edit: (yaml) => yaml.replace(sha256Hex(utf8('product: healthcare-api\n')), sha256Hex(utf8(SPEC))),
        },
      },
    ),
    contradicts(
      'salt-edited',
      'A salt in the list was changed and the root was left alone.',
      changed(['content-root-differs'], { integrity: 'fail' }),
      { options: { salts: true, edit: (yaml) => yaml.replace(/salt: "[0-9a-f]{4}/, 'salt: "0000') } },
    ),
    contradicts(
      'list-extended',
      'A row was added to the list for a file that is there, and the root was left alone.',
      changed(['content-root-differs'], { integrity: 'fail' }),
      {
        options: {
          files: {
            'policies/default.yaml': 'deny: []\n',
            'spec.yaml': 'product: healthcare-api\n',
            'zz.yaml': 'x\n',
          },
          digest: bundle().root,
        },
      },
    ),
  ];
}

/** Names that the two signature folders do not allow. */
function oddNames(): Vector[] {
  const names: readonly (readonly [string, string])[] = [
    ['upper-case', 'approvals/LEAD-1.json'],
    ['number-zero', 'approvals/pm-0.json'],
    ['number-leading-zero', 'approvals/pm-01.json'],
    ['no-number', 'approvals/pm.json'],
    ['subfolder', 'approvals/old/pm-1.json'],
    ['script', 'approvals/pm-3.js'],
    ['legacy-name', 'approvals/pm-approval.yaml'],
    ['attestation-name', 'attestations/attestation.yaml'],
    ['external-folder', `external/${'ab'.repeat(32)}`],
  ];
  return names.map(([name, path]) =>
    contradicts(
      `evidence-name-${name}`,
      `The archive holds ${path}, a name that the signature folders do not allow.`,
      changed(['file-unlisted'], { 'file-list': 'fail' }),
      { edit: (items) => inserted(items, { path, bytes: utf8('{}') }) },
    ),
  );
}

function inserted(items: readonly Item[], extra: Item): Item[] {
  return inOrder([...items, extra]);
}

function checksumVectors(): Vector[] {
  const zero = '0'.repeat(64);
  return [
    contradicts('checksums-missing', 'checksums.txt is not there.', sumsDiffer('checksums-missing'), {
      after: (items) => without(items, 'checksums.txt'),
    }),
    contradicts(
      'checksums-contradict',
      'A line of checksums.txt names another digest.',
      sumsDiffer('checksums-differs'),
      {
        after: sums((whole) => whole.replace(/[0-9a-f]{64} {2}spec/, `${zero}  spec`)),
      },
    ),
    contradicts(
      'checksums-line-missing',
      'checksums.txt leaves a file out.',
      sumsDiffer('checksums-row-missing'),
      {
        after: lines((rows) => rows.filter((row) => !row.endsWith('spec.yaml'))),
      },
    ),
    contradicts(
      'checksums-line-extra',
      'checksums.txt names a file that is not there.',
      sumsDiffer('checksums-row-extra'),
      {
        after: lines((rows) => [...rows, `${zero}  zz.yaml`]),
      },
    ),
    contradicts('checksums-line-twice', 'checksums.txt names a file twice.', sumsDiffer('checksums-twice'), {
      after: lines((rows) => rows.flatMap((row) => (row.endsWith('spec.yaml') ? [row, row] : [row]))),
    }),
    contradicts(
      'checksums-unsorted',
      'The lines of checksums.txt are not in the order of their paths.',
      sumsDiffer('checksums-unsorted'),
      {
        after: lines((rows) => [...rows].reverse()),
      },
    ),
    contradicts('checksums-crlf', 'checksums.txt has CR LF at its line ends.', lineRefused, {
      after: sums((whole) => whole.replaceAll('\n', '\r\n')),
    }),
    contradicts('checksums-binary-mark', 'checksums.txt marks its files as binary.', lineRefused, {
      after: sums((whole) => whole.replaceAll('  ', ' *')),
    }),
    contradicts('checksums-upper-case', 'checksums.txt writes a digest in capitals.', lineRefused, {
      after: lines(([first, ...rest]) => [first!.slice(0, 64).toUpperCase() + first!.slice(64), ...rest]),
    }),
    contradicts('checksums-no-final-newline', 'The last line of checksums.txt has no end.', lineRefused, {
      after: sums((whole) => whole.trimEnd()),
    }),
    contradicts(
      'checksums-names-itself',
      'checksums.txt has a line for itself.',
      sumsDiffer('checksums-row-extra'),
      {
        after: lines((rows) =>
          [...rows, `${zero}  checksums.txt`].sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)),
        ),
      },
    ),
  ];
}
