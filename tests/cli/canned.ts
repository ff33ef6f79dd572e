import { limitsProfiles, limitsUsed } from '../../src/core/limits.js';
import type { ApprovalReport, InputReport, Report, VerdictCode } from '../../src/core/generated/report.js';
import { gates } from '../../src/core/checks/registry.js';
import { verdictWords } from '../../src/core/report/words.js';
import { finding } from '../../src/core/messages/finding.js';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** Reports by hand, for tests of what is made out of a report. Nothing here was judged. */
export function cannedReport(inputs: readonly InputReport[]): Report {
  return {
    schemaVersion: 'countersign.report/v1',
    tool: { name: 'countersign', version: '0.1.0', build: 'source' },
    rule: {
      name: 'production',
      source: 'trust.yaml',
      level: 'L3',
      roles: [
        { role: 'pm', threshold: 1, people: ['alice@acme.org'] },
        { role: 'security', threshold: 2, people: ['carol@acme.org', 'dan@acme.org'] },
      ],
      differentPeople: true,
      legacyDialects: false,
    },
    trust: { sources: [], people: 3, keys: 4, withdrawn: 0, findings: [] },
    now: '2026-11-20T10:00:00Z',
    limits: limitsUsed('default', limitsProfiles.default),
    controls: { behaved: 24, total: 24 },
    inputs: [...inputs],
    loose: [],
  };
}

export function cannedInput(code: VerdictCode, changes: Partial<InputReport> = {}): InputReport {
  const base: Omit<InputReport, 'verdict'> = {
    file: 'release.sbundle.tgz',
    sizeBytes: 12_345,
    archiveDigest: digest('a'),
    bundleDigest: digest('b'),
    contentRoot: digest('c'),
    dialect: 'countersign',
    axes: { readable: 'pass', unchanged: 'pass', signers: 'pass', approvals: 'fail', time: 'not-checked' },
    bundle: {
      id: 'acme/healthcare-api',
      version: '1.3.0',
      created: '2026-11-01T00:00:00Z',
      requiredRoles: ['pm'],
    },
    level: { claimed: 'L3', met: 'L1', required: 'L3' },
    counts: { entries: 14, listed: 12, unpackedBytes: 48_000 },
    roles: [
      {
        role: 'pm',
        threshold: 1,
        askedBy: ['rule', 'bundle'],
        people: ['alice@acme.org'],
        met: ['alice@acme.org'],
        state: 'met',
      },
      {
        role: 'security',
        threshold: 2,
        askedBy: ['rule'],
        people: ['carol@acme.org', 'dan@acme.org'],
        met: ['carol@acme.org'],
        state: 'missing',
      },
    ],
    checks: [
      {
        id: 'archive',
        axis: 'readable',
        status: 'pass',
        title: 'Archive',
        detail: '14 entries',
        findings: [],
        spec: 'Container',
      },
    ],
    findings: [
      finding(
        'input-cancelled',
        {},
        { where: { path: 'spec.yaml', line: 3, byte: 17 }, expected: 'one', found: 'other' },
      ),
    ],
    approvals: [cannedApproval()],
    files: [{ path: 'spec.yaml', size: 10, sha256: 'd'.repeat(64), status: 'matches' }],
    commands: [
      {
        check: 'digest',
        title: 'Bundle digest',
        run: 'tar -xzOf release.sbundle.tgz manifest.yaml \\\n  | sha256sum',
        expect: 'b'.repeat(64),
      },
    ],
    ...changes,
  };
  const facts = {
    code,
    rule: cannedReport([]).rule,
    roles: base.roles,
    checks: base.checks,
    gates,
    approvals: base.approvals,
    findings: base.findings,
    files: 12,
  };
  return { ...base, verdict: changes.verdict ?? verdictWords(facts) };
}

export function cannedApproval(changes: Partial<ApprovalReport> = {}): ApprovalReport {
  return {
    file: 'pm-1.json',
    origin: 'loose',
    kind: 'sshsig',
    claims: {
      role: 'pm',
      user: 'alice@acme.org',
      decision: 'approved',
      signedAt: '2026-11-02T00:00:00Z',
      comment: 'LGTM',
    },
    binding: 'bundle',
    signature: 'true',
    key: {
      fingerprint: 'SHA256:4zbp4OQ801TzexN4HcB+YnDTVb82UQR6aG9JkzwuHGk',
      algorithm: 'ssh-ed25519',
      words: 'one two three four five six seven eight',
    },
    known: { person: 'alice@acme.org', name: 'Alice Ang', keyState: 'current', checked: 'in person' },
    counts: ['pm'],
    because: 'The key belongs to alice@acme.org, who may give pm.',
    findings: [],
    ...changes,
  };
}
