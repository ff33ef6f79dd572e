import { createPublicKey, verify } from 'node:crypto';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import type { LegacyApproval } from '../../../src/core/envelope/approval.js';
import { legacyMessage, readLegacyApproval } from '../../../src/core/envelope/legacy.js';
import { verifyLegacySsh } from '../../../src/core/signature/legacySsh.js';
import { describeShared, sharedPath } from '../../shared.js';

const document = {
  role: 'lead',
  user: 'bob@acme.org',
  signed_at: '2025-11-06T12:45:00.5+01:00',
  signature: 'AAAA',
  signature_type: 'ssh',
  public_key: 'ssh-ed25519 AAAA\n',
  public_key_fingerprint: 'SHA256:x',
  comment: 'LGTM & <staging>',
  metadata: { ticket: 'X-1' },
};
const read = (value: unknown) =>
  readLegacyApproval(toUtf8(typeof value === 'string' ? value : JSON.stringify(value)));
const codes = (value: unknown) => read(value).findings.map(({ code }) => code);

describe('readLegacyApproval', () => {
  it('reads the fields of the released tool', () => {
    expect(read(document)).toEqual({
      approval: {
        role: 'lead',
        user: 'bob@acme.org',
        signedAt: '2025-11-06T12:45:00.5+01:00',
        signature: 'AAAA',
        signatureType: 'ssh',
        publicKey: 'ssh-ed25519 AAAA\n',
        declaredFingerprint: 'SHA256:x',
        comment: 'LGTM & <staging>',
      },
      findings: [],
    });
  });

  it.each(['role', 'user', 'comment', 'signed_at'])('refuses a line break in %s (S29)', (field) => {
    for (const control of ['\n', '\r', '\t', '\u0000', '\u001b', '\u0085', '\u2028']) {
      expect(codes({ ...document, [field]: `x${control}Role: security` })).toEqual([
        'legacy-approval-line-break',
      ]);
    }
  });

  it.each(['role', 'user', 'signed_at', 'signature', 'signature_type', 'public_key'])(
    'refuses a missing or wrong %s',
    (field) => {
      expect(codes({ ...document, [field]: undefined })).toEqual(['legacy-approval-malformed']);
      expect(codes({ ...document, [field]: '' })).toEqual(['legacy-approval-malformed']);
      expect(codes({ ...document, [field]: 5 })).toEqual(['legacy-approval-malformed']);
    },
  );

  it('refuses a key twice (Y14), another spelling of a known key, and what is no object', () => {
    expect(codes('{"role":"pm","role":"security"}')).toEqual(['legacy-approval-malformed']);
    expect(codes({ ...document, Role: 'security' })).toEqual(['legacy-approval-malformed']);
    expect(codes({ ...document, PUBLIC_KEY_FINGERPRINT: 'x' })).toEqual(['legacy-approval-malformed']);
    expect(codes([document])).toEqual(['legacy-approval-malformed']);
    expect(codes({ ...document, comment: 1 })).toEqual(['legacy-approval-malformed']);
  });

  it('leaves unknown fields alone and says that they are not covered', () => {
    expect(codes({ ...document, scope: 'all' })).toEqual(['legacy-approval-extra-field']);
    expect(read({ ...document, scope: 'all' }).approval).not.toBeNull();
  });

  it('refuses a time without a zone', () => {
    expect(codes({ ...document, signed_at: '2025-11-06T12:45:00' })).toEqual(['legacy-approval-time']);
  });
});

