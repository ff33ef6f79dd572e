import type { Doc, Form } from './emit.js';

/** One good document of each kind, as short as may be while it holds most of what the kind knows. */
export interface Good {
  /** Name of the schema: `schemas/<schema>.schema.json`. */
  readonly schema: string;
  readonly form: Form;
  readonly value: Doc;
}

const HASH = 'a'.repeat(64);
const DIGEST = `sha256:${HASH}`;
const TIME = '2026-11-20T10:00:00Z';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF6aNfBeWIboZRijGdIsMEid6o2BwpH8905qPIgKRNAT';
const TOOL = { name: 'countersign', version: '0.1.0', build: 'source' };

const rule = {
  id: 'first',
  match: { prompt_type: ['yes_no'], contains: 'go on', min_confidence: 'high' },
  action: { type: 'auto_reply', value: 'y', constraints: { max_length: 1, allowed_choices: ['y'] } },
  max_auto_replies: 3,
};
const side = {
  kind: 'folder',
  name: 'project',
  verdict: null,
  id: null,
  version: null,
  requiredRoles: null,
  bundleDigest: null,
  archiveDigest: null,
  contentRoot: null,
  files: 1,
  findings: [],
};

export const goods: readonly Good[] = [
  {
    schema: 'spec',
    form: 'yaml',
    value: {
      product: 'acme/demo',
      goals: ['Answer at once'],
      features: [
        {
          id: 'sign-in',
          title: 'Sign in',
          desc: 'People sign in',
          priority: 'P0',
          api: [{ method: 'GET', path: '/session' }],
          success: ['It works'],
          trace: ['T-1'],
        },
      ],
      non_functional: { security: ['Keys stay here'] },
      acceptance: ['All tests pass'],
      milestones: [{ id: 'm1', name: 'First', feature_ids: ['sign-in'] }],
    },
  },
  {
    schema: 'spec-lock',
    form: 'json',
    value: {
      version: '1.0.0',
      features: { 'sign-in': { hash: HASH, openapi_path: 'api.yaml', test_paths: ['a_test.go'] } },
    },
  },
  {
    schema: 'plan',
    form: 'json',
    value: {
      tasks: [
        {
          id: 'task-001',
          feature_id: 'sign-in',
          expected_hash: HASH,
          depends_on: ['task-002'],
          skill: 'go',
          priority: 'P0',
          model_hint: 'codegen',
          estimate: 3,
        },
      ],
    },
  },
  {
    schema: 'routing',
    form: 'yaml',
    value: {
      providers: [
        { name: 'local', api_key: '', base_url: 'http://localhost', models: { codegen: 'm' }, enabled: true },
      ],
      budget_usd: 20,
      max_latency_ms: 60000,
      prefer_cheap: true,
      fallback_model: 'm',
      max_retries: 3,
      truncation_strategy: 'oldest',
    },
  },
  {
    schema: 'config',
    form: 'yaml',
    value: {
      bundle: {
        registry: 'ghcr.io/acme',
        default_approvers: [{ role: 'pm', users: ['alice@example.org'] }],
        attestation: { enabled: true, format: 'sigstore', rekor_url: 'https://rekor.example.org' },
        auto_include: ['docs/'],
      },
    },
  },
  {
    schema: 'policy',
    form: 'yaml',
    value: {
      execution: {
        allow_local: false,
        docker: {
          required: true,
          image_allowlist: ['node:22'],
          cpu_limit: '2',
          mem_limit: '2g',
          network: 'none',
        },
      },
      linters: { go: { enabled: true, cmd: 'lint' } },
      tests: { require_pass: true, min_coverage: 0.8 },
      security: { secrets_scan: true, dep_scan: true },
      routing: { allow_models: [{ provider: 'local', names: ['m'] }], deny_tools: ['shell'] },
    },
  },
  {
    schema: 'governance',
    form: 'yaml',
    value: {
      version: '1.0',
      enforcement: 'strict',
      workflows: { require_approval_for: ['plan'], require_attestation_for: ['bundle'] },
      security: { require_encryption: true, audit_all_actions: true, secrets_in_vault: true },
      compliance: { frameworks: ['gdpr'] },
    },
  },
  {
    schema: 'atlasbridge-policy-v0',
    form: 'yaml',
    value: {
      policy_version: '0',
      name: 'demo',
      autonomy_mode: 'assist',
      rules: [rule],
      defaults: { no_match: 'require_human', low_confidence: 'deny' },
    },
  },
  {
    schema: 'atlasbridge-policy-v1',
    form: 'yaml',
    value: {
      policy_version: '1',
      name: 'demo',
      autonomy_mode: 'full',
      rules: [
        {
          ...rule,
          description: 'Go on',
          match: { ...rule.match, max_confidence: 'high', session_tag: 'ci' },
        },
        {
          id: 'second',
          match: { any_of: [{ contains: 'a' }], none_of: [{ contains: 'b' }] },
          action: { type: 'deny' },
        },
      ],
      defaults: { no_match: 'require_human', low_confidence: 'deny' },
    },
  },
  {
    schema: 'run-manifest',
    form: 'json',
    value: {
      timestamp: TIME,
      step_id: 'step-1',
      runner: 'docker',
      image: 'node:22',
      command: ['npm', 'test'],
      env: { CI: 'true' },
      exit_code: 0,
      duration: '3s',
      input_hashes: { 'plan.json': HASH },
      output_hashes: { 'coverage.out': HASH },
    },
  },
  {
    schema: 'trust',
    form: 'yaml',
    value: {
      schema: 'countersign.trust/v1',
      id: 'vectors',
      serial: 1,
      people: [
        {
          id: 'alice@example.org',
          name: 'Alice Ang',
          keys: [
            { ssh: KEY, from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z', checked: 'in person' },
          ],
        },
      ],
      withdrawn: [{ fingerprint: `SHA256:${'A'.repeat(43)}`, at: TIME, reason: 'lost' }],
      rules: [
        {
          name: 'release',
          level: 'L2',
          roles: { pm: { people: ['alice@example.org'], threshold: 1, maxAgeDays: 90 } },
          differentPeople: true,
        },
      ],
      defaultRule: 'release',
    },
  },
  {
    schema: 'manifest',
    form: 'yaml',
    value: {
      schema: 'specular.bundle/v1',
      id: 'acme/demo',
      version: '1.0.0',
      created: TIME,
      integrity: { algorithm: 'sha256', digest: DIGEST, tree: 'rfc9162' },
      governance_level: 'L2',
      required_approvals: ['pm'],
      metadata: { 'job id': '42' },
      authors: ['Alice Ang'],
      dependencies: [{ id: 'acme/base', version: '1.0.0', optional: true, digest: DIGEST }],
      files: [{ path: 'spec.yaml', size: 3, checksum: HASH, mode: 420, salt: 'b'.repeat(32) }],
    },
  },
  {
    schema: 'approval',
    form: 'canonical',
    value: {
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'urn:countersign:approval:v1',
      subject: [{ name: 'manifest.yaml', digest: { sha256: HASH } }],
      predicate: {
        bundle: { contentRoot: DIGEST, id: 'acme/demo', version: '1.0.0' },
        comment: 'Read in full',
        decision: 'approved',
        expires: '2027-01-01T00:00:00Z',
        key: `SHA256:${'A'.repeat(43)}`,
        role: 'pm',
        signedAt: TIME,
        user: 'alice@example.org',
      },
    },
  },
  {
    schema: 'request',
    form: 'canonical',
    value: {
      _type: 'urn:countersign:request:v1',
      bundle: {
        archive: 'a.sbundle.tgz',
        contentRoot: DIGEST,
        digest: DIGEST,
        id: 'acme/demo',
        version: '1.0.0',
      },
      expires: '2027-01-01T00:00:00Z',
      from: 'alice@example.org',
      note: 'By Friday',
      requestedAt: TIME,
      roles: ['pm'],
    },
  },
  {
    schema: 'withdrawal',
    form: 'canonical',
    value: {
      _type: 'urn:countersign:withdrawal:v1',
      at: TIME,
      key: `SHA256:${'A'.repeat(43)}`,
      reason: 'The device was lost',
      user: 'alice@example.org',
    },
  },
  {
    schema: 'proof',
    form: 'json',
    value: {
      schemaVersion: 'countersign.proof/v1',
      contentRoot: DIGEST,
      bundleDigest: DIGEST,
      entry: { path: 'spec.yaml', salt: 'b'.repeat(32), sha256: HASH, size: 3 },
      index: 0,
      treeSize: 2,
      proof: [HASH],
    },
  },
  {
    schema: 'report',
    form: 'json',
    value: {
      schemaVersion: 'countersign.report/v1',
      tool: TOOL,
      rule: null,
      trust: {
        sources: [{ name: 'trust.yaml', kind: 'trust', sha256: HASH }],
        people: 0,
        keys: 0,
        withdrawn: 0,
        findings: [],
      },
      now: TIME,
      limits: {
        profile: 'default',
        changed: false,
        unpackedBytesMax: 1,
        entryBytesMax: 1,
        entriesMax: 1,
        manifestBytesMax: 1,
        approvalsMax: 1,
        approvalBytesMax: 1,
      },
      controls: null,
      inputs: [],
      loose: [{ file: 'a.json', kind: 'approval', inputs: [0], findings: [] }],
    },
  },
  {
    schema: 'diff',
    form: 'json',
    value: {
      schemaVersion: 'countersign.diff/v1',
      tool: TOOL,
      now: TIME,
      rule: null,
      before: side,
      after: side,
      comparable: true,
      equal: true,
      groups: ['who', 'approvals', 'rules', 'routing', 'spec', 'said'].map((id) => ({
        id,
        note: null,
        lines: [],
      })),
      files: { same: 1, added: 0, removed: 0, changed: 0, renamed: 0, changes: [] },
      texts: [],
    },
  },
  {
    schema: 'apply-journal',
    form: 'json',
    value: {
      schema: 'countersign.apply/v1',
      state: 'writing',
      at: TIME,
      id: 'acme/demo',
      version: '1.0.0',
      bundleDigest: DIGEST,
      steps: [{ path: 'spec.yaml', before: null, after: { size: 3, sha256: HASH } }],
      folders: ['docs'],
    },
  },
  {
    schema: 'bundle-info',
    form: 'json',
    value: {
      schema: 'countersign.bundle-info/v1',
      id: 'acme/demo',
      version: '1.0.0',
      bundleDigest: DIGEST,
      contentRoot: DIGEST,
      archiveDigest: DIGEST,
      dialect: 'countersign',
      verdict: { code: 'B-OK', look: 'confirmed', rule: 'release' },
      appliedAt: TIME,
      tool: TOOL,
      previous: null,
      files: [{ path: 'spec.yaml', size: 3, sha256: HASH, was: 'absent' }],
      kept: ['README.md'],
      folders: ['docs'],
    },
  },
];
