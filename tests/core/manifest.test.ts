import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../src/core/bytes/text.js';
import { toHex } from '../../src/core/bytes/hex.js';
import { validate } from '../../src/core/generated/manifest.validate.js';
import { limitsProfiles } from '../../src/core/limits.js';
import {
  bundleDigest,
  contentRoot,
  fileLeaf,
  legacyPreimage,
  sortedFiles,
} from '../../src/core/manifest/digests.js';
import { readLines } from '../../src/core/manifest/lines.js';
import type { Manifest, ManifestFile } from '../../src/core/manifest/manifest.js';
import type { DocNode } from '../../src/core/manifest/node.js';
import { readManifest, type ManifestRead } from '../../src/core/manifest/readManifest.js';
import { writeManifest } from '../../src/core/manifest/writeManifest.js';
import { readYaml } from '../../src/core/manifest/yaml.js';
import { merkleRoot } from '../../src/core/merkle/merkle.js';
import { describeShared, sharedPath } from '../shared.js';

const limits = limitsProfiles.default;
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const platform = { sha256, sha256Sync: sha256 };

const file = (path: string, more: Partial<ManifestFile> = {}): ManifestFile => ({
  path,
  size: 3,
  sha256: 'ab'.repeat(32),
  external: false,
  ...more,
});

function manifestOf(files: readonly ManifestFile[], more: Partial<Manifest> = {}): Manifest {
  return {
    dialect: 'countersign',
    schema: 'specular.bundle/v1',
    id: 'acme/healthcare-api',
    version: '1.10',
    integrityDigest: contentRoot(files, platform),
    requiredApprovals: [],
    metadata: {},
    authors: [],
    tags: [],
    dependencies: [],
    files: sortedFiles(files),
    ...more,
  };
}

const full = manifestOf(
  [
    file('docs/über.md', { mode: 420, contentType: 'text/markdown', salt: '0123456789abcdef'.repeat(2) }),
    file('big.bin', { size: 30_000_000, external: true }),
    file('a b.txt'),
  ],
  {
    created: '2026-11-20T10:00:00Z',
    governanceLevel: 'L3',
    requiredApprovals: ['pm', 'security'],
    metadata: { team: 'platform', 'key: "x"': 'line\nline\t', __proto__x: '1' },
    description: 'two\nlines, "quotes", \\ and ü 😀',
    authors: ['Alice', 'Böb'],
    tags: ['1.10', 'true', '~'],
    dependencies: [
      { id: 'acme/base', version: '017', optional: true, digest: `sha256:${'0'.repeat(64)}` },
      { id: 'acme/other', version: '1', optional: false },
    ],
  },
);
const fullText = fromUtf8(writeManifest(full))!;

const read = (text: string | Uint8Array): ManifestRead =>
  readManifest(typeof text === 'string' ? toUtf8(text) : text, limits);
const codes = (text: string | Uint8Array): string[] => read(text).findings.map(({ code }) => code);

const CLI = `schema: specular.bundle/v1
id: acme/x
version: 1.10
created: 2025-11-06T10:05:12.123456789+01:00
integrity:
    algorithm: sha256
    digest: sha256:${'12'.repeat(32)}
    manifest_digest: ${'12'.repeat(32)}
required_approvals:
    - pm
    - security
metadata:
    release: 2025-11
files:
    - path: spec.yaml
      size: 16
      checksum: ${'ab'.repeat(32)}
      mode: 420
    - path: docs/a.md
      size: 0
      checksum: ${'cd'.repeat(32)}
`;

