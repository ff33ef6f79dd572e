import type { ApprovalOptions } from '../bundle.js';
import { utf8 } from '../raw.js';
import type { Vector } from '../vector.js';
import { oneRole, pm, uncounted } from './uncounted.js';

/** Approval documents that cannot be read in exactly one way; a true signature over them does not help. */
export function statementVectors(): readonly Vector[] {
  const odd = (name: string, about: string, finding: string, options: Partial<ApprovalOptions>): Vector =>
    uncounted(`statement-${name}`, about, {
      evidence: pm(options),
      expect: oneRole('B-NOSIG', [finding], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    });
  const text = (edit: (canonical: string) => string): Partial<ApprovalOptions> => ({ text: edit });
  return [
    odd(
      'white-space',
      'The approval is written with spaces.',
      'statement-not-canonical',
      text((json) => json.replace('":', '": ')),
    ),
    odd(
      'key-order',
      'Two members of the approval have changed places.',
      'statement-not-canonical',
      text((json) => json.replace(/("decision":"approved"),("key":"[^"]*")/, '$2,$1')),
    ),
    odd(
      'final-newline',
      'A line feed stands after the approval.',
      'statement-not-canonical',
      text((json) => `${json}\n`),
    ),
    odd(
      'escape',
      'A letter of the approval is written as an escape.',
      'statement-not-canonical',
      text((json) => json.replace('"pm"', '"p\\u006d"')),
    ),
    odd(
      'duplicate-key',
      'The role stands twice.',
      'statement-not-json',
      text((json) => json.replace('"role":"pm"', '"role":"lead","role":"pm"')),
    ),
    odd(
      'trailing',
      'A second value follows.',
      'statement-not-json',
      text((json) => `${json}{}`),
    ),
    odd(
      'cut',
      'The approval ends in the middle.',
      'statement-not-json',
      text((json) => json.slice(0, -10)),
    ),
    odd(
      'yaml',
      'The approval is written as YAML.',
      'approval-not-recognised',
      text(() => 'role: pm\nuser: alice@example.org\n'),
    ),
    odd(
      'lone-surrogate',
      'The comment holds half a character.',
      'statement-not-json',
      text((json) => json.replace('"decision"', '"comment":"\\ud800","decision"')),
    ),
    odd(
      'unknown-field',
      'The approval has a field that the format does not know.',
      'statement-unknown-field',
      { predicate: { override: true } },
    ),
    odd(
      'unknown-field-outside',
      'The statement has a field that the format does not know.',
      'statement-unknown-field',
      { statement: { signatures: [] } },
    ),
    odd('two-subjects', 'The statement has two subjects.', 'statement-field', {
      statement: {
        subject: [
          { digest: { sha256: '0'.repeat(64) }, name: 'manifest.yaml' },
          { digest: { sha256: '1'.repeat(64) }, name: 'manifest.yaml' },
        ],
      },
    }),
    odd('second-digest', 'The subject has a second digest.', 'statement-unknown-field', {
      subject: { digest: { sha256: '0'.repeat(64), sha1: '0'.repeat(40) } },
    }),
    odd('digest-capitals', 'The digest of the subject is written in capitals.', 'statement-field', {
      subject: { digest: { sha256: 'AB'.repeat(32) } },
    }),
    odd('subject-name', 'The subject is another file.', 'statement-subject', {
      subject: { name: 'spec.yaml' },
    }),
    odd('type', 'The statement is of another kind.', 'statement-type', {
      statement: { predicateType: 'https://slsa.dev/provenance/v1' },
    }),
    odd('decision', 'The decision is neither yes nor no.', 'statement-field', {
      predicate: { decision: 'maybe' },
    }),
    odd('role-look-alike', 'The role has a Cyrillic letter.', 'statement-field', {
      predicate: { role: '\u0440m' },
    }),
    odd('role-capitals', 'The role is written in capitals.', 'statement-field', {
      predicate: { role: 'PM' },
    }),
    odd('role-missing', 'The approval names no role.', 'statement-field', { predicate: { role: null } }),
    odd('control-character', 'The comment holds a line feed.', 'statement-field', {
      predicate: { comment: 'fine\nRole: security' },
    }),
    odd('user-control-character', 'The user holds an escape character.', 'statement-field', {
      predicate: { user: 'alice@example.org\u001b[31m' },
    }),
    odd('time-no-zone', 'The time of signing has no zone.', 'statement-time', {
      predicate: { signedAt: '2026-11-10T10:00:00' },
    }),
    odd('time-not-real', 'The time of signing is on a day that does not exist.', 'statement-time', {
      predicate: { signedAt: '2026-02-30T10:00:00Z' },
    }),
    odd('expires-first', 'The approval ends before it was signed.', 'statement-expires-first', {
      predicate: { expires: '2026-11-09T10:00:00Z' },
    }),
    uncounted('statement-unsigned', 'The statement is there, its signature is not.', {
      evidence: (made) => pm()(made).slice(0, 1),
      expect: oneRole('B-NOSIG', ['approval-unsigned'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    }),
    uncounted('signature-alone', 'A signature is there, its statement is not.', {
      evidence: (made) => pm()(made).slice(1),
      expect: oneRole('B-NOSIG', ['signature-without-statement'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    }),
    uncounted('garbage-only', 'The approval file holds no approval.', {
      evidence: () => [{ path: 'approvals/pm-1.json', bytes: utf8('not an approval') }],
      expect: oneRole('B-NOSIG', ['approval-not-recognised'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    }),
  ];
}
