import { describe, expect, it } from 'vitest';
import type { InputReport, Report } from '../../../src/core/generated/report.js';
import type { Trust } from '../../../src/core/trust/trust.js';
import { momentsAfter } from '../../../src/lib/state/asOf.js';

const list: Trust = {
  people: [
    {
      id: 'a',
      also: [],
      keys: [
        {
          kind: 'fingerprint',
          fingerprint: 'SHA256:A',
          from: '2026-01-01T00:00:00Z',
          until: '2027-01-01T00:00:00Z',
        },
        { kind: 'fingerprint', fingerprint: 'SHA256:B', from: '2026-12-24T00:00:00Z' },
      ],
    },
  ],
  withdrawn: [
    { fingerprint: 'SHA256:B', at: '2026-12-31T00:00:00Z' },
    { fingerprint: 'SHA256:A', at: '2020-01-01T00:00:00Z' },
  ],
  rules: [],
};
const approvals = [
  { claims: { signedAt: '2026-11-20T10:00:00Z', expires: '2026-12-24T00:00:00Z' } },
  { claims: { signedAt: 'no time' } },
];
const report = {
  now: '2026-11-21T00:00:00Z',
  rule: { roles: [{ role: 'pm', threshold: 1, people: ['a'], maxAgeDays: 30 }] },
} as unknown as Report;
const input = { approvals } as unknown as InputReport;

describe('the moments at which a verdict may change', () => {
  it('are those to come, each once, in order; what is no time is none', () => {
    expect(momentsAfter(report, input, list)).toEqual([
      '2026-12-20T10:00:00Z',
      '2026-12-24T00:00:00Z',
      '2026-12-31T00:00:00Z',
      '2027-01-01T00:00:00Z',
    ]);
  });

  it('are none where nothing has an end', () => {
    const bare = { ...report, rule: null } as unknown as Report;
    expect(momentsAfter(bare, { approvals: [] } as unknown as InputReport, null)).toEqual([]);
  });
});