describe('our dialect', () => {
  it('reads back exactly what it writes', () => {
    const back = read(fullText);
    expect(back.findings).toEqual([]);
    expect({ ...back.manifest, metadata: { ...back.manifest!.metadata } }).toEqual(full);
    expect(fromUtf8(writeManifest(back.manifest!))).toBe(fullText);
  });

  it('is what its published schema describes', () => {
    const rows = full.files.map(({ path, size, sha256: checksum, mode, contentType, external, salt }) => ({
      path,
      size,
      checksum,
      ...(mode === undefined ? {} : { mode }),
      ...(contentType === undefined ? {} : { content_type: contentType }),
      ...(external ? { external } : {}),
      ...(salt === undefined ? {} : { salt }),
    }));
    const document = {
      schema: full.schema,
      id: full.id,
      version: full.version,
      created: full.created,
      integrity: { algorithm: 'sha256', digest: full.integrityDigest, tree: 'rfc9162' },
      governance_level: full.governanceLevel,
      required_approvals: full.requiredApprovals,
      metadata: full.metadata,
      files: rows,
    };
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...document, Files: rows })).toBe(false);
    expect(validate({ ...document, files: [] })).toBe(false);
  });

  it('has one spelling, shown here in full', () => {
    const small = manifestOf([file('b'), file('a', { size: 0 })], {
      requiredApprovals: ['pm'],
      metadata: { b: '2', a: '1' },
    });
    expect(fromUtf8(writeManifest(small))).toBe(
      `schema: "specular.bundle/v1"\nid: "acme/healthcare-api"\nversion: "1.10"\nintegrity:\n  algorithm: "sha256"\n` +
        `  digest: "${small.integrityDigest}"\n  tree: "rfc9162"\nrequired_approvals:\n  - "pm"\nmetadata:\n  "a": "1"\n  "b": "2"\n` +
        `files:\n  - path: "a"\n    size: 0\n    checksum: "${'ab'.repeat(32)}"\n  - path: "b"\n    size: 3\n    checksum: "${'ab'.repeat(32)}"\n`,
    );
  });

  it.each([
    ['a comment', fullText.replace('files:', '# all\nfiles:')],
    ['other indentation', fullText.replace(/ {2}- "(pm|security)"/g, '    - "$1"')],
    ['no quotes', fullText.replace('version: "1.10"', 'version: 1.10')],
    ['single quotes', fullText.replace('"pm"', "'pm'")],
    ['another order of fields', fullText.replace(/(id: .*\n)(version: .*\n)/, '$2$1')],
    ['another order of metadata', fullText.replace(/( {2}"key.*\n)( {2}"team.*\n)/, '$2$1')],
    ['an escape for a plain letter', fullText.replace('"pm"', '"\\u0070m"')],
    ['an empty list', fullText.replace('tags:\n  - "1.10"\n  - "true"\n  - "~"\n', 'tags: []\n')],
    [
      'a default written out',
      fullText.replace('    version: "1"\n', '    version: "1"\n    optional: false\n'),
    ],
    ['a blank line at the end', `${fullText}\n`],
  ])('refuses %s', (_, text) => {
    expect(text).not.toBe(fullText);
    expect(codes(text)).toEqual(['manifest-not-canonical']);
    expect(read(text).manifest).toBeNull();
  });

  it.each([
    ['unsorted files', fullText.replace('path: "a b.txt"', 'path: "z.txt"'), 'manifest-files-unsorted'],
    ['a role in upper case', fullText.replace('"pm"', '"PM"'), 'manifest-field-form'],
    ['a role twice', fullText.replace('"security"', '"pm"'), 'manifest-repeated'],
    ['an unknown level', fullText.replace('"L3"', '"L5"'), 'manifest-field-form'],
    ['a short salt', fullText.replace('salt: "01', 'salt: "'), 'manifest-hex'],
    ['external in quotes', fullText.replace('external: true', 'external: "true"'), 'manifest-field-type'],
    [
      'the field of the other dialect',
      fullText.replace('  tree:', `  manifest_digest: "${'0'.repeat(64)}"\n  tree:`),
      'manifest-field-unknown',
    ],
    [
      'a dependency on itself',
      fullText.replace('id: "acme/base"', 'id: "acme/healthcare-api"'),
      'manifest-repeated',
    ],
    ['a dependency twice', fullText.replace('id: "acme/base"', 'id: "acme/other"'), 'manifest-repeated'],
    [
      'a dependency without digest form',
      fullText.replace(`digest: "sha256:${'0'.repeat(64)}"`, 'digest: "sha256:00"'),
      'manifest-field-form',
    ],
    [
      'a content list beside it',
      fullText.replace('files:', 'content: "x"\nfiles:'),
      'manifest-dialects-mixed',
    ],
  ])('refuses %s', (_, text, code) => {
    expect(text).not.toBe(fullText);
    expect(codes(text)).toContain(code);
    expect(read(text).manifest).toBeNull();
  });

  it('says that a newer tree or schema is newer, and that another schema is unknown', () => {
    expect(read(fullText.replace('rfc9162', 'rfc9999'))).toMatchObject({
      manifest: null,
      newer: true,
      findings: [{ code: 'manifest-tree-newer', class: 'UNSUPPORTED_SCHEMA' }],
    });
    expect(read(fullText.replace('bundle/v1', 'bundle/v2'))).toMatchObject({
      manifest: null,
      newer: true,
      findings: [{ code: 'manifest-schema-newer', class: 'UNSUPPORTED_SCHEMA' }],
    });
    for (const schema of [
      'specular.bundle/v1\u200b',
      'specular.bundle/v0',
      'specular.bundle/v01',
      'Specular.bundle/v1',
      'evil',
      '',
    ]) {
      expect(read(fullText.replace('specular.bundle/v1', schema))).toMatchObject({
        manifest: null,
        newer: false,
        findings: [{ code: 'manifest-schema-unknown' }],
      });
    }
  });

  it('finds every single changed byte, except where the bytes are what is signed anyway', () => {
    const bytes = toUtf8(fullText);
    const digest = toHex(sha256(bytes));
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      const result = readManifest(changed, limits);
      expect(toHex(sha256(changed))).not.toBe(digest);
      if (result.manifest === null) continue;
      expect(result.manifest.dialect).toBe('countersign');
      expect(writeManifest(result.manifest)).toEqual(changed);
    }
  });
});

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

