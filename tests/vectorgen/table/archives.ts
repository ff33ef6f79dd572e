import { releaseTrust } from '../cast.js';
import { bundle, itemsOf, withChecksums } from '../bundle.js';
import { cut, refused, type More } from '../expect.js';
import {
  BLOCK,
  crc32,
  endBlocks,
  flipBit,
  gzip,
  header,
  join,
  member,
  padded,
  pax,
  paxRecord,
  tarOf,
  utf8,
  type Octets,
} from '../raw.js';
import { trustBytes } from '../trustText.js';
import type { Expected, Vector } from '../vector.js';
import { bothApprove, tarMembers } from './valid.js';

/** Containers that readers understand differently, or that hide something. The content is that of a good bundle. */

const good = bundle();
const members = tarMembers(withChecksums(itemsOf(good, bothApprove(good))));
const plain = tarOf(...members);
const [manifest, ...rest] = members as [Octets, ...Octets[]];

function archive(
  name: string,
  about: string,
  input: Octets,
  expect: Expected,
  over: Partial<Vector> = {},
): Vector {
  return {
    family: 'archive',
    name,
    about,
    input,
    manifest: good.manifestText,
    trust: trustBytes(releaseTrust()),
    expect,
    ...over,
  };
}

/** The good members with something put in after the manifest. */
const planted = (...extra: readonly Octets[]): Octets => gzip(tarOf(manifest, ...extra, ...rest));
/** After spec.yaml, so that the order of the entries stays right. */
const plantedLate = (...extra: readonly Octets[]): Octets =>
  gzip(tarOf(...members.slice(0, 3), ...extra, ...members.slice(3)));
const named = (path: string | Octets): Octets => planted(member(path, 'x\n'));
const longNamed = (path: string | Octets): Octets =>
  planted(pax(paxRecord('path', path)), member('short', 'x\n'));

export function archiveVectors(): readonly Vector[] {
  return [
    ...nameVectors(),
    ...collisionVectors(),
    ...typeVectors(),
    ...tarVectors(),
    ...paxVectors(),
    ...gzipVectors(),
    ...limitVectors(),
  ];
}

function nameVectors(): Vector[] {
  const unsafe = (name: string, about: string, path: string | Octets, more: More = {}): Vector =>
    archive(`name-${name}`, about, named(path), refused('names', ['entry-unsafe-path'], {}, more));
  return [
    unsafe('dot-dot', 'A name leads out of the folder.', '../evil.txt'),
    unsafe('dot-dot-inside', 'A name goes up in the middle.', 'policies/../../evil.txt'),
    unsafe('absolute', 'A name is absolute.', '/etc/cron.d/evil'),
    unsafe('absolute-twice', 'A name begins with several slashes.', '////etc/evil'),
    unsafe('drive', 'A name begins with a drive.', 'C:/evil.txt'),
    unsafe('drive-relative', 'A name begins with a drive and no slash.', 'C:evil.txt'),
    unsafe('unc', 'A name is a network path.', '\\\\server\\share\\evil'),
    unsafe('backslash', 'A name holds a backslash.', 'policies\\..\\evil'),
    unsafe('dot', 'A name begins with a dot and a slash.', './evil.txt'),
    unsafe('double-slash', 'A name has two slashes in a row.', 'docs//evil.txt'),
    unsafe('dot-inside', 'A name has a dot as one of its parts.', 'docs/./evil.txt'),
    unsafe('trailing-dot', 'A name ends with a dot.', 'evil.txt.'),
    unsafe('trailing-space', 'A name ends with a space.', 'evil.txt '),
    unsafe('stream', 'A name has an NTFS stream.', 'spec.yaml:evil'),
    unsafe('reserved', 'A name is a device on Windows.', 'NUL.yaml'),
    unsafe('reserved-folder', 'A folder is named as a device on Windows.', 'docs/com1/x.md'),
    unsafe('newline', 'A name holds a line feed.', 'evil\n.txt'),
    unsafe('escape', 'A name holds a terminal escape.', 'evil\u001b[2J.txt'),
    unsafe('delete', 'A name holds a delete character.', 'evil\u007f.txt'),
    unsafe('latin-1', 'A name is not UTF-8.', Uint8Array.from([0x63, 0xe9, 0x2e, 0x6d, 0x64])),
    unsafe(
      'overlong',
      'A name spells a dot in two bytes.',
      Uint8Array.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78]),
    ),
    unsafe('empty', 'A name is empty.', ''),
    archive(
      'name-nul-in-pax',
      'A long name holds a NUL.',
      longNamed('docs/a\u0000b'),
      refused('names', ['entry-unsafe-path']),
    ),
    archive(
      'name-component-long',
      'One part of a name has 300 bytes.',
      longNamed(`docs/${'a'.repeat(300)}`),
      refused('limits', ['path-too-long']),
    ),
    archive(
      'name-deep',
      'A name goes 100 folders down.',
      longNamed(`${'a/'.repeat(100)}x`),
      refused('limits', ['path-too-long']),
    ),
    archive(
      'name-long',
      'A name has 5,000 bytes.',
      longNamed(`${'abcdefghij/'.repeat(20)}${'b'.repeat(200)}/`.repeat(12).slice(0, 5000)),
      refused('limits', ['path-too-long']),
    ),
  ];
}

