import type {
  ApprovalReport,
  Axis,
  CheckStatus,
  FileReport,
  InputReport,
  Report,
  Verdict,
} from '../core/generated/report.js';
import { limitsProfiles, limitsUsed } from '../core/limits.js';
import type { Engine, VerifyRequest } from './engine.js';

/** Canned reports for tests of the pages and for looking at every state; in no build that judges anything. */
export function createFakeEngine(delayMs = 0): Engine {
  return {
    async verify(request, { signal, onProgress } = {}) {
      const name = request.inputs[0]?.name ?? '';
      const slow = /slow/.test(name) ? 4000 : delayMs;
      for (let step = 1; step <= 10 && slow > 0; step += 1) {
        await new Promise((resolve) => setTimeout(resolve, slow / 10));
        signal?.throwIfAborted();
        onProgress?.({
          input: 0,
          inputs: 1,
          name,
          readBytes: step * 100,
          totalBytes: 1000,
          path: `policies/part-${step}.yaml`,
        });
      }
      if (/broken/.test(name)) throw new Error('the worker stopped unexpectedly');
      return fakeReport(request);
    },
    extract: () => {
      const text = 'schema: "specular.bundle/v1"\nname: "a\u202eb"\n<script>alert(1)</script>\n✅ approved\n';
      return Promise.resolve({ bytes: new TextEncoder().encode(text), size: text.length, truncated: false });
    },
    runControls: () => Promise.resolve({ behaved: 24, total: 24, failures: [] }),
    close: () => undefined,
  };
}

interface Canned {
  readonly verdict: Verdict;
  readonly axes: readonly [CheckStatus, CheckStatus, CheckStatus, CheckStatus, CheckStatus];
}

const canned: Readonly<Record<string, Canned>> = {
  confirmed: {
    verdict: {
      look: 'confirmed',
      code: 'B-OK',
      headline: 'Unchanged and fully approved',
      sub: 'All 14 files are exactly what was signed. 3 of 3 approvals that your rule “production” asks for are from people in your trust list.',
      next: 'Save the report together with the bundle.',
    },
    axes: ['pass', 'pass', 'pass', 'pass', 'pass'],
  },
  unknown: {
    verdict: {
      look: 'unknown',
      code: 'B-UNKNOWN',
      headline: 'Unchanged, but we don’t know who signed it',
      sub: 'The signature matches, but key SHA256:9fJk3… is not in your trust list. Anyone can make a key that says “carol@example.com”.',
      next: 'Add the trust list of your organisation, or compare the words of the key with the person by phone.',
    },
    axes: ['pass', 'pass', 'fail', 'fail', 'not-applicable'],
  },
  incomplete: {
    verdict: {
      look: 'incomplete',
      code: 'B-INCOMPLETE',
      headline: 'Still needs 1 approval (2 of 3 given)',
      sub: 'pm and lead approved. security has not. The file itself is unchanged.',
      next: 'Ask carol@acme.org or dan@acme.org for the approval as security.',
    },
    axes: ['pass', 'pass', 'pass', 'fail', 'warn'],
  },
  rejected: {
    verdict: {
      look: 'rejected',
      code: 'B-CHANGED',
      headline: 'Does not match what was signed',
      sub: 'policies/prod.yaml is different from the approved file. Damage in transfer can cause this, so can editing or tampering.',
      next: 'Do not use it. Ask the sender for the original.',
    },
    axes: ['pass', 'fail', 'not-checked', 'not-checked', 'not-checked'],
  },
  unreadable: {
    verdict: {
      look: 'unreadable',
      code: 'B-UNREADABLE',
      headline: 'We couldn’t read this file',
      sub: 'It ends early: 1.2 MB arrived, the archive says that more follows. No statement about trust is possible.',
      next: 'Get the file again and compare its size with the original.',
    },
    axes: ['fail', 'not-checked', 'not-checked', 'not-checked', 'not-checked'],
  },
};

/** One complete report; the look is chosen by a word in the file name. */
export function fakeReport(request: VerifyRequest): Report {
  const name = request.inputs[0]?.name ?? 'bundle.sbundle.tgz';
  const look = Object.keys(canned).find((each) => name.includes(each)) ?? 'incomplete';
  return {
    schemaVersion: 'countersign.report/v1',
    tool: { name: 'countersign', version: '0.1.0', build: '9f3c0a12b7d4' },
    rule: {
      name: 'production',
      source: 'trust.yaml',
      level: 'L3',
      roles: [{ role: 'pm', threshold: 1, people: ['alice@acme.org'] }],
      differentPeople: true,
      legacyDialects: false,
    },
    trust: {
      sources: [{ name: 'trust.yaml', kind: 'trust', sha256: 'ab'.repeat(32), id: 'acme', serial: 3 }],
      people: 4,
      keys: 5,
      withdrawn: 1,
      findings: [],
    },
    now: request.now,
    limits: limitsUsed('default', limitsProfiles.default),
    controls: { behaved: 24, total: 24 },
    inputs: [fakeInput(name, canned[look] as Canned)],
    loose: [],
  };
}

