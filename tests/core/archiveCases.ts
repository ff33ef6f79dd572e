import { deflateRawSync, gzipSync } from 'node:zlib';
import type { Limits } from '../../src/core/limits.js';
import {
  END,
  entry,
  gzip,
  header,
  join,
  latin1,
  pax,
  paxRecord,
  tar,
  tgz,
  utf8,
  zeros,
} from './archiveBuilder.js';

/** One hostile (or harmless) archive of the catalogue A01-A54, and the codes that it must give. */
export interface Case {
  readonly id: string;
  readonly what: string;
  readonly bytes: () => Uint8Array;
  /** Codes in order; empty means that it must be read. */
  readonly codes: readonly string[];
  readonly limits?: Partial<Limits>;
}

const good = entry('spec.yaml', 'a: 1\n');
const named = (id: string, path: string, code = 'entry-unsafe-path'): Case => ({
  id,
  what: `path ${JSON.stringify(path.slice(0, 40))}`,
  bytes: () =>
    tgz(
      good,
      path.length > 99 || /[^\x20-\x7e]/.test(path) ? join(pax({ path }), entry('x', 'x')) : entry(path, 'x'),
    ),
  codes: [code],
});
const row = (
  id: string,
  what: string,
  codes: readonly string[],
  bytes: () => Uint8Array,
  limits?: Partial<Limits>,
): Case => ({
  id,
  what,
  bytes,
  codes,
  ...(limits ? { limits } : {}),
});
const typed = (id: string, type: string, what: string, raw: { link?: string; body?: string } = {}): Case =>
  row(id, what, ['entry-unsupported-type'], () =>
    tgz(good, entry({ name: 'special', type, link: raw.link ?? '' }, raw.body ?? '')),
  );
const pair = (id: string, a: string, b: string, code: string): Case =>
  row(id, `${a} and ${b}`, [code], () =>
    tgz(join(pax({ path: a }), entry('a', '1')), join(pax({ path: b }), entry('b', '2'))),
  );
const paxCase = (id: string, what: string, body: string | Uint8Array): Case =>
  row(id, what, ['tar-pax-record'], () => tgz(entry({ name: 'p', type: 'x' }, body), entry('a', '1')));
const wrong = (id: string, what: string, code: string, bytes: () => Uint8Array): Case =>
  row(id, what, [code], bytes);
const whole = (): Uint8Array => tgz(good);

const inner = entry('inner.txt', 'hidden');