function collisionVectors(): Vector[] {
  const twice = (name: string, about: string, input: Octets, code: string): Vector =>
    archive(`twice-${name}`, about, input, refused('names', [code]));
  const spec = members.find((block) => new TextDecoder().decode(block.subarray(0, 9)) === 'spec.yaml')!;
  return [
    twice('same', 'One entry stands there twice.', plantedLate(spec), 'entry-duplicate'),
    twice(
      'other-bytes',
      'One name stands there twice, with other bytes.',
      plantedLate(member('spec.yaml', 'evil\n')),
      'entry-duplicate',
    ),
    twice(
      'manifest',
      'There are two manifests.',
      planted(member('manifest.yaml', 'id: "evil/other"\n')),
      'entry-duplicate',
    ),
    twice('case', 'Two names differ by capitals alone.', named('SPEC.YAML'), 'entry-name-collision'),
    twice(
      'manifest-case',
      'A second manifest is named in capitals.',
      named('Manifest.yaml'),
      'entry-name-collision',
    ),
    twice(
      'normalisation',
      'Two names differ by the composition of a letter alone.',
      planted(member('docs/\u00fc.md', 'x\n'), member('docs/u\u0308.md', 'x\n')),
      'entry-name-collision',
    ),
    twice(
      'sharp-s',
      'Two names differ by a sharp s alone.',
      planted(member('docs/gross.md', 'x\n'), member('docs/gro\u00df.md', 'x\n')),
      'entry-name-collision',
    ),
    twice(
      'ligature',
      'Two names differ by a ligature alone.',
      planted(member('docs/file.md', 'x\n'), member('docs/\ufb01le.md', 'x\n')),
      'entry-name-collision',
    ),
    twice(
      'file-and-folder',
      'One name is a file and a folder.',
      plantedLate(member('spec.yaml/x', 'x\n')),
      'entry-file-and-folder',
    ),
  ];
}

function typeVectors(): Vector[] {
  const kind = (name: string, about: string, block: Octets): Vector =>
    archive(`type-${name}`, about, planted(block), refused('container', ['entry-unsupported-type']));
  return [
    kind('hard-link', 'An entry is a hard link.', header({ name: 'link', type: '1', link: 'spec.yaml' })),
    kind(
      'symbolic-link',
      'An entry is a symbolic link.',
      header({ name: 'link', type: '2', link: '/etc/passwd' }),
    ),
    kind('character-device', 'An entry is a character device.', header({ name: 'dev', type: '3' })),
    kind('block-device', 'An entry is a block device.', header({ name: 'dev', type: '4' })),
    kind('pipe', 'An entry is a named pipe.', header({ name: 'pipe', type: '6' })),
    kind('contiguous', 'An entry is a contiguous file.', member('x', 'x\n', { type: '7' })),
    kind('unknown', 'An entry has a type that nobody defined.', member('x', 'x\n', { type: 'Z' })),
    kind('volume', 'An entry is a volume label.', header({ name: 'label', type: 'V' })),
    kind('pax-global', 'A global PAX header renames what follows.', pax(paxRecord('path', 'evil'), 'g')),
    kind(
      'pax-attribute',
      'A PAX header carries an extended attribute.',
      join(pax(paxRecord('SCHILY.xattr.user.x', 'y')), member('docs/x.md', 'x\n')),
    ),
    kind(
      'pax-sparse',
      'A PAX header makes the file sparse.',
      join(pax(paxRecord('GNU.sparse.realsize', '100000000000')), member('docs/x.md', 'x\n')),
    ),
    kind(
      'gnu-long-name',
      'An entry has a GNU long name.',
      join(member('././@LongLink', `${'a'.repeat(120)}\0`, { type: 'L' }), member('a'.repeat(100), 'x\n')),
    ),
    archive(
      'type-gnu-sparse',
      'An entry is a GNU sparse file.',
      planted(member('x', 'x\n', { type: 'S' })),
      cut('container', 'entry-unsupported-type', true),
    ),
  ];
}

