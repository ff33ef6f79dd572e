import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/core/archive/archive.js';
import { fromUtf8, toUtf8 } from '../../src/core/bytes/text.js';
import {
  compareChecksums,
  readChecksums,
  writeChecksums,
  type ChecksumsRead,
} from '../../src/core/manifest/checksums.js';
import type { Manifest } from '../../src/core/manifest/manifest.js';
import {
  isAllowedEvidenceName,
  isApprovalName,
  isAttestationName,
  isReservedPath,
} from '../../src/core/manifest/names.js';

const hex = (digit: string): string => digit.repeat(64);
const entries: readonly Entry[] = [
  { path: 'manifest.yaml', size: 1, sha256: hex('0') },
  { path: 'a', size: 1, sha256: hex('a') },
  { path: 'b', size: 1, sha256: hex('b') },
  { path: 'approvals/pm-1.json', size: 1, sha256: hex('c') },
  { path: 'checksums.txt', size: 1, sha256: hex('d') },
];
const base = {
  schema: '',
  id: '',
  version: '',
  integrityDigest: '',
  requiredApprovals: [],
  metadata: {},
  authors: [],
  tags: [],
  dependencies: [],
};
const listed = [
  { path: 'b', size: 1, sha256: hex('b'), external: false },
  { path: 'a', size: 1, sha256: hex('a'), external: false },
];
const ours: Manifest = { ...base, dialect: 'countersign', files: listed };
const cli: Manifest = { ...base, dialect: 'specular-cli', files: listed };
const planned: Manifest = {
  ...base,
  dialect: 'specular-planned',
  files: listed.map((file) => ({ ...file, size: null, sha256: null })),
};
const GOOD = fromUtf8(writeChecksums(entries.filter(({ path }) => path !== 'checksums.txt')))!;
const CLI = `${hex('b')}  b\n${hex('a')}  a\n`;
/** Read as a verifier reads it: rows of our dialect are told one by one only where they are not the entries. */
const read = (text: string, manifest: Manifest): ChecksumsRead =>
  readChecksums(toUtf8(text), manifest.dialect === 'countersign' ? entries : undefined);
const codes = (text: string | null, manifest: Manifest): string[] =>
  compareChecksums(text === null ? null : read(text, manifest), entries, manifest).map(({ code }) => code);

describe('checksums.txt', () => {
  it('of our dialect lists every other entry, sorted', () => {
    expect(GOOD).toBe(
      `${hex('a')}  a\n${hex('c')}  approvals/pm-1.json\n${hex('b')}  b\n${hex('0')}  manifest.yaml\n`,
    );
    expect(codes(GOOD, ours)).toEqual([]);
    expect(codes(null, ours)).toEqual(['checksums-missing']);
    expect(codes('', ours)).toEqual(Array(4).fill('checksums-row-missing'));
  });

  it('of the older dialects lists exactly files[], in any order, or is absent', () => {
    for (const manifest of [cli, planned]) {
      expect(codes(CLI, manifest)).toEqual([]);
      expect(codes(null, manifest)).toEqual([]);
      expect(codes(GOOD, manifest)).toEqual(['checksums-row-extra', 'checksums-row-extra']);
      expect(codes(`${hex('b')}  b\n`, manifest)).toEqual(['checksums-row-missing']);
      expect(codes(CLI.replace(hex('a'), hex('1')), manifest)).toEqual(['checksums-differs']);
    }
  });

  it.each([
    ['another digest', GOOD.replace(hex('b'), hex('1')), ['checksums-differs']],
    ['an extra row', `${GOOD}${hex('1')}  z\n`, ['checksums-row-extra']],
    [
      'a row for itself',
      `${hex('d')}  checksums.txt\n${GOOD}`,
      ['checksums-row-extra', 'checksums-unsorted'],
    ],
    ['a missing row', GOOD.replace(`${hex('b')}  b\n`, ''), ['checksums-row-missing']],
    ['a row twice', `${hex('a')}  a\n${GOOD}`, ['checksums-twice']],
    ['a contradicting second row', `${hex('1')}  a\n${GOOD}`, ['checksums-differs', 'checksums-twice']],
    ['another order', GOOD.split('\n').slice(0, 4).reverse().join('\n') + '\n', ['checksums-unsorted']],
    [
      'CRLF',
      GOOD.replaceAll('\n', '\r\n'),
      [...Array<string>(4).fill('checksums-line'), ...Array<string>(4).fill('checksums-row-missing')],
    ],
    ['a binary mark', GOOD.replace('  b', ' *b'), ['checksums-line', 'checksums-row-missing']],
    ['an escaped name', GOOD.replace(hex('b'), `\\${hex('b')}`), ['checksums-line', 'checksums-row-missing']],
    ['upper case', GOOD.replace(hex('b'), hex('B')), ['checksums-line', 'checksums-row-missing']],
    ['a blank line', `${GOOD}\n`, ['checksums-line']],
    ['no final line feed', GOOD.slice(0, -1), ['checksums-line', 'checksums-row-missing']],
    [
      'an alias',
      GOOD.replace('  b\n', '  ./b\n'),
      ['checksums-row-extra', 'checksums-row-missing', 'checksums-unsorted'],
    ],
  ])('refuses %s', (_, text, expected) => {
    const findings = compareChecksums(read(text, ours), entries, ours);
    expect(findings.map(({ code }) => code)).toEqual(expected);
    expect(compareChecksums(readChecksums(toUtf8(text)), entries, ours)).toEqual(findings);
    for (const one of findings)
      expect(one).toMatchObject({ class: 'INTEGRITY_MISMATCH', severity: 'error', axis: 'unchanged' });
  });

  it('says the same of a whole list, told row by row or not', () => {
    const odd = [
      ...entries.slice(0, -1),
      { path: 'zürich/𝄞.txt', size: 1, sha256: hex('e') },
      { path: 'zürich/ﬁ.txt', size: 1, sha256: hex('f') },
      ...entries.slice(-1),
    ];
    const bytes = writeChecksums(odd.slice(0, -1));
    const whole = readChecksums(bytes, odd);
    const rows = readChecksums(bytes);
    expect(whole).toEqual({ isWhole: true, count: 6, rows: [], findings: [] });
    expect(rows).toMatchObject({ isWhole: false, count: 6, findings: [] });
    for (const checksums of [whole, rows]) expect(compareChecksums(checksums, odd, ours)).toEqual([]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.with(at, bytes[at]! ^ 1);
      expect(readChecksums(changed, odd).isWhole, String(at)).toBe(false);
      expect(compareChecksums(readChecksums(changed, odd), odd, ours), String(at)).not.toEqual([]);
    }
    for (const cut of [bytes.subarray(0, -1), bytes.subarray(1), new Uint8Array(0)])
      expect(readChecksums(cut, odd).isWhole).toBe(false);
    expect(readChecksums(bytes, odd.slice(1)).isWhole).toBe(false);
    expect(readChecksums(bytes, odd.slice(0, -1)).isWhole).toBe(false);
  });

  it('refuses bytes that are not text, and keeps the list of findings short', () => {
    expect(readChecksums(new Uint8Array([0xff, 0x0a])).findings).toHaveLength(1);
    expect(
      compareChecksums(readChecksums(toUtf8('x\n'.repeat(100_000))), entries, ours).length,
    ).toBeLessThanOrEqual(50);
  });
});