function fakeInput(
  file: string,
  { verdict, axes: [readable, unchanged, signers, approvals, time] }: Canned,
): InputReport {
  const known = verdict.look !== 'rejected' && verdict.look !== 'unreadable';
  const broken = verdict.look === 'unreadable';
  return {
    file,
    sizeBytes: 48_123,
    archiveDigest: `sha256:${'3f9a1c7e'.repeat(7)}5512d204`,
    bundleDigest: broken ? null : `sha256:${'77b10c42'.repeat(8)}`,
    contentRoot: broken ? null : `sha256:${'c0ffee11'.repeat(8)}`,
    dialect: broken ? null : 'countersign',
    verdict,
    axes: { readable, unchanged, signers, approvals, time },
    bundle: known
      ? { id: 'acme/healthcare-api', version: '1.4.0', requiredRoles: ['pm', 'lead'], levelClaimed: 'L3' }
      : null,
    level: { claimed: known ? 'L3' : null, met: known ? 'L1' : null, required: 'L3' },
    counts: { entries: broken ? 0 : 14, listed: broken ? 0 : 14, unpackedBytes: 120_000 },
    roles: known ? fakeRoles(verdict.look) : [],
    checks: fakeChecks({ readable, unchanged, signers, approvals, time }),
    findings: verdict.look === 'confirmed' ? [] : [fakeFinding(verdict)],
    approvals: known ? [fakeApproval(true), fakeApproval(verdict.look === 'confirmed')] : [],
    files: broken ? [] : fakeFiles(file, verdict.look === 'rejected'),
    commands: [
      {
        check: 'archive-digest',
        title: 'Digest of the file',
        run: `sha256sum -- '${file}'`,
        expect: '3f9a1c7e…',
      },
    ],
  };
}

function fakeRoles(look: string): InputReport['roles'] {
  const security =
    look === 'confirmed'
      ? ('met' as const)
      : look === 'unknown'
        ? ('unknown-signer' as const)
        : ('missing' as const);
  const met = look === 'unknown' ? [] : ['alice@acme.org'];
  const state = look === 'unknown' ? ('unknown-signer' as const) : ('met' as const);
  return [
    { role: 'pm', threshold: 1, askedBy: ['rule', 'bundle'], people: ['alice@acme.org'], met, state },
    {
      role: 'lead',
      threshold: 1,
      askedBy: ['bundle'],
      people: ['bob@acme.org'],
      met: look === 'unknown' ? [] : ['bob@acme.org'],
      state,
    },
    {
      role: 'security',
      threshold: 1,
      askedBy: ['rule'],
      people: ['carol@acme.org', 'dan@acme.org'],
      met: security === 'met' ? ['carol@acme.org'] : [],
      state: security,
    },
  ];
}

function fakeChecks(axes: InputReport['axes']): InputReport['checks'] {
  return (Object.entries(axes) as [Axis, CheckStatus][]).map(([axis, status]) => ({
    id: `${axis}-check`,
    axis,
    status,
    title: `Everything about “${axis}”`,
    detail: 'Compared 14 of 14 files with the list in manifest.yaml.',
    findings: status === 'fail' ? [0] : [],
    spec: 'Verdict',
  }));
}

function fakeFinding(verdict: Verdict): InputReport['findings'][number] {
  return {
    code: 'input-cancelled',
    class: 'CHECKSUM_MISMATCH',
    severity: 'error',
    axis: verdict.look === 'unreadable' ? 'readable' : 'unchanged',
    where: { path: 'policies/prod.yaml', byte: 4096 },
    message: 'policies/prod.yaml is different from the file that was listed.',
    expected: `sha256 ${'77b10c42'.repeat(8)}`,
    found: `sha256 ${'3f9a1c7e'.repeat(8)}`,
    cause: 'The file was edited after packing, or damaged in transfer.',
    action: 'Ask the sender for the original and compare the digest of the file.',
    params: { path: 'policies/prod.yaml' },
  };
}

function fakeApproval(counts: boolean): ApprovalReport {
  return {
    file: counts ? 'approvals/pm-1.json' : 'approvals/security-1.json',
    origin: 'embedded',
    kind: 'sshsig',
    claims: {
      role: counts ? 'pm' : 'security',
      user: counts ? 'alice@acme.org' : 'cаrol@acme.org',
      decision: 'approved',
      signedAt: '2026-11-14T10:00:00Z',
      comment: counts ? 'LGTM ✅' : 'ok \u202egnp.exe',
    },
    binding: 'bundle',
    signature: 'true',
    key: {
      fingerprint: 'SHA256:9fJk3vQ0aXh1pQyT2m7gTn5bGk4dHqVwLr8sEuCzYxM',
      algorithm: 'ssh-ed25519',
      words: 'maple otter violin harbour pencil river candle stone',
    },
    known: counts
      ? {
          person: 'alice@acme.org',
          name: 'Alice Ang',
          keyState: 'current',
          until: '2027-01-01T00:00:00Z',
          checked: 'in person by bob@acme.org',
        }
      : null,
    counts: counts ? ['pm'] : [],
    because: counts ? 'Alice Ang may give pm by your rule.' : 'The key belongs to nobody in your trust list.',
    findings: [],
  };
}

function fakeFiles(file: string, changed: boolean): FileReport[] {
  const many = /many/.test(file) ? 100_000 : 13;
  const files: FileReport[] = [
    {
      path: 'policies/prod.yaml',
      size: 4311,
      sha256: 'ab'.repeat(32),
      status: changed ? 'differs' : 'matches',
    },
  ];
  for (let index = 0; index < many; index += 1)
    files.push({
      path: `spec/part-${String(index).padStart(6, '0')}.md`,
      size: 1200 + index,
      sha256: 'cd'.repeat(32),
      status: 'matches',
    });
  return files;
}