export const cases: readonly Case[] = [
  named('A01', '../evil.txt'),
  named('A01', 'policies/../../evil'),
  named('A02', '/etc/cron.d/evil'),
  named('A03', '////etc/evil'),
  named('A04', 'C:\\evil'),
  named('A04', 'C:../evil'),
  named('A04', 'c:evil'),
  named('A05', '\\\\srv\\share\\x'),
  named('A05', '\\\\?\\C:\\x'),
  named('A06', 'policies\\..\\..\\evil'),
  named('A07', './spec2.yaml'),
  named('A07', 'a//b'),
  named('A07', 'a/./b'),
  named('A07', 'a/../b'),
  named('A07', 'a/'),
  named('A08', 'spec.yaml.'),
  named('A08', 'spec.yaml '),
  named('A08', 'folder./x'),
  named('A09', 'spec.yaml:evil'),
  named('A09', 'spec.yaml::$DATA'),
  ...['CON', 'aux', 'NUL.yaml', 'COM1', 'lpt9.txt', 'a/prn/b', 'nul .txt', 'COM\u00b9', 'conin$'].map(
    (path) => named('A10', path),
  ),
  pair('A11', 'spec.yaml', 'SPEC.YAML', 'entry-name-collision'),
  pair('A11', 'Docs/a', 'docs/b', 'entry-name-collision'),
  pair('A12', 'caf\u00e9', 'cafe\u0301', 'entry-name-collision'),
  pair('A13', 'stra\u00dfe', 'strasse', 'entry-name-collision'),
  pair('A13', 'stra\u1e9ee', 'STRASSE', 'entry-name-collision'),
  pair('A13', '\ufb01le', 'file', 'entry-name-collision'),
  pair('A13', '\u03b1\u03c2', '\u0391\u03a3', 'entry-name-collision'),
  named('A14', 'spec.yaml\0.txt'),
  named('A15', 'a\nb'),
  named('A15', 'a\u001b[31mb'),
  named('A15', 'a\u007fb'),
  named('A15', 'a\u0085b'),
  row('A16', 'Latin-1 name', ['entry-unsafe-path'], () =>
    tgz(good, entry({ name: latin1('caf\u00e9') }, 'x')),
  ),
  row('A16', 'Latin-1 name in PAX', ['entry-unsafe-path'], () =>
    tgz(good, pax({ path: latin1('caf\u00e9') }), entry('x', 'x')),
  ),
  row('A17', 'overlong ".."', ['entry-unsafe-path'], () =>
    tgz(good, entry({ name: latin1('\u00c0\u00ae\u00c0\u00ae/evil') }, 'x')),
  ),
  named('A17', '\uff0e\uff0e/evil'),
  named('A17', '.\u200c./evil'),
  row('A18', '3,000 levels', ['path-too-long'], () =>
    tgz(good, pax({ path: 'a/'.repeat(3000) + 'x' }), entry('x', 'x')),
  ),
  row('A18', '300-byte component', ['path-too-long'], () =>
    tgz(good, pax({ path: 'a'.repeat(300) }), entry('x', 'x')),
  ),
  row('A18', '70,000-byte component', ['tar-header-too-big'], () =>
    tgz(good, pax({ path: 'a'.repeat(70_000) }), entry('x', 'x')),
  ),
  typed('A19', '2', 'symbolic link', { link: '/etc/passwd' }),
  typed('A20', '1', 'hard link to an absolute path', { link: '/etc/passwd' }),
  typed('A21', '1', 'hard link with ..', { link: '../../x' }),
  typed('A22', '1', 'hard link to a listed file', { link: 'spec.yaml' }),
  typed('A23', '3', 'character device'),
  typed('A23', '4', 'block device'),
  typed('A23', '6', 'named pipe'),
  typed('A24', 'S', 'GNU sparse file', { body: 'x' }),
  row(
    'A24',
    'PAX sparse 1.0',
    ['entry-unsupported-type', 'entry-unsupported-type', 'entry-unsupported-type'],
    () =>
      tgz(
        good,
        pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '107374182400' }),
        entry('s', '0\n'),
      ),
  ),
  row('A25', 'GNU long name', ['entry-unsupported-type'], () =>
    tgz(good, entry({ name: '././@LongLink', type: 'L' }, 'other\0'), entry('spec.yaml', 'x')),
  ),
  row('A25', 'GNU long name against a PAX path', ['entry-unsupported-type'], () =>
    tgz(
      good,
      entry({ name: '././@LongLink', type: 'L' }, 'other\0'),
      pax({ path: '../third' }),
      entry('first', 'x'),
    ),
  ),
  typed('A25', 'K', 'GNU long link name', { body: 'target\0' }),
  row('A26', 'PAX size smaller than the plain one', ['tar-size-contradiction'], () =>
    tgz(good, pax({ size: '0' }), entry('outer', inner)),
  ),
  row('A26', 'PAX size larger than the plain one', ['tar-size-contradiction'], () =>
    tgz(good, pax({ size: String(inner.length) }), header({ name: 'outer', size: 0 }), inner),
  ),
  row('A26', 'PAX size that agrees', [], () => tgz(good, pax({ size: '2' }), entry('outer', 'ab'))),
  row('A27', 'PAX size over a GNU long name', ['tar-size-contradiction'], () =>
    tgz(good, pax({ size: '512' }), entry({ name: '././@LongLink', type: 'L' }, 'x\0'), entry('x', '')),
  ),
  row('A28', 'global header', ['entry-unsupported-type'], () =>
    tgz(good, pax({ path: 'evil' }, 'g'), entry('a', '1')),
  ),
  paxCase('A29', 'two paths', join(paxRecord('path', 'a'), paxRecord('path', 'b'))),
  paxCase('A29', 'two sizes', join(paxRecord('size', '1'), paxRecord('size', '1'))),
  row('A30', 'PAX header of 1 MB', ['tar-header-too-big'], () =>
    tgz(entry({ name: 'p', type: 'x' }, zeros(1_000_000))),
  ),
  row('A30', 'PAX header of 4 GB', ['tar-header-too-big'], () =>
    tgz(header({ name: 'p', type: 'x', size: 2 ** 32 })),
  ),
  paxCase('A31', 'no newline', '11 path=abcd'),
  paxCase('A31', 'length too long', '99 path=ab\n'),
  paxCase('A31', 'length too short', '9 path=ab\n'),
  paxCase('A31', 'plus sign', '+11 path=a\n'),
  paxCase('A31', 'leading zero', '010 path=a\n'),
  paxCase('A31', 'no key', '5 =a\n'),
  paxCase('A31', 'no equals sign', '7 path\n'),
  paxCase('A31', 'empty', ''),
  paxCase('A31', 'junk after a record', join(paxRecord('path', 'a'), '\0\0')),
  row('A31', 'orphan at the end', ['tar-pax-record'], () => tgz(good, pax({ path: 'x' }))),
  row('A31', 'two in a row', ['tar-pax-record'], () => tgz(pax({ path: 'x' }), pax({ path: 'y' }), good)),
  paxCase('A32', 'empty path', paxRecord('path', '')),
  paxCase('A33', 'negative PAX size', paxRecord('size', '-1')),
  paxCase('A33', 'PAX size beyond 2^53', paxRecord('size', '9223372036854775807')),
  wrong('A33', 'base-256 size', 'tar-number', () =>
    tgz(
      entry(
        { name: 'a', patch: [[124, latin1('\u0080\0\0\0\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff')]] },
        'x',
      ),
    ),
  ),
  wrong('A33', 'negative base-256 size', 'tar-number', () =>
    tgz(entry({ name: 'a', patch: [[124, latin1('\u00ff'.repeat(12))]] }, 'x')),
  ),
  ...[
    '0000000000x\0',
    '000000000012',
    '            ',
    '-0000000001\0',
    ' 0000000001\0',
    '0x000000001\0',
    '\0'.repeat(12),
  ].map((field) =>
    wrong('A34', `size field ${JSON.stringify(field)}`, 'tar-number', () =>
      tgz(entry({ name: 'a', patch: [[124, field]] }, 'x')),
    ),
  ),
  wrong('A34', 'junk in the mode', 'tar-number', () => tgz(entry({ name: 'a', mode: '00rw644\0' }, 'x'))),
  wrong('A35', 'wrong checksum', 'tar-header-checksum', () =>
    tgz(good, entry({ name: 'a', checksum: '000001\0 ' }, 'x')),
  ),
  wrong('A35', 'junk as checksum', 'tar-header-checksum', () =>
    tgz(good, entry({ name: 'a', checksum: 'zzzzzz\0 ' }, 'x')),
  ),
  wrong('A36', 'cut body', 'tar-ends-early', () =>
    gzip(join(good, header({ name: 'a', size: 5000 }), zeros(512))),
  ),
  wrong('A36', 'cut header', 'tar-ends-early', () =>
    gzip(join(good, header({ name: 'a' }).subarray(0, 300))),
  ),
  wrong('A36', 'no end blocks', 'tar-no-end', () => gzip(good)),
  wrong('A36', 'one end block', 'tar-no-end', () => gzip(join(good, zeros(512)))),
  wrong('A36', 'one zero block, then entries', 'tar-no-end', () =>
    gzip(join(good, zeros(512), entry('b', '2'), END)),
  ),
  wrong('A37', 'second tar after the end', 'tar-data-after-end', () =>
    gzip(join(tar(good), tar(entry('b', '2')))),
  ),
  wrong('A37', 'one byte after the end', 'tar-data-after-end', () => gzip(join(tar(good), zeros(511), 'x'))),
  wrong('A37', 'part of a block after the end', 'tar-data-after-end', () =>
    gzip(join(tar(good), zeros(100))),
  ),
  row('A37', 'zeros up to a record of 10,240 bytes', [], () => gzip(join(tar(good), zeros(10_240 - 2048)))),
  wrong('A37', '2 MiB of zeros after the end', 'tar-data-after-end', () =>
    gzip(join(tar(good), zeros(2 * 1024 * 1024))),
  ),
  wrong('A37', 'bytes behind a file', 'tar-padding', () =>
    gzip(join(header({ name: 'a', size: 1 }), 'x', zeros(510), 'y', END)),
  ),
  wrong('A38', 'folder with a size', 'tar-directory-size', () =>
    tgz(entry({ name: 'd/', type: '5' }, inner)),
  ),
  wrong('A39', 'same name twice', 'entry-duplicate', () => tgz(good, entry('spec.yaml', 'other'))),
  wrong('A39', 'same folder twice', 'entry-duplicate', () =>
    tgz(entry({ name: 'd/', type: '5' }), entry({ name: 'd', type: '5' })),
  ),
  ...[...'789VXDMNA$\u00ff'].map((type) => typed('A40', type, `type ${JSON.stringify(type)}`)),
  named('A41', ''),
  row('A42', 'mode 04777', [], () => tgz(entry({ name: 'a', mode: '0004777\0' }, 'x'))),
  wrong('A43', 'file, then a file inside it', 'entry-file-and-folder', () =>
    tgz(entry('a', '1'), entry('a/b', '2')),
  ),
  wrong('A43', 'file inside, then the file', 'entry-file-and-folder', () =>
    tgz(entry('a/b', '2'), entry('a', '1')),
  ),
  wrong('A43', 'folder and file in other case', 'entry-file-and-folder', () =>
    tgz(entry({ name: 'A/', type: '5' }), entry('a', '1')),
  ),
  row(
    'A44',
    '20 MB of zeros where 10 are allowed',
    ['entry-too-big'],
    () => tgz(good, entry('zeros', zeros(20_000_000))),
    {
      entryBytesMax: 10_000_000,
    },
  ),
  row(
    'A44',
    'many files beyond the limit together',
    ['archive-too-big'],
    () => tgz(...Array.from({ length: 20 }, (_, i) => entry(`f${i}`, zeros(100_000)))),
    { unpackedBytesMax: 1_000_000 },
  ),
  wrong('A44', 'size field of 8 GiB', 'entry-too-big', () => tgz(header({ name: 'a', size: 2 ** 33 - 1 }))),
  wrong('A45', 'gzip in gzip', 'tar-not-tar', () => gzip(whole())),
  wrong('A45', 'ten layers', 'tar-not-tar', () =>
    Array.from({ length: 10 }).reduce<Uint8Array>((inside) => gzip(inside), whole()),
  ),
  row('A46', '20,000 empty entries', ['archive-too-many-entries'], () =>
    tgz(...Array.from({ length: 20_000 }, (_, i) => header({ name: `f${i}` }))),
  ),
  row('A46', '5,000 files', [], () =>
    tgz(...Array.from({ length: 5000 }, (_, i) => header({ name: `f${i}` }))),
  ),
  wrong('A47', 'second member', 'gzip-data-after-end', () => join(whole(), whole())),
  wrong('A47', 'tar split over two members', 'gzip-data-after-end', () =>
    join(gzip(tar(good).subarray(0, 700)), gzip(tar(good).subarray(700))),
  ),
  wrong('A48', 'junk after gzip', 'gzip-data-after-end', () => join(whole(), 'junk')),
  wrong('A48', 'one zero after gzip', 'gzip-data-after-end', () => join(whole(), zeros(1))),
  wrong('A48', '512 zeros after gzip', 'gzip-data-after-end', () => join(whole(), zeros(512))),
  wrong('A49', 'CRC flipped', 'gzip-checksum', () => gzip(tar(good), { crc: 1 })),
  wrong('A49', 'length flipped', 'gzip-checksum', () => gzip(tar(good), { size: 1 })),
  ...[1, 4, 8].map((cut) =>
    wrong('A50', `${cut} bytes of the trailer cut`, 'gzip-ends-early', () => whole().subarray(0, -cut)),
  ),
  wrong('A50', 'half a file', 'gzip-ends-early', () => whole().subarray(0, 60)),
  wrong('A50', 'cut header', 'gzip-ends-early', () => whole().subarray(0, 7)),
  wrong('A50', 'damaged data', 'gzip-damaged', () =>
    join(whole().subarray(0, 10), Uint8Array.of(7), whole().subarray(11)),
  ),
  wrong('A51', 'extra field', 'gzip-extra-field', () =>
    gzip(tar(good), { flags: 4, extra: join(Uint8Array.of(255, 255), zeros(65_535)) }),
  ),
  row('A51', 'name ../../evil', [], () => gzip(tar(good), { flags: 8, extra: utf8('../../evil\0') })),
  row('A51', 'comment', [], () => gzip(tar(good), { flags: 16, extra: utf8('hello\0') })),
  wrong('A51', 'name without end', 'gzip-header', () =>
    gzip(tar(good), { flags: 8, extra: utf8('n'.repeat(70_000)) }),
  ),
  wrong('A51', 'reserved flag', 'gzip-header', () => gzip(tar(good), { flags: 0x20 })),
  wrong('A51', 'other method', 'gzip-header', () =>
    join(whole().subarray(0, 2), Uint8Array.of(7), whole().subarray(3)),
  ),
  wrong('A51', 'wrong header checksum', 'gzip-header', () =>
    gzip(tar(good), { flags: 2, extra: Uint8Array.of(1, 2) }),
  ),
  wrong('A52', '5,000 empty members', 'gzip-data-after-end', () =>
    join(...Array.from({ length: 5000 }, () => gzip(zeros(0))), whole()),
  ),
  wrong('A53', 'raw tar', 'archive-not-gzip', () => tar(good)),
  wrong('A53', 'zip', 'archive-not-gzip', () => join('PK\u0003\u0004', zeros(100))),
  wrong('A53', 'zstd', 'archive-not-gzip', () => join(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), zeros(100))),
  wrong('A53', '0 bytes', 'archive-empty', () => zeros(0)),
  wrong('A53', '1 byte', 'gzip-ends-early', () => Uint8Array.of(0x1f)),
  wrong('A53', 'zip behind gzip', 'gzip-data-after-end', () => join(whole(), 'PK\u0005\u0006', zeros(18))),
  wrong('A53', 'gzip of nothing', 'tar-not-tar', () => gzip(zeros(0))),
  wrong('A53', 'gzip of JSON', 'tar-not-tar', () => gzip(utf8('{"a": 1}'))),
  row('A54', 'extended attribute', ['entry-unsupported-type'], () =>
    tgz(good, pax({ 'SCHILY.xattr.user.x': '1' }), entry('a', '1')),
  ),
  row('A54', 'access list', ['entry-unsupported-type'], () =>
    tgz(good, pax({ 'SCHILY.acl.access': 'user::rw-' }), entry('a', '1')),
  ),
  row('C', 'times and owners in PAX, as Go writes them', [], () =>
    tgz(
      good,
      pax({ mtime: '1350244992.023960108', atime: '1', ctime: '2', uid: '9', gname: 'x' }),
      entry('a', '1'),
    ),
  ),
  row('C', 'hidden characters are warned of', ['entry-hidden-characters'], () =>
    tgz(good, pax({ path: 'a\u202ecod.exe' }), entry('x', '1')),
  ),
  row('C', '__proto__ as a name', [], () => tgz(entry('__proto__', '1'), entry('constructor/toString', '2'))),
  row('C', 'folders, prefix, GNU magic', [], () =>
    tgz(
      entry({ name: 'd/', type: '5' }),
      entry({ name: 'x', prefix: 'd/e' }, '1'),
      entry({ name: 'g', magic: 'ustar  \0' }, '2'),
    ),
  ),
  wrong('C', 'V7 header', 'tar-format', () => tgz(good, entry({ name: 'a', magic: '\0'.repeat(8) }, 'x'))),
  wrong('C', 'bytes behind the name', 'tar-format', () =>
    tgz(entry({ name: 'a', patch: [[50, 'hidden']] }, 'x')),
  ),
  row('C', 'stored block, no compression', [], () => {
    const raw = tar(good);
    const plain = gzip(raw);
    return join(plain.subarray(0, 10), deflateRawSync(raw, { level: 0 }), plain.subarray(-8));
  }),
  row('C', 'as gzip -9 writes it', [], () => gzipSync(tar(good), { level: 9 })),
];