describe('legacyMessage', () => {
  const SHA = '0'.repeat(64);
  const approval = read(document).approval!;
  const text = (change: Partial<LegacyApproval>) => {
    const message = legacyMessage({ ...approval, ...change }, SHA);
    return 'bytes' in message ? fromUtf8(message.bytes) : message.findings.map(({ code }) => code);
  };
  const timestampOf = (signedAt: string) => String(text({ signedAt })).split('\n')[4];

  it('is the text of the released tool, a line feed after every line', () => {
    expect(text({})).toBe(
      `SPECULAR BUNDLE APPROVAL\nBundle Digest: sha256:${SHA}\nRole: lead\nUser: bob@acme.org\n` +
        'Timestamp: 2025-11-06T12:45:00+01:00\nComment: LGTM & <staging>\n',
    );
    expect(String(text({ comment: '' })).endsWith('+01:00\n')).toBe(true);
  });

  it('cuts fractions, keeps the offset, and writes an offset of zero as Z', () => {
    expect(timestampOf('2025-11-06T10:15:22.999999999Z')).toBe('Timestamp: 2025-11-06T10:15:22Z');
    expect(timestampOf('2025-11-06T10:15:22.9-05:30')).toBe('Timestamp: 2025-11-06T10:15:22-05:30');
    expect(timestampOf('2025-11-06T10:15:22+00:00')).toBe('Timestamp: 2025-11-06T10:15:22Z');
  });

  it('is not made from fields with line breaks or without the archive', () => {
    expect(text({ user: 'a\nRole: security' })).toEqual(['legacy-approval-line-break']);
    const without = legacyMessage(approval, '');
    expect('findings' in without && without.findings[0]?.code).toBe('legacy-approval-no-archive');
  });
});

describeShared('the sample approvals', () => {
  const bundles = sharedPath('samples', 'bundles');
  const bytesOf = (name: string) => readFileSync(`${bundles}/${name}`);
  const archive = () =>
    createHash('sha256').update(bytesOf('healthcare-api-1.3.0.sbundle.tgz')).digest('hex');
  const sample = (part: string) =>
    readdirSync(bundles).find((name) => name.includes(part) && name.endsWith('approval.json'))!;
  const outcome = (name: string) => {
    const { approval } = readLegacyApproval(bytesOf(name));
    const message = approval === null ? null : legacyMessage(approval, archive());
    if (approval === null || message === null || !('bytes' in message)) return 'refused';
    const { publicKey: publicKeyLine, signature: signatureBase64 } = approval;
    return verifyLegacySsh({ publicKeyLine, signatureBase64, message: message.bytes }).outcome;
  };

  it('have the signed text that their signatures fit', () => {
    expect(outcome(sample('1.3.0-pm'))).toBe('true');
    expect(outcome(sample('1.3.0-lead'))).toBe('true');
    expect(outcome(sample('1.3.0-security'))).toBe('weak');
  });

  it('are refused where the sample is a forgery', () => {
    expect(outcome('neg-approval-role-swapped.json')).toBe('false');
    expect(outcome('neg-approval-other-bundle.json')).toBe('false');
    expect(outcome('neg-approval-truncated-signature.json')).toBe('false');
    expect(outcome('neg-approval-newline-injection.json')).toBe('refused');
  });

  it('include a newline injection whose signature is right, refused for its text', () => {
    const raw = JSON.parse(fromUtf8(bytesOf('neg-approval-newline-injection.json'))!) as Record<
      string,
      string
    >;
    const forged =
      `SPECULAR BUNDLE APPROVAL\nBundle Digest: sha256:${archive()}\nRole: ${raw['role']!}\nUser: ${raw['user']!}\n` +
      `Timestamp: ${raw['signed_at']!}\n`;
    const blob = Buffer.from(raw['public_key']!.split(' ')[1]!, 'base64');
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: blob.subarray(-32).toString('base64url') },
      format: 'jwk',
    });
    expect(verify(null, Buffer.from(forged), key, Buffer.from(raw['signature']!, 'base64'))).toBe(true);
    const { approval, findings } = readLegacyApproval(bytesOf('neg-approval-newline-injection.json'));
    expect(approval).toBeNull();
    expect(findings).toMatchObject([
      { code: 'legacy-approval-line-break', class: 'INVALID_SIGNATURE', severity: 'error' },
    ]);
  });
});
