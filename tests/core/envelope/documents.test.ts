import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import {
  prepareRequest,
  readRequest,
  REQUEST_BYTES_MAX,
  type ApprovalRequest,
} from '../../../src/core/envelope/request.js';
import {
  prepareWithdrawal,
  readWithdrawal,
  type WithdrawalFields,
} from '../../../src/core/envelope/withdrawal.js';
import type { Finding } from '../../../src/core/generated/report.js';

const digest = `sha256:${'ab'.repeat(32)}`;
const request: ApprovalRequest = {
  bundle: {
    digest,
    id: 'acme/healthcare-api',
    version: '1.3.0',
    contentRoot: digest,
    archive: 'a.sbundle.tgz',
  },
  roles: ['pm', 'security'],
  from: 'carol@example.org',
  requestedAt: '2026-11-20T10:00:00Z',
  note: 'for Friday',
  expires: '2026-11-27T10:00:00Z',
};
const withdrawal: WithdrawalFields = {
  what: { is: 'key', fingerprint: `SHA256:${'A'.repeat(43)}` },
  at: '2026-11-20T10:00:00Z',
  user: 'alice@example.org',
  reason: 'lost laptop',
};

function bytesOf(made: { bytes: Uint8Array } | { findings: readonly Finding[] }): Uint8Array {
  if ('findings' in made) throw new Error(made.findings[0]!.message);
  return made.bytes;
}

function messages(read: object): string {
  return 'findings' in read
    ? (read.findings as Finding[]).map(({ message }) => message).join(' ')
    : 'accepted';
}

describe('requests', () => {
  it('are canonical, fit one QR code and read back the same', () => {
    const bytes = bytesOf(prepareRequest(request));
    expect(fromUtf8(bytes)).toBe(
      `{"_type":"urn:countersign:request:v1","bundle":{"archive":"a.sbundle.tgz","contentRoot":"${digest}",` +
        `"digest":"${digest}","id":"acme/healthcare-api","version":"1.3.0"},"expires":"2026-11-27T10:00:00Z",` +
        `"from":"carol@example.org","note":"for Friday","requestedAt":"2026-11-20T10:00:00Z","roles":["pm","security"]}`,
    );
    expect(bytes.length).toBeLessThan(REQUEST_BYTES_MAX);
    expect(readRequest(bytes)).toEqual({ request: { ...request, bytes } });
  });

  it.each<[string, Partial<ApprovalRequest>, RegExp]>([
    ['no role', { roles: [] }, /"roles"/],
    ['a role twice', { roles: ['pm', 'pm'] }, /"roles"/],
    ['a line break', { note: 'a\nb' }, /"note"/],
    ['a note that is too long', { note: 'a'.repeat(401) }, /"note"/],
    [
      'more than fits a QR code',
      { note: 'ä'.repeat(390), bundle: { ...request.bundle, id: 'i'.repeat(600) } },
      /1200 bytes/,
    ],
    ['no zone', { requestedAt: '2026-11-20T10:00:00' }, /requestedAt/],
    ['an end before its beginning', { expires: '2026-11-19T10:00:00Z' }, /expires/],
    ['a folder in the name', { bundle: { ...request.bundle, archive: '../a.tgz' } }, /archive/],
    ['half a character', { note: '\udc00' }, /half of a character/],
  ])('refuse %s', (_, over, pattern) => {
    expect(messages(prepareRequest({ ...request, ...over }))).toMatch(pattern);
  });

  it.each<[string, (text: string) => string]>([
    ['another spelling', (text) => text.replace(',"from"', ', "from"')],
    ['an unknown field', (text) => text.replace('"from"', '"extra":1,"from"')],
    ['another kind', (text) => text.replace('request:v1', 'request:v2')],
    ['a field twice', (text) => text.replace('"from"', '"from":"x","from"')],
    ['nothing', () => ''],
    ['a byte behind', (text) => `${text}\n`],
  ])('are not read with %s', (_, edit) => {
    const text = fromUtf8(bytesOf(prepareRequest(request)))!;
    expect(messages(readRequest(toUtf8(edit(text))))).toMatch(/^This request is not as the format says/);
  });
});

describe('withdrawals', () => {
  it('of a key are canonical and read back the same', () => {
    const bytes = bytesOf(prepareWithdrawal(withdrawal));
    expect(fromUtf8(bytes)).toBe(
      `{"_type":"urn:countersign:withdrawal:v1","at":"2026-11-20T10:00:00Z","key":"SHA256:${'A'.repeat(43)}",` +
        `"reason":"lost laptop","user":"alice@example.org"}`,
    );
    expect(readWithdrawal(bytes)).toEqual({ withdrawal: { ...withdrawal, bytes } });
  });

  it('of an approval read back the same', () => {
    const one: WithdrawalFields = { ...withdrawal, what: { is: 'approval', statement: digest } };
    const bytes = bytesOf(prepareWithdrawal(one));
    expect(readWithdrawal(bytes)).toEqual({ withdrawal: { ...one, bytes } });
  });

  it.each<[string, WithdrawalFields, RegExp]>([
    ['no zone', { ...withdrawal, at: '2026-11-20T10:00:00' }, /"at"/],
    ['no fingerprint', { ...withdrawal, what: { is: 'key', fingerprint: 'alice' } }, /"key"/],
    ['no digest', { ...withdrawal, what: { is: 'approval', statement: 'ab' } }, /"approval"/],
    ['a line break', { ...withdrawal, reason: 'a\u2028\nb' }, /"reason"/],
  ])('refuse %s', (_, fields, pattern) => {
    expect(messages(prepareWithdrawal(fields))).toMatch(pattern);
  });

  it('refuse a key and an approval at once, and neither', () => {
    const text = fromUtf8(bytesOf(prepareWithdrawal(withdrawal)))!;
    const both = text.replace('"at"', `"approval":"${digest}","at"`);
    const neither = text.replace(/"key":"[^"]*",/, '');
    for (const one of [both, neither]) expect(messages(readWithdrawal(toUtf8(one)))).toMatch(/exactly one/);
  });
});
