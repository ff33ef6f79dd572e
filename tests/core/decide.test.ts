import { describe, expect, it } from 'vitest';
import { decide, type DecisionFacts } from '../../src/core/report/decide.js';
import type { ApprovalReport, CheckResult, RoleReport } from '../../src/core/generated/report.js';
import { checks, gates } from '../../src/core/checks/registry.js';

/** Facts of a bundle that is confirmed; each test changes one thing. */
function confirmed(): DecisionFacts {
  return {
    checks: checks.map(({ id, axis, spec }): CheckResult => ({
      id,
      axis,
      title: id,
      spec,
      status: 'pass',
      detail: '',
      findings: [],
    })),
    gates,
    newer: false,
    approvals: [approval({})],
    roles: [role({})],
    hasRule: true,
  };
}

function approval(over: Partial<ApprovalReport>): ApprovalReport {
  return {
    file: 'approvals/pm-1.json',
    origin: 'embedded',
    kind: 'sshsig',
    claims: { role: 'pm', user: 'alice@acme.org', decision: 'approved', signedAt: '2026-01-01T00:00:00Z' },
    binding: 'bundle',
    signature: 'true',
    key: null,
    known: { person: 'alice@acme.org', keyState: 'current' },
    counts: ['pm'],
    because: '',
    findings: [],
    ...over,
  };
}

function role(over: Partial<RoleReport>): RoleReport {
  return {
    role: 'pm',
    threshold: 1,
    askedBy: ['rule'],
    people: ['alice@acme.org'],
    met: ['alice@acme.org'],
    state: 'met',
    ...over,
  };
}

function withStatus(facts: DecisionFacts, id: string, status: CheckResult['status']): DecisionFacts {
  return { ...facts, checks: facts.checks.map((check) => (check.id === id ? { ...check, status } : check)) };
}

describe('decide', () => {
  it('confirms only when everything was earned', () => {
    expect(decide(confirmed())).toBe('B-OK');
  });

  it.each(checks.filter(({ axis }) => axis === 'readable').map(({ id }) => id))(
    'cannot read when %s failed or was not made',
    (id) => {
      for (const status of ['fail', 'not-checked', 'could-not-check'] as const) {
        expect(decide(withStatus(confirmed(), id, status))).toBe('B-UNREADABLE');
      }
      expect(decide({ ...withStatus(confirmed(), id, 'fail'), newer: true })).toBe('B-NEWER');
    },
  );

  it.each(checks.filter(({ axis }) => axis === 'unchanged').map(({ id }) => id))(
    'rejects when %s failed',
    (id) => {
      expect(decide(withStatus(confirmed(), id, 'fail'))).toBe('B-CHANGED');
    },
  );

  it.each([...gates])('never confirms when the gate %s had no data', (id) => {
    for (const status of ['could-not-check', 'not-checked', 'fail'] as const) {
      expect(decide(withStatus(confirmed(), id, status))).not.toBe('B-OK');
    }
  });

  it('never confirms without checks, rule or roles', () => {
    expect(decide({ ...confirmed(), checks: [] })).not.toBe('B-OK');
    expect(decide({ ...confirmed(), roles: [] })).not.toBe('B-OK');
    expect(decide({ ...confirmed(), hasRule: false })).not.toBe('B-OK');
  });

  it.each<[RoleReport['state'], string]>([
    ['false-signature', 'B-SIGBAD'],
    ['withdrawn', 'B-WITHDRAWN'],
    ['expired', 'B-EXPIRED'],
    ['missing', 'B-INCOMPLETE'],
    ['weak', 'B-INCOMPLETE'],
    ['could-not-check', 'B-INCOMPLETE'],
    ['unknown-signer', 'B-INCOMPLETE'],
    ['no-rule', 'B-INCOMPLETE'],
  ])('a role that is %s gives %s', (state, code) => {
    expect(decide({ ...confirmed(), roles: [role({ state, met: [] })] })).toBe(code);
  });

  it('tells nobody, unknown, stale, uncheckable and weak apart', () => {
    const open = { ...confirmed(), roles: [role({ state: 'missing', met: [] })] };
    expect(decide({ ...open, approvals: [] })).toBe('B-NOSIG');
    expect(decide({ ...open, approvals: [approval({ known: null })] })).toBe('B-UNKNOWN');
    expect(decide({ ...open, approvals: [approval({ binding: 'stale' })] })).toBe('B-STALE');
    expect(decide({ ...open, approvals: [approval({ binding: 'stale', known: null })] })).toBe('B-NOSIG');
    expect(decide({ ...open, approvals: [approval({ binding: 'other' })] })).toBe('B-NOSIG');
    expect(decide({ ...open, approvals: [approval({ signature: 'could-not-check', known: null })] })).toBe(
      'B-NOCHECK',
    );
    expect(decide({ ...open, approvals: [approval({ signature: 'false' })] })).toBe('B-NOSIG');
    expect(decide({ ...open, approvals: [approval({ signature: 'weak' })] })).toBe('B-INCOMPLETE');
  });

  it('leaves known signers without a rule at B-NORULE, and missing roles at B-INCOMPLETE', () => {
    const noRule = { ...confirmed(), hasRule: false };
    expect(decide({ ...noRule, roles: [] })).toBe('B-NORULE');
    expect(decide({ ...noRule, roles: [role({ state: 'no-rule', met: [] })] })).toBe('B-NORULE');
    expect(decide({ ...noRule, roles: [role({ state: 'missing', met: [] })] })).toBe('B-INCOMPLETE');
  });
});