function tarVectors(): Vector[] {
  const stops = (name: string, about: string, input: Octets, code: string, manifestRead = true): Vector =>
    archive(`tar-${name}`, about, input, cut('container', code, manifestRead));
  const junk = padded(utf8('x\n'));
  junk[BLOCK - 1] = 1;
  return [
    stops(
      'checksum',
      'The checksum of a header is wrong.',
      planted(member('docs/x.md', 'x\n', { checksum: '000001\0 ' })),
      'tar-header-checksum',
    ),
    stops(
      'magic',
      'A header is of an older kind.',
      planted(member('docs/x.md', 'x\n', { magic: '\0\0\0\0\0\0\0\0' })),
      'tar-format',
    ),
    stops(
      'number-junk',
      'A size holds a letter.',
      planted(member('docs/x.md', 'x\n', { size: '0000000000x\0' })),
      'tar-number',
    ),
    stops(
      'number-negative',
      'A size is below zero.',
      planted(member('docs/x.md', 'x\n', { size: Uint8Array.from(new Array<number>(12).fill(255)) })),
      'tar-number',
    ),
    stops(
      'directory-size',
      'A folder claims to have bytes.',
      planted(member('docs/', 'hidden\n', { type: '5' })),
      'tar-directory-size',
    ),
    stops(
      'padding',
      'A byte stands between two entries.',
      planted(header({ name: 'docs/x.md', size: 2 }), junk),
      'tar-padding',
    ),
    stops(
      'one-zero-block',
      'Entries follow after one block of zeros.',
      gzip(join(manifest, new Uint8Array(BLOCK), ...rest, endBlocks)),
      'tar-no-end',
    ),
    stops(
      'data-after-end',
      'A second archive follows after the first.',
      gzip(join(plain, plain)),
      'tar-data-after-end',
    ),
    stops(
      'byte-after-end',
      'One byte follows after the end blocks.',
      gzip(join(plain, Uint8Array.of(1))),
      'tar-data-after-end',
    ),
    stops(
      'not-tar',
      'Inside the gzip file is a text.',
      gzip(utf8('just a text that is not an archive\n'.repeat(40))),
      'tar-not-tar',
      false,
    ),
    stops('gzip-in-gzip', 'The bundle was compressed twice.', gzip(gzip(plain)), 'tar-not-tar', false),
  ];
}

function paxVectors(): Vector[] {
  const stops = (name: string, about: string, body: Octets, code = 'tar-pax-record'): Vector =>
    archive(
      `pax-${name}`,
      about,
      planted(pax(body), member('docs/x.md', 'x\n')),
      cut('container', code, true),
    );
  return [
    stops(
      'two-paths',
      'A PAX header gives two names.',
      join(paxRecord('path', 'docs/a.md'), paxRecord('path', 'docs/b.md')),
    ),
    stops('empty-path', 'A PAX header gives an empty name.', paxRecord('path', '')),
    stops('length-lies', 'A PAX record says that it is longer than it is.', utf8('99 path=docs/a.md\n')),
    stops('length-plus', 'A PAX record writes its length with a plus sign.', utf8('+18 path=docs/a.md\n')),
    stops('no-newline', 'A PAX record does not end with a line feed.', utf8('17 path=docs/a.md')),
    stops('size-text', 'A PAX header gives a size that is no number.', paxRecord('size', '2x')),
    stops(
      'size-larger',
      'A PAX header gives a larger size than the plain one.',
      paxRecord('size', '1026'),
      'tar-size-contradiction',
    ),
    stops(
      'size-smaller',
      'A PAX header gives a smaller size than the plain one.',
      paxRecord('size', '0'),
      'tar-size-contradiction',
    ),
    archive(
      'pax-orphan',
      'A PAX header stands at the end, before nothing.',
      gzip(tarOf(...members, pax(paxRecord('path', 'docs/a.md')))),
      cut('container', 'tar-pax-record', true),
    ),
    archive(
      'pax-twice',
      'Two PAX headers follow each other.',
      planted(pax(paxRecord('path', 'docs/a.md')), pax(paxRecord('path', 'docs/b.md')), member('x', 'x\n')),
      cut('container', 'tar-pax-record', true),
    ),
    archive(
      'pax-huge',
      'A PAX header claims a megabyte.',
      planted(pax(new Uint8Array(1024 * 1024).fill(0x61))),
      cut('limits', 'tar-header-too-big', true),
    ),
  ];
}