describe('digests', () => {
  it('takes the bundle digest over the exact bytes', async () => {
    expect(await bundleDigest(toUtf8('abc'), platform)).toBe(
      'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('takes the content root over RFC 8785 leaves in byte order of path', () => {
    const a = file('\uffee', { size: 0 });
    const b = file('😀', { salt: '00'.repeat(16) });
    const leaf = (json: string): Uint8Array => sha256(toUtf8(`\0${json}`));
    const leaves = [
      leaf(`{"path":"\uffee","sha256":"${'ab'.repeat(32)}","size":0}`),
      leaf(`{"path":"😀","salt":"${'00'.repeat(16)}","sha256":"${'ab'.repeat(32)}","size":3}`),
    ];
    expect(fileLeaf(b, platform)).toEqual(leaves[1]);
    expect(contentRoot([b, a], platform)).toBe(`sha256:${toHex(merkleRoot(leaves, platform))}`);
    expect(contentRoot([a, b], platform)).toBe(contentRoot([b, a], platform));
  });

  it('changes with path, size, digest, salt and membership', () => {
    const base = [file('a'), file('b')];
    const others = [
      [file('a'), file('c')],
      [file('a'), file('b', { size: 4 })],
      [file('a'), file('b', { sha256: 'ac'.repeat(32) })],
      [file('a'), file('b', { salt: '0'.repeat(32) })],
      [file('a')],
      [file('a'), file('b'), file('b2')],
    ];
    const roots = [base, ...others].map((files) => contentRoot(files, platform));
    expect(new Set(roots).size).toBe(roots.length);
    expect(contentRoot([file('a'), file('b', { external: true, mode: 1 })], platform)).toBe(roots[0]);
  });

  it('blanks the text for the older digest and nothing else', () => {
    const blanked = CLI.replace(
      /algorithm: .*\n {4}digest: .*\n {4}manifest_digest: .*\n/,
      'algorithm: ""\n    digest: ""\n',
    );
    expect(fromUtf8(legacyPreimage(toUtf8(CLI))!)).toBe(blanked);
    expect(legacyPreimage(toUtf8(CLI.replace('integrity:', 'Integrity:')))).toBeNull();
    expect(legacyPreimage(toUtf8(`${CLI}integrity:\n`))).toBeNull();
    expect(legacyPreimage(toUtf8(CLI.replace('    manifest_digest', '    other')))).toBeNull();
  });
});

describe('the two YAML readers', () => {
  const text = fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        'a',
        'B',
        '1',
        '0',
        ':',
        ' ',
        '#',
        '-',
        '"',
        "'",
        '\\',
        '/',
        '[',
        '{',
        ',',
        '&',
        '*',
        '!',
        '|',
        '>',
        '%',
        '@',
        '?',
        '~',
        'ü',
        '😀',
        '.',
        '=',
      ),
    }),
    fc.constantFrom(
      'null',
      '~',
      'true',
      '1.10',
      '---',
      '...',
      '<<',
      '',
      'a: b',
      'a #b',
      '- a',
      '"',
      '""',
      "''''",
      '"\\u00e9"',
      '"\\/"',
      '[]',
      '{}',
      '[a]',
      '-',
      '- - a',
      '-1',
      '.a',
      '|',
      '"a" b',
      'k: "v"',
    ),
  );
  const wild = fc
    .tuple(
      fc.nat(3),
      fc.constantFrom('', '- ', '- - ', '-'),
      fc.option(fc.oneof(text, fc.constantFrom('a', 'b', 'files')), { nil: null }),
      text,
    )
    .map(
      ([indent, dash, key, value]) =>
        `${'  '.repeat(indent)}${dash}${key === null ? '' : `${key}:${value === '' ? '' : ' '}`}${value}`,
    );
  const word = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'x',
        '1.10',
        '"q\\u00fc"',
        "'s''s'",
        'a-b',
        '""',
        '-1',
        '.5',
        'null',
        '[]',
        '{}',
      ),
    },
    text,
  );
  const key = fc.constantFrom('a', 'b', 'c', 'files', '"k: 1"', "'q'", '_d');
  /** Documents that are nearly always in the plain block form, with one wild line now and then. */
  const { node: block } = fc.letrec<{ node: string[] }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'yaml' },
      word.map((value) => [` ${value}`]),
      fc
        .array(fc.tuple(key, tie('node')), { minLength: 1, maxLength: 3 })
        .map((rows) => [
          '',
          ...rows.flatMap(([name, [head, ...rest]]) => [`${name}:${head}`, ...rest.map((one) => `  ${one}`)]),
        ]),
      fc
        .array(
          fc.oneof(
            word,
            fc.tuple(key, word).map(([name, value]) => `${name}: ${value}\n  z: 1`),
          ),
          { minLength: 1, maxLength: 3 },
        )
        .map((items) => ['', ...items.flatMap((item) => `- ${item}`.split('\n'))]),
    ),
  }));
  const lines = fc.oneof(
    fc.array(wild, { minLength: 1, maxLength: 6 }),
    fc
      .array(fc.tuple(key, block), { minLength: 1, maxLength: 4 })
      .map((rows) =>
        rows.flatMap(([name, [head, ...rest]]) => [`${name}:${head}`, ...rest.map((one) => `  ${one}`)]),
      ),
    fc
      .tuple(fc.array(fc.tuple(key, word), { minLength: 1, maxLength: 3 }), wild)
      .map(([rows, last]) => [...rows.map(([name, value]) => `${name}: ${value}`), last]),
  );

  /** Nodes as the general reader gives them, lines left out: it counts a mapping's line from another place. */
  const bare = (node: DocNode): unknown => {
    if (node.kind === 'text') return [node.text, node.plain];
    return node.kind === 'list'
      ? node.items.map(bare)
      : [...node.entries].map(([key, value]) => [key, bare(value)]);
  };

  it('agree on everything that the line reader reads', () => {
    let both = 0;
    fc.assert(
      fc.property(lines, (all) => {
        const bytes = toUtf8(`${all.join('\n')}\n`);
        const rows: DocNode[] = [];
        const fast = readLines(bytes, { key: 'files', row: (node) => rows.push(node) });
        if (fast === null) return;
        const slow = readYaml(bytes, { bytesMax: 1 << 20 });
        if ('problem' in fast) {
          expect('problem' in slow).toBe(true);
          return;
        }
        if ('problem' in slow) throw new Error(`only the line reader reads it: ${slow.problem.kind}`);
        both++;
        const whole = bare(slow.node);
        const got = bare(fast.node);
        if (rows.length === 0) {
          expect(got).toEqual(whole);
          return;
        }
        const files = slow.node.kind === 'map' ? slow.node.entries.get('files') : undefined;
        expect(rows.map(bare)).toEqual(files?.kind === 'list' ? files.items.map(bare) : null);
      }),
      { numRuns: 10_000 },
    );
    expect(both).toBeGreaterThan(1000);
  });
});

describe('round trip', () => {
  const plain = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter(
      (text) => !/[\p{Cc}\p{Cs}\u2028\u2029]|[\ufdd0-\ufdef\ufffe\uffff\u{1fffe}\u{1ffff}]/u.test(text),
    );
  const paths = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}\.x$/), {
    minLength: 1,
    maxLength: 8,
  });

  it('holds for any manifest', () => {
    fc.assert(
      fc.property(
        paths,
        plain,
        plain,
        fc.dictionary(plain, plain, { maxKeys: 4 }),
        fc.array(plain, { maxLength: 3 }),
        (names, id, prose, metadata, tags) => {
          const manifest = manifestOf(
            names.map((name) => file(name)),
            { id, description: `${prose}\n\t${prose}`, metadata, tags },
          );
          const bytes = writeManifest(manifest);
          const back = readManifest(bytes, limits);
          expect(back.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
          expect(writeManifest(back.manifest!)).toEqual(bytes);
          expect(back.manifest!.id).toBe(id);
          expect({ ...back.manifest!.metadata }).toEqual({ ...metadata });
        },
      ),
      { numRuns: 300 },
    );
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
