import { describe, expect, it } from 'vitest';
import { prepareApproval } from '../../../src/core/approve.js';
import { prepareRequest } from '../../../src/core/envelope/request.js';
import { prepareWithdrawal, type Withdrawn } from '../../../src/core/envelope/withdrawal.js';
import { doorOf } from '../../../src/lib/view/doors.js';

const digest = `sha256:${'a'.repeat(64)}`;
const bytesOf = (made: { readonly bytes: Uint8Array } | object): Uint8Array => {
  if (!('bytes' in made)) throw new Error('not made');
  return made.bytes;
};

describe('which page has a use for a file', () => {
  it('a request is answered by the page Approve', () => {
    const request = prepareRequest({
      bundle: { digest, contentRoot: digest, id: 'a/b', version: '1' },
      roles: ['pm'],
      from: 'desk@example.org',
      requestedAt: '2026-11-20T10:00:00Z',
    });
    expect(doorOf({ bytes: bytesOf(request) })).toEqual({ what: 'request', page: 'approve' });
  });

  it.each<[Withdrawn, object]>([
    [
      { is: 'approval', statement: digest },
      { what: 'approval-withdrawal', page: 'approve' },
    ],
    [
      { is: 'key', fingerprint: `SHA256:${'A'.repeat(43)}` },
      { what: 'key-withdrawal', page: 'people' },
    ],
  ])('a withdrawal of %o', (what, expected) => {
    const made = prepareWithdrawal({
      what,
      at: '2026-11-20T10:00:00Z',
      user: 'pat@example.org',
      reason: 'lost',
    });
    expect(doorOf({ bytes: bytesOf(made) })).toEqual(expected);
  });

  it('approvals and everything else stay where they are', () => {
    const approval = prepareApproval(
      { bundleDigest: digest, id: 'a/b', version: '1', contentRoot: digest },
      { role: 'pm', user: 'pat@example.org', decision: 'approved', signedAt: '2026-11-20T10:00:00Z' },
    );
    if ('findings' in approval) throw new Error('not made');
    for (const bytes of [
      approval.statement,
      new Uint8Array(),
      Uint8Array.of(0x1f, 0x8b),
      new TextEncoder().encode('{"_type":"urn:countersign:withdrawal:v1","user":"x"}'),
    ])
      expect(doorOf({ bytes })).toBeNull();
  });
});
