import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import { toHex } from '../../../src/core/bytes/hex.js';
import { legacyPreimage } from '../../../src/core/manifest/digests.js';
import { readLines } from '../../../src/core/manifest/lines.js';
import { readManifest } from '../../../src/core/manifest/readManifest.js';
import { describeShared, sharedPath } from '../../shared.js';
import { limits, sha256, read, codes, CLI } from './made.js';

describe('the dialect of the released command line', () => {
  it('reads what that program writes, in any order, text kept exactly', () => {
    const { manifest, findings } = read(CLI);
    expect(findings).toEqual([]);
    expect(manifest).toMatchObject({
      dialect: 'specular-cli',
      version: '1.10',
      requiredApprovals: ['pm', 'security'],
    });
    expect({ ...manifest!.metadata }).toEqual({ release: '2025-11' });
    expect(manifest!.files).toEqual([
      { path: 'spec.yaml', size: 16, sha256: 'ab'.repeat(32), mode: 420, external: false },
      { path: 'docs/a.md', size: 0, sha256: 'cd'.repeat(32), external: false },
    ]);
    expect(Object.getPrototypeOf(manifest!.metadata)).toBeNull();
  });

  it('gives the same manifest when the general reader reads it', () => {
    const viaYaml = read(CLI.replace('files:', '# list\n\nfiles:'));
    expect(viaYaml.manifest).toEqual(read(CLI).manifest);
  });

  it.each([
    ['size 017', CLI.replace('size: 16', 'size: 017'), 'manifest-number'],
    ['size 1_6', CLI.replace('size: 16', 'size: 1_6'), 'manifest-number'],
    ['size 16.0', CLI.replace('size: 16', 'size: 16.0'), 'manifest-number'],
    ['size 1.6e1', CLI.replace('size: 16', 'size: 1.6e1'), 'manifest-number'],
    ['size in quotes', CLI.replace('size: 16', 'size: "16"'), 'manifest-number'],
    ['negative size', CLI.replace('size: 16', 'size: -1'), 'manifest-number'],
    ['size beyond 2^53', CLI.replace('size: 16', 'size: 9007199254740992'), 'manifest-number'],
    ['checksum in upper case', CLI.replace('ab'.repeat(32), 'AB'.repeat(32)), 'manifest-hex'],
    ['checksum with prefix', CLI.replace('ab'.repeat(32), `sha256:${'ab'.repeat(32)}`), 'manifest-hex'],
    ['short checksum', CLI.replace('ab'.repeat(32), 'ab'.repeat(8)), 'manifest-hex'],
    ['empty checksum', CLI.replace('ab'.repeat(32), '""'), 'manifest-hex'],
    ['checksum 0e12', CLI.replace('ab'.repeat(32), '0e12'), 'manifest-hex'],
    ['algorithm md5', CLI.replace('algorithm: sha256', 'algorithm: md5'), 'manifest-algorithm'],
    ['algorithm none', CLI.replace('algorithm: sha256', 'algorithm: none'), 'manifest-algorithm'],
    ['empty algorithm', CLI.replace('algorithm: sha256', 'algorithm: ""'), 'manifest-algorithm'],
    ['algorithm SHA256', CLI.replace('algorithm: sha256', 'algorithm: SHA256'), 'manifest-algorithm'],
    ['path above', CLI.replace('spec.yaml', '../../../../etc/hostname'), 'entry-unsafe-path'],
    ['device path', CLI.replace('spec.yaml', '/dev/zero'), 'entry-unsafe-path'],
    ['two aliases', CLI.replace('docs/a.md', './spec.yaml'), 'entry-unsafe-path'],
    ['same path twice', CLI.replace('docs/a.md', 'spec.yaml'), 'manifest-path-twice'],
    ['path in other case', CLI.replace('docs/a.md', 'SPEC.yaml'), 'manifest-path-twice'],
    ['file that is a folder', CLI.replace('docs/a.md', 'spec.yaml/a'), 'manifest-path-twice'],
    ['manifest.yaml listed', CLI.replace('docs/a.md', 'manifest.yaml'), 'manifest-path-reserved'],
    ['checksums.txt listed', CLI.replace('docs/a.md', 'checksums.txt'), 'manifest-path-reserved'],
    ['approval listed', CLI.replace('docs/a.md', 'approvals/pm.json'), 'manifest-path-reserved'],
    ['attestation listed', CLI.replace('docs/a.md', 'attestations/x.yaml'), 'manifest-path-reserved'],
    ['no files', `${CLI.slice(0, CLI.indexOf('files:'))}files: []\n`, 'manifest-no-files'],
    ['no list of files', CLI.slice(0, CLI.indexOf('files:')), 'manifest-no-files'],
    ['year 9999', CLI.replace('2025-11-06', '9999-12-31'), 'manifest-created'],
    ['year 0001', CLI.replace('2025-11-06', '0001-01-01'), 'manifest-created'],
    ['no zone', CLI.replace('+01:00', ''), 'manifest-created'],
    ['leap second', CLI.replace('10:05:12', '23:59:60'), 'manifest-created'],
    ['unknown field', `${CLI}extra: 1\n`, 'manifest-field-unknown'],
    ['case variant', CLI.replace('required_approvals', 'Required_Approvals'), 'manifest-field-unknown'],
    ['unknown field of a file', CLI.replace('mode: 420', 'owner: root'), 'manifest-field-unknown'],
    ['field of our dialect in a file', CLI.replace('mode: 420', 'external: true'), 'manifest-field-unknown'],
    ['duplicate roles key', `${CLI}required_approvals: []\n`, 'manifest-duplicate-key'],
    ['duplicate key by escape', `${CLI}"\\x66iles": []\n`, 'manifest-duplicate-key'],
    ['duplicate key in a file', CLI.replace('mode: 420', 'size: 17'), 'manifest-duplicate-key'],
    ['merge key', `${CLI}<<: {tags: [a]}\n`, 'manifest-merge-key'],
    ['alias bomb', `a: &a [x, x]\nb: &b [*a, *a]\n${CLI}`, 'manifest-anchor'],
    ['alias of itself', `metadata: &m\n    self: *m\n`, 'manifest-anchor'],
    ['20,000 nested lists', `${CLI}x: ${'['.repeat(20_000)}`, 'manifest-depth'],
    ['tag', `${CLI}x: !!js/function "f"\n`, 'manifest-tag'],
    ['second document', `${CLI}---\nschema: x\n`, 'manifest-documents'],
    ['byte order mark', `\ufeff${CLI}`, 'manifest-bom'],
    ['CRLF', CLI.replaceAll('\n', '\r\n'), 'manifest-character'],
    ['tab', CLI.replace('    algorithm', '\talgorithm'), 'manifest-tab'],
    ['scalar', 'hello\n', 'manifest-not-mapping'],
    ['list', '- hello\n', 'manifest-not-mapping'],
    ['empty', '', 'manifest-empty'],
    ['null for a text', CLI.replace('id: acme/x', 'id: null'), 'manifest-field-nothing'],
    ['nothing for a text', CLI.replace('id: acme/x', 'id:'), 'manifest-field-nothing'],
    ['no id', CLI.replace('id: acme/x\n', ''), 'manifest-field-missing'],
    ['no schema', CLI.replace('schema: specular.bundle/v1\n', ''), 'manifest-field-missing'],
    ['no digest', CLI.replace(/ {4}digest.*\n/, ''), 'manifest-field-missing'],
    ['list for a text', CLI.replace('id: acme/x', 'id: [a]'), 'manifest-field-type'],
    [
      'text for a list',
      CLI.replace(/required_approvals:\n.*\n.*\n/, 'required_approvals: pm\n'),
      'manifest-field-type',
    ],
    [
      'control character in the id',
      CLI.replace('id: acme/x', 'id: "a\\nVERIFIED"'),
      'manifest-field-character',
    ],
    ['NUL in a value', CLI.replace('2025-11\n', '"\\0"\n'), 'manifest-field-character'],
    ['noncharacter', CLI.replace('2025-11\n', '"\\uffff"\n'), 'manifest-field-character'],
    ['lone surrogate', CLI.replace('2025-11\n', '"\\ud800"\n'), 'manifest-character'],
    ['long version', CLI.replace('1.10', '1'.repeat(50_000)), 'manifest-field-form'],
    ['long text', CLI.replace('2025-11\n', `${'x'.repeat(70_000)}\n`), 'manifest-text-long'],
    [
      'integrity in flow style',
      CLI.replace(
        /integrity:\n.*\n.*\n.*\n/,
        `integrity: {algorithm: sha256, digest: "sha256:${'12'.repeat(32)}"}\n`,
      ),
      'manifest-integrity-form',
    ],
    [
      'integrity in quotes',
      CLI.replace('algorithm: sha256', 'algorithm: "sha256"'),
      'manifest-integrity-form',
    ],
  ])('refuses %s', (_, text, code) => {
    expect(text).not.toBe(CLI);
    expect(codes(text)).toContain(code);
    expect(read(text).manifest).toBeNull();
  });

  it('names the line and the field', () => {
    expect(read(CLI.replace('size: 16', 'size: 017')).findings[0]).toMatchObject({
      where: { path: 'manifest.yaml', line: 16, field: 'files[0].size' },
      found: '017',
    });
    expect(read(CLI.replace('required_approvals', 'Required_Approvals')).findings[0]).toMatchObject({
      expected: 'required_approvals',
    });
  });

  it('warns of hidden characters and of mixed alphabets, and reads on', () => {
    expect(read(CLI.replace('acme/x', 'acme/x\u200b'))).toMatchObject({
      manifest: { id: 'acme/x\u200b' },
      findings: [{ code: 'manifest-hidden-characters', severity: 'warning' }],
    });
    expect(read(CLI.replace('acme/x', '\u0430cme/x'))).toMatchObject({
      manifest: {},
      findings: [{ code: 'manifest-mixed-scripts', severity: 'warning' }],
    });
  });

  it('keeps __proto__ as data', () => {
    const { manifest } = read(CLI.replace('release: 2025-11', '__proto__: polluted\n    constructor: x'));
    expect(Object.keys(manifest!.metadata)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('says when the two digests disagree', () => {
    const text = CLI.replace(`manifest_digest: ${'12'.repeat(32)}`, `manifest_digest: ${'13'.repeat(32)}`);
    expect(read(text).findings).toMatchObject([
      { code: 'integrity-digests-disagree', class: 'INTEGRITY_MISMATCH', axis: 'unchanged' },
    ]);
  });

  it('holds to the limits', () => {
    expect(readManifest(toUtf8(CLI), { ...limits, manifestBytesMax: 100 }).findings).toMatchObject([
      { code: 'manifest-too-big', class: 'LIMIT_EXCEEDED' },
    ]);
    expect(readManifest(toUtf8(CLI), { ...limits, entriesMax: 1 }).findings).toMatchObject([
      { code: 'manifest-too-many-files', class: 'LIMIT_EXCEEDED' },
    ]);
    const large = `# one\n${CLI}${Array.from({ length: 20_000 }, (_, i) => `    - path: f${i}\n      size: 1\n      checksum: ${'ab'.repeat(32)}\n`).join('')}`;
    expect(codes(large)).toEqual(['manifest-form-large']);
    const flood = read(
      CLI + 'x: 1\n'.replace('x', Array.from({ length: 500 }, (_, i) => `x${i}: 1\n`).join('') + 'y'),
    );
    expect(flood.findings.length).toBeLessThanOrEqual(50);
  });
});

describe('the planned layout', () => {
  const planned = `schema: specular.bundle/v1\nid: acme/x\nversion: 1.3.0\nintegrity:\n  algo: sha256\n  digest: sha256:${'0'.repeat(64)}\ncontent:\n  files:\n  - spec.yaml\n  - policies/a.yaml\napprovals:\n  required_roles:\n  - pm\nmeta:\n  created_by: x\n  toolchain:\n  - go\n  governance_level: L3\n`;

  it('reads names and roles', () => {
    expect(read(planned).manifest).toMatchObject({
      dialect: 'specular-planned',
      requiredApprovals: ['pm'],
      governanceLevel: 'L3',
      metadata: { created_by: 'x', toolchain: 'go' },
      files: [{ path: 'spec.yaml', size: null, sha256: null }, { path: 'policies/a.yaml' }],
    });
  });

  it.each([
    ['files of the other format', `${planned}files: []\n`, 'manifest-dialects-mixed'],
    ['algorithm of the other format', planned.replace('algo:', 'algorithm:'), 'manifest-dialects-mixed'],
    ['metadata of the other format', `${planned}metadata: {}\n`, 'manifest-dialects-mixed'],
    ['a path twice', planned.replace('policies/a.yaml', 'spec.yaml'), 'manifest-path-twice'],
    ['an unsafe path', planned.replace('policies/a.yaml', '../a'), 'entry-unsafe-path'],
    ['a reserved path', planned.replace('policies/a.yaml', 'approvals/pm.json'), 'manifest-path-reserved'],
    ['an unknown field', `${planned}extra: 1\n`, 'manifest-field-unknown'],
    ['no files', planned.replace(/content:\n.*\n.*\n.*\n/, 'content:\n  files: []\n'), 'manifest-no-files'],
  ])('refuses %s', (_, text, code) => {
    expect(codes(text)).toContain(code);
    expect(read(text).manifest).toBeNull();
  });
});

/** The bytes of one entry, for tests only: the archive reader has its own tests. */
function entryOf(tgz: Uint8Array, name: string): Uint8Array | null {
  const tar = new Uint8Array(gunzipSync(tgz));
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const header = Buffer.from(tar.subarray(at, at + 512));
    const size = Number.parseInt(header.toString('latin1', 124, 136), 8);
    const found = header.toString('latin1', 0, 100).replace(/\0.*$/s, '');
    if (found === name) return tar.slice(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return null;
}

interface HostileRow {
  readonly file: string;
  readonly expected: string;
  readonly error_class: string | null;
  readonly also_acceptable: readonly string[];
}

describeShared('bundles of the released command line', () => {
  const golden = sharedPath('corpora', 'bundles', 'golden');
  const samples = sharedPath('samples', 'bundles');
  const good = [
    ...readable(golden).map((name) => `${golden}/${name}`),
    ...[
      'healthcare-api-1.3.0',
      'healthcare-api-1.4.0',
      'legacy-embedded-approvals',
      'legacy-with-attestation',
    ].map((name) => `${samples}/${name}.sbundle.tgz`),
  ];

  function readable(folder: string): string[] {
    try {
      return readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    } catch {
      return [];
    }
  }

  it.each(good)('reads %s and reproduces its digest', (path) => {
    const bytes = entryOf(readFileSync(path), 'manifest.yaml')!;
    const { manifest, findings } = readManifest(bytes, limits);
    expect(findings).toEqual([]);
    expect(manifest?.dialect).toBe('specular-cli');
    expect(readLines(bytes, { key: 'files', row: () => undefined })).toHaveProperty('node');
    expect(`sha256:${toHex(sha256(legacyPreimage(bytes)!))}`).toBe(manifest!.integrityDigest);
  });

  it('gives the published bytes that the digest is taken over', () => {
    const bytes = entryOf(readFileSync(`${samples}/healthcare-api-1.3.0.sbundle.tgz`), 'manifest.yaml')!;
    expect(fromUtf8(legacyPreimage(bytes)!)).toBe(
      readFileSync(`${samples}/healthcare-api-1.3.0.manifest-preimage.yaml`, 'utf8'),
    );
  });

  it('reads the planned layout', () => {
    const bytes = entryOf(readFileSync(`${samples}/planned-layout-seed000.sbundle.tgz`), 'manifest.yaml')!;
    expect(readManifest(bytes, limits)).toMatchObject({
      manifest: { dialect: 'specular-planned' },
      findings: [{ severity: 'warning' }],
    });
  });

  it('answers every hostile manifest with the listed class, and reads what is harmless', () => {
    const folder = sharedPath('corpora', 'bundles', 'hostile');
    const rows = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8')) as HostileRow[];
    const inManifest = /^(?:B0[789]|B10|B14|B20|B25|Y0|Y11|Y17)/;
    for (const row of rows) {
      const harmless = row.expected === 'accept-integrity';
      if (!inManifest.test(row.file) && !(harmless && /^[CU]/.test(row.file))) continue;
      const { manifest, findings } = readManifest(
        entryOf(readFileSync(`${folder}/${row.file}`), 'manifest.yaml')!,
        limits,
      );
      if (harmless) expect(manifest, row.file).not.toBeNull();
      else {
        expect(manifest, row.file).toBeNull();
        expect([row.error_class, ...row.also_acceptable], row.file).toContain(findings[0]!.class);
      }
    }
  });
});