function gzipVectors(): Vector[] {
  const whole = gzip(plain);
  const bad = (name: string, about: string, input: Octets, code: string, manifestRead = true): Vector =>
    archive(`gzip-${name}`, about, input, cut('container', code, manifestRead));
  return [
    bad('crc', 'The gzip checksum is wrong.', gzip(plain, { crc: crc32(plain) ^ 1 }), 'gzip-checksum'),
    bad('length', 'The gzip length is wrong.', gzip(plain, { length: plain.length + 1 }), 'gzip-checksum'),
    bad('second-member', 'A second gzip member follows.', join(whole, whole), 'gzip-data-after-end'),
    bad(
      'empty-member',
      'An empty gzip member follows.',
      join(whole, gzip(new Uint8Array(0))),
      'gzip-data-after-end',
    ),
    bad(
      'split-members',
      'The archive is split over two gzip members.',
      join(gzip(plain.subarray(0, 2048)), gzip(plain.subarray(2048))),
      'gzip-data-after-end',
    ),
    bad(
      'junk-after',
      'A word follows after the gzip member.',
      join(whole, utf8('junk')),
      'gzip-data-after-end',
    ),
    bad(
      'zeros-after',
      'Zeros follow after the gzip member.',
      join(whole, new Uint8Array(512)),
      'gzip-data-after-end',
    ),
    bad(
      'extra-field',
      'The gzip header has an extra field.',
      gzip(plain, { flags: 4, extra: Uint8Array.of(2, 0, 65, 66) }),
      'gzip-extra-field',
      false,
    ),
    bad(
      'reserved-flag',
      'The gzip header has a reserved flag.',
      gzip(plain, { flags: 0x20 }),
      'gzip-header',
      false,
    ),
    bad('method', 'The gzip header names another method.', gzip(plain, { method: 7 }), 'gzip-header', false),
    bad(
      'damaged',
      'A bit of the compressed data is flipped.',
      damagedBlockType(whole),
      'gzip-damaged',
      false,
    ),
    bad('empty-file', 'The file has no bytes.', new Uint8Array(0), 'archive-empty', false),
    bad('raw-tar', 'The archive is not compressed.', plain, 'archive-not-gzip', false),
    bad(
      'zip',
      'The file is a zip archive.',
      join(utf8('PK\u0003\u0004'), new Uint8Array(60)),
      'archive-not-gzip',
      false,
    ),
    bad(
      'web-page',
      'The file is a web page, as a failed download leaves it.',
      utf8('<!doctype html><title>404</title>\n'),
      'archive-not-gzip',
      false,
    ),
  ];
}

/** Block type 3 does not exist. */
function damagedBlockType(whole: Octets): Octets {
  const copy = whole.slice();
  copy[10] = copy[10]! | 6;
  return copy.every((byte, i) => byte === whole[i]) ? flipBit(copy, 12) : copy;
}

function limitVectors(): Vector[] {
  const over = (
    name: string,
    about: string,
    code: string,
    limits: Readonly<Record<string, number>>,
    manifestRead: boolean,
  ): Vector => archive(`limit-${name}`, about, gzip(plain), cut('limits', code, manifestRead), { limits });
  return [
    over(
      'entries',
      'The archive has more entries than the limits allow.',
      'archive-too-many-entries',
      { entriesMax: 4 },
      true,
    ),
    over(
      'unpacked',
      'The archive unpacks to more than the limits allow.',
      'archive-too-big',
      { unpackedBytesMax: 4096 },
      true,
    ),
    over(
      'entry',
      'An entry is larger than the limits allow.',
      'entry-too-big',
      { entryBytesMax: 100 },
      false,
    ),
    archive(
      'limit-bomb',
      'Twenty megabytes of zeros in a few kilobytes, against a limit of one megabyte.',
      planted(member('zeros', new Uint8Array(20 * 1024 * 1024))),
      cut('limits', 'archive-too-big', true),
      {
        limits: { unpackedBytesMax: 1024 * 1024 },
      },
    ),
  ];
}
