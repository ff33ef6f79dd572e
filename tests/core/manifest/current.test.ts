import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import { toHex } from '../../../src/core/bytes/hex.js';
import { validate } from '../../../src/core/generated/manifest.validate.js';
import { readManifest } from '../../../src/core/manifest/readManifest.js';
import { writeManifest } from '../../../src/core/manifest/writeManifest.js';
import { limits, sha256, file, manifestOf, read, codes } from './made.js';

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

  const many = manifestOf(
    Array.from({ length: 6000 }, (_, i) => {
      const path = `docs/${String(i).padStart(5, '0')}${i % 700 === 3 ? 'ü' : ''}.txt`;
      return file(path, i % 1000 === 7 ? { external: true } : i % 900 === 5 ? { mode: 420 } : {});
    }),
  );
  const manyText = fromUtf8(writeManifest(many))!;
  const row = (path: string): RegExp =>
    new RegExp(`  - path: "${path}"\n    size: 3\n    checksum: "(?:ab){32}"\n`);

  it('reads thousands of rows of every kind', () => {
    expect(manyText.length).toBeGreaterThan(512 * 1024);
    const { findings, manifest } = read(manyText);
    expect(findings).toEqual([]);
    expect(manifest!.files).toEqual(many.files);
  });

  it.each([
    ['an escape', manyText.replace('"docs/05500.txt"', '"docs/0550\\u0030.txt"')],
    ['an escape in a name that is no ASCII', manyText.replace('4903ü', '490\\u0033ü')],
    ['single quotes', manyText.replace('"docs/05501.txt"', "'docs/05501.txt'")],
    ['no quotes', manyText.replace('"docs/05502.txt"', 'docs/05502.txt')],
    ['a default', manyText.replace(row('docs/05503.txt'), '$&    external: false\n')],
    ['fields in another order', manyText.replace(/(path: "docs\/05506.txt"\n)(.*\n)(.*\n)/, '$1$3$2')],
    ['a key after them', `${manyText}tags:\n  - "x"\n`],
    ['another head', manyText.replace('version: "1.10"', "version: '1.10'")],
  ])('refuses thousands of rows with %s among them', (_, text) => {
    expect(text).not.toBe(manyText);
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

describe('round trip', () => {
  const plain = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter(
      (text) => !/[\p{Cc}\p{Cs}\u2028\u2029]|[\ufdd0-\ufdef\ufffe\uffff\u{1fffe}\u{1ffff}]/u.test(text),
    );
  const device = /(^|\/)(con|prn|aux|nul|com[0-9]|lpt[0-9])[./]/;
  const path = fc
    .stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}\.x$/)
    .filter((name) => !device.test(name));
  const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 8 });

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
