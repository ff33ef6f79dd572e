import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import {
  draftStatement,
  readStatement,
  writeStatement,
  type StatementFields,
} from '../../../src/core/envelope/statement.js';

const SHA = 'a'.repeat(64);
const fields: StatementFields = {
  kind: 'bundle',
  subjectSha256: SHA,
  subjectName: 'manifest.yaml',
  bundle: { id: 'acme/healthcare-api', version: '1.3.0', contentRoot: `sha256:${'b'.repeat(64)}` },
  decision: 'approved',
  role: 'pm',
  user: 'alice@acme.org',
  signedAt: '2026-11-20T10:00:00Z',
};
const TEXT =
  `{"_type":"https://in-toto.io/Statement/v1","predicate":{"bundle":{"contentRoot":"sha256:${'b'.repeat(64)}",` +
  '"id":"acme/healthcare-api","version":"1.3.0"},"decision":"approved","role":"pm","signedAt":"2026-11-20T10:00:00Z",' +
  `"user":"alice@acme.org"},"predicateType":"urn:countersign:approval:v1","subject":[{"digest":{"sha256":"${SHA}"},"name":"manifest.yaml"}]}`;

const codesOf = (text: string) => {
  const read = readStatement(toUtf8(text));
  return 'findings' in read ? read.findings.map(({ code }) => code) : [];
};
const changed = (from: string, to: string) => {
  expect(TEXT).toContain(from);
  return TEXT.replace(from, to);
};

describe('writeStatement and readStatement', () => {
  it('write the exact bytes of the format and read them back', () => {
    const bytes = writeStatement(fields);
    expect(fromUtf8(bytes)).toBe(TEXT);
    expect(readStatement(bytes)).toEqual({ statement: { ...fields, bytes } });
  });

  it('carry the optional fields and file approvals', () => {
    const full = {
      ...fields,
      comment: 'LGTM & <ok> é 😀',
      expires: '2027-01-01T00:00:00+01:00',
      key: 'SHA256:abc',
    };
    expect(readStatement(writeStatement(full))).toMatchObject({ statement: full });
    const file = { ...fields, kind: 'file' as const, subjectName: 'policies/prod.yaml' };
    expect(readStatement(writeStatement(file))).toMatchObject({ statement: file });
  });

  it.each([
    ['a space', changed(',"predicate"', ', "predicate"'), 'statement-not-canonical'],
    ['a final newline', `${TEXT}\n`, 'statement-not-canonical'],
    [
      'another order',
      changed('"decision":"approved","role":"pm"', '"role":"pm","decision":"approved"'),
      'statement-not-canonical',
    ],
    ['an escape', changed('alice', '\\u0061lice'), 'statement-not-canonical'],
    ['a key twice', changed('"role":"pm"', '"role":"lead","role":"pm"'), 'statement-not-json'],
    ['half a surrogate pair', changed('alice', '\\ud800'), 'statement-not-json'],
    ['a byte order mark', `\ufeff${TEXT}`, 'statement-not-json'],
    ['something behind', `${TEXT}{}`, 'statement-not-json'],
    ['nothing', '', 'statement-not-json'],
    ['a list', '[]', 'statement-field'],
    ['an unknown field', changed('"role":"pm"', '"role":"pm","scope":"all"'), 'statement-unknown-field'],
    [
      'an unknown field in the subject',
      changed('"name":"manifest.yaml"', '"name":"manifest.yaml","uri":"x"'),
      'statement-unknown-field',
    ],
    [
      'another algorithm beside',
      changed(`"sha256":"${SHA}"`, `"sha256":"${SHA}","sha512":"00"`),
      'statement-unknown-field',
    ],
    ['another algorithm', changed('"digest":{"sha256"', '"digest":{"sha512"'), 'statement-field'],
    ['an upper-case digest', changed(SHA, 'A'.repeat(64)), 'statement-field'],
    ['a prefixed digest', changed(`"${SHA}"`, `"sha256:${SHA}"`), 'statement-field'],
    ['no subject', TEXT.replace(/"subject":.*$/, '"subject":[]}'), 'statement-field'],
    [
      'two subjects',
      changed(
        '"name":"manifest.yaml"}]',
        `"name":"manifest.yaml"},{"digest":{"sha256":"${SHA}"},"name":"x"}]`,
      ),
      'statement-field',
    ],
    [
      'another predicate type',
      changed('urn:countersign:approval:v1', 'urn:countersign:approval:v2'),
      'statement-type',
    ],
    ['another statement type', changed('Statement/v1', 'Statement/v0.1'), 'statement-field'],
    ['another subject', changed('manifest.yaml', 'spec.yaml'), 'statement-subject'],
    [
      'a manifest as a file',
      changed('urn:countersign:approval:v1', 'urn:countersign:file-approval:v1'),
      'statement-subject',
    ],
    ['a line break in the user', changed('alice@acme.org', 'alice\\nRole: security'), 'statement-field'],
    ['a control character C1', changed('alice', 'a\u0085b'), 'statement-field'],
    ['another decision', changed('"approved"', '"Approved"'), 'statement-field'],
    ['a Cyrillic role', changed('"role":"pm"', '"role":"\u0440m"'), 'statement-field'],
    ['a role with a space', changed('"role":"pm"', '"role":"pm "'), 'statement-field'],
    ['a time without a zone', changed('10:00:00Z', '10:00:00'), 'statement-time'],
    ['the year 9999', changed('2026-11-20T', '9999-11-20T'), 'statement-time'],
    [
      'an end before the start',
      changed('"decision":"approved"', '"decision":"approved","expires":"2026-11-20T10:00:00Z"'),
      'statement-expires-first',
    ],
    ['an empty comment', changed('"decision"', '"comment":"","decision"'), 'statement-field'],
  ])('refuse %s', (_, text, code) => {
    expect(codesOf(text)).toEqual([code]);
  });

  it('refuse more than 64 KiB', () => {
    expect(codesOf(`{"a":"${'x'.repeat(65_536)}"}`)).toEqual(['statement-not-json']);
  });

  it('say what is wrong with typed text instead of writing it', () => {
    expect('findings' in draftStatement({ ...fields, comment: 'a\nb' })).toBe(true);
    expect('findings' in draftStatement({ ...fields, user: '\ud800' })).toBe(true);
    expect(() => writeStatement({ ...fields, role: 'PM' })).toThrow(RangeError);
  });

  it('give every text one spelling: any change of the bytes is refused or reads differently', () => {
    const bytes = writeStatement({ ...fields, comment: 'LGTM' });
    const original = readStatement(bytes);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = damaged[at]! ^ change;
        const read = readStatement(damaged);
        if ('findings' in read) return;
        const left = { ...read.statement, bytes: null };
        const right = 'statement' in original ? { ...original.statement, bytes: null } : null;
        expect(left).not.toEqual(right);
      }),
      { numRuns: 2000 },
    );
  });
});
