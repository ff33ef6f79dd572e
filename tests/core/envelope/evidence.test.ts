import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import type { NamedBytes } from '../../../src/core/envelope/approval.js';
import { collectEvidence, type CollectedEvidence } from '../../../src/core/envelope/evidence.js';
import { writeStatement } from '../../../src/core/envelope/statement.js';
import { describeShared, sharedPath } from '../../shared.js';

const statement = (user = 'alice@acme.org') =>
  writeStatement({
    kind: 'bundle',
    subjectSha256: 'a'.repeat(64),
    subjectName: 'manifest.yaml',
    bundle: { id: 'acme/x', version: '1', contentRoot: `sha256:${'b'.repeat(64)}` },
    decision: 'approved',
    role: 'pm',
    user,
    signedAt: '2026-11-20T10:00:00Z',
  });
const file = (name: string, content: string | Uint8Array): NamedBytes => ({
  name,
  bytes: typeof content === 'string' ? toUtf8(content) : content,
});
const ARMOR = '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n';
const LEGACY = JSON.stringify({
  role: 'pm',
  user: 'a',
  signed_at: '2026-01-01T00:00:00Z',
  signature: 'AA==',
  signature_type: 'ssh',
  public_key: 'ssh-ed25519 AAAA',
});
const codesOf = ({ evidence }: CollectedEvidence) =>
  evidence.flatMap(({ findings }) => findings.map(({ code }) => code));