describe('names in the signature folders', () => {
  it('of our dialect', () => {
    for (const end of ['', '.sig', '.asc', '.sigstore.json', '.tsr'])
      expect(isApprovalName(`approvals/pm-1.json${end}`, 'countersign')).toBe(true);
    expect(isApprovalName('approvals/security-team-9999.json', 'countersign')).toBe(true);
    expect(isAttestationName('attestations/build.sigstore.json', 'countersign')).toBe(true);
    for (const name of [
      'approvals/pm.json',
      'approvals/pm-0.json',
      'approvals/pm-01.json',
      'approvals/pm-10000.json',
      'approvals/PM-1.json',
      'approvals/x/pm-1.json',
      'approvals/pm-1.json.sig.sig',
      'approvals/pm-1.json\n',
      `approvals/${'a'.repeat(33)}-1.json`,
      'attestations/attestation.yaml',
      'attestations/.sigstore.json',
      'attestations/a/b.sigstore.json',
      'approvals/',
      'approvals/run.sh',
      'Approvals/pm-1.json',
    ]) {
      expect(isAllowedEvidenceName(name, 'countersign'), name).toBe(false);
    }
  });

  it('of the older dialects', () => {
    for (const dialect of ['specular-cli', 'specular-planned'] as const) {
      expect(isAllowedEvidenceName('approvals/pm.json', dialect)).toBe(true);
      expect(isAllowedEvidenceName('attestations/attestation.yaml', dialect)).toBe(true);
      for (const name of [
        'approvals/pm-1.json.sig',
        'approvals/../x.json',
        'approvals/a..b.json',
        'approvals/.json',
        'approvals/run.sh',
        'attestations/x.yaml',
        'approvals/a/b.json',
      ]) {
        expect(isAllowedEvidenceName(name, dialect), name).toBe(false);
      }
    }
    expect(isAttestationName('attestations/sigstore.json', 'specular-planned')).toBe(true);
    expect(isAttestationName('attestations/sigstore.json', 'specular-cli')).toBe(false);
  });

  it('may not be listed in a manifest', () => {
    for (const path of ['manifest.yaml', 'checksums.txt', 'approvals/pm.json', 'attestations/x'])
      expect(isReservedPath(path)).toBe(true);
    for (const path of ['docs/manifest.yaml', 'approvals', 'approvals.md', 'x/approvals/y'])
      expect(isReservedPath(path)).toBe(false);
  });
});