describe('collectEvidence', () => {
  it('pairs a statement with the signatures beside it', () => {
    const { evidence, unpaired, unrecognised } = collectEvidence(
      [
        file('approvals/pm-1.json', statement()),
        file('approvals/pm-1.json.asc', '-----BEGIN PGP SIGNATURE-----\n'),
        file('approvals/pm-1.json.sig', ARMOR),
        file('approvals/pm-1.json.sigstore.json', '{}'),
        file('approvals/pm-1.json.tsr', Uint8Array.of(0x30)),
      ],
      'embedded',
    );
    expect(evidence).toHaveLength(1);
    expect(evidence[0]).toMatchObject({
      file: 'approvals/pm-1.json',
      origin: 'embedded',
      legacy: null,
      findings: [],
    });
    expect(evidence[0]?.signatures.map(({ kind }) => kind)).toEqual([
      'openpgp',
      'sshsig',
      'sigstore',
      'timestamp',
    ]);
    expect([...unpaired, ...unrecognised]).toEqual([]);
  });

  it('collapses equal bytes under several names and keeps the signatures of each', () => {
    const { evidence } = collectEvidence(
      [
        file('a.json', statement()),
        file('b.json', statement()),
        file('a.json.sig', ARMOR),
        file('b.json.sig', `${ARMOR}\n`),
        file('b.json.sig', ARMOR),
      ],
      'loose',
    );
    expect(evidence).toHaveLength(1);
    expect(evidence[0]?.signatures).toHaveLength(2);
  });

  it('leaves loose signatures without a name to be tried, also when a name stands for two statements', () => {
    const alone = collectEvidence([file('a.json', statement()), file('signature.txt', ARMOR)], 'loose');
    expect(alone.unpaired.map((one) => one.file)).toEqual(['signature.txt']);
    const twice = collectEvidence(
      [file('a.json', statement()), file('a.json', statement('bob')), file('a.json.sig', ARMOR)],
      'loose',
    );
    expect(twice.evidence).toHaveLength(2);
    expect(twice.evidence.flatMap(({ signatures }) => signatures)).toEqual([]);
    expect(twice.unpaired).toHaveLength(1);
  });

  it('names an embedded signature without its statement', () => {
    const result = collectEvidence([file('approvals/pm-1.json.sig', ARMOR)], 'embedded');
    expect(codesOf(result)).toEqual(['signature-without-statement']);
    expect(result.evidence[0]).toMatchObject({ statement: null, legacy: null });
  });

  it.each([
    ['a broken statement', '{"predicateType":1}', 'statement-field'],
    ['a cut statement', '{"predicateType":', 'statement-not-json'],
    ['a cut legacy approval', LEGACY.slice(0, 40), 'legacy-approval-malformed'],
    [
      'garbage without a key (T11)',
      '{"role":"security","user":"ciso","signature":"garbage"}',
      'legacy-approval-malformed',
    ],
    ['a key twice (Y14)', '{"role":"pm","role":"security","user":"a"}', 'legacy-approval-malformed'],
    [
      'the planned layout',
      '{"role":"pm","user":"a","digest":"sha256:00","signature":"AA=="}',
      'approval-planned-layout',
    ],
    [
      'a record',
      'version: "1.0"\napproved_by: alice\napproved_at: 2025-11-06T09:10:00Z\n',
      'approval-unsigned-record',
    ],
    ['a marker', 'Approved at: 2025-11-06T09:10:00Z\n', 'approval-unsigned-record'],
    ['anything else', 'hello', 'approval-not-recognised'],
    ['bytes', Uint8Array.of(0xff, 0x00), 'approval-not-recognised'],
  ])('keeps %s as evidence that does not hold', (_, content, code) => {
    const result = collectEvidence([file('approvals/pm.json', content)], 'embedded');
    expect(codesOf(result)).toEqual([code]);
    expect(result.evidence[0]).toMatchObject({ statement: null, legacy: null, signatures: [] });
  });

  it('reads a legacy approval, whatever its signature type says (S12)', () => {
    for (const type of ['ssh', 'gpg', 'none', 'hmac']) {
      const { evidence } = collectEvidence([file('x.json', LEGACY.replace('"ssh"', `"${type}"`))], 'loose');
      expect(evidence[0]?.legacy?.signatureType).toBe(type);
    }
  });

  it('keeps attestations apart from approvals', () => {
    const bundle = '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}';
    const { attestations, evidence } = collectEvidence(
      [
        file('attestations/slsa.sigstore.json', bundle),
        file('loose.sigstore.json', bundle),
        file('x.json', '{"payloadType":"a","payload":""}'),
      ],
      'loose',
    );
    expect(attestations).toHaveLength(3);
    expect(evidence).toEqual([]);
  });

  it('puts other loose files aside with a reason', () => {
    const { evidence, unrecognised } = collectEvidence([file('notes.txt', 'hello')], 'loose');
    expect(evidence).toEqual([]);
    expect(unrecognised).toMatchObject([
      { file: 'notes.txt', findings: [{ code: 'approval-not-recognised' }] },
    ]);
  });

  it('names what is over a limit, in size and in number', () => {
    const limits = { approvalsMax: 2, approvalBytesMax: 1024 };
    const files = ['a', 'b', 'c', 'd'].map((user) => file(`${user}.json`, statement(user)));
    const large = file('large.json', 'x'.repeat(1025));
    const loose = collectEvidence([...files, large], 'loose', limits);
    expect(loose.evidence).toHaveLength(2);
    expect(
      loose.unrecognised.map((one) => [one.file, one.findings[0]?.code, one.findings[0]?.class]),
    ).toEqual([
      ['large.json', 'approval-too-large', 'LIMIT_EXCEEDED'],
      ['c.json', 'approvals-too-many', 'LIMIT_EXCEEDED'],
      ['d.json', 'approvals-too-many', 'LIMIT_EXCEEDED'],
    ]);
    const embedded = collectEvidence([...files, large], 'embedded', limits);
    expect(embedded.evidence).toHaveLength(5);
    expect(codesOf(embedded)).toEqual(['approval-too-large', 'approvals-too-many', 'approvals-too-many']);
  });

  it('puts every file somewhere and never throws', () => {
    const piece = fc.oneof(
      fc.constantFrom('{', '}', '"role":', '"predicateType":', ARMOR, LEGACY, 'approved_by: x', '\u0000'),
      fc.string(),
    );
    const anyFile = fc.record({
      name: fc.constantFrom(
        'a.json',
        'a.json.sig',
        'b.json',
        'approvals/pm.json',
        'x.sigstore.json',
        'attestations/a.yaml',
        'n',
      ),
      bytes: fc.oneof(
        fc.array(piece, { maxLength: 4 }).map((parts) => toUtf8(parts.join(''))),
        fc.uint8Array({ maxLength: 40 }),
      ),
    });
    fc.assert(
      fc.property(
        fc.array(anyFile, { maxLength: 6 }),
        fc.constantFrom('loose' as const, 'embedded' as const),
        (files, origin) => {
          const { evidence, attestations, unpaired, unrecognised } = collectEvidence(files, origin);
          const seen = evidence.length + attestations.length + unpaired.length + unrecognised.length;
          expect(files.length === 0 || seen > 0).toBe(true);
          for (const { statement: read, legacy, findings } of evidence)
            expect(read ?? legacy ?? findings[0]).toBeTruthy();
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describeShared('approval records of the sample project', () => {
  it('are recognised as notes without a signature', () => {
    const folder = sharedPath('samples', 'project', '.specular', 'approvals');
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      const result = collectEvidence([{ name, bytes: readFileSync(`${folder}/${name}`) }], 'loose');
      expect(codesOf(result)).toEqual(['approval-unsigned-record']);
    }
  });
});
