import { sourceOfBytes } from '../../src/core/bytes/source.js';
import { compare, type CompareInput, type Comparison } from '../../src/engine/compare.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { approval, bundle, pack, type BundleOptions, type Item, type Made } from '../vectorgen/bundle.js';
import { alice, bob, carol, mallory, releaseTrust } from '../vectorgen/cast.js';
import { utf8, type Octets } from '../vectorgen/raw.js';
import { trustText, type TrustRow } from '../vectorgen/trustText.js';

/** Pairs of bundles that differ in one way each, and how they are compared in tests. */

export const NOW = '2026-11-20T10:00:00Z';
const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

export interface Case {
  readonly before: Octets;
  readonly after: Octets;
  readonly trust?: TrustRow | null;
}

export function run({ before, after, trust }: Case): Promise<Comparison> {
  return compareInputs(given('old.sbundle.tgz', before), given('new.sbundle.tgz', after), trust);
}

export function given(name: string, bytes: Octets): CompareInput {
  return { kind: 'bundle', name, source: bytes };
}

export function folder(files: Readonly<Record<string, string | Octets>>): CompareInput {
  const list = Object.entries(files).map(([path, body]) => {
    const bytes = typeof body === 'string' ? utf8(body) : body;
    return { path, size: bytes.length, open: () => sourceOfBytes(bytes).open() };
  });
  return { kind: 'folder', name: 'project', files: list };
}

export function compareInputs(
  before: CompareInput,
  after: CompareInput,
  trust: TrustRow | null = releaseTrust(),
): Promise<Comparison> {
  const document = trust === null ? {} : { trust: { name: 'trust.yaml', bytes: utf8(trustText(trust)) } };
  return compare({ before, after, loose: [], now: NOW, ...document }, { engine, platform: nodePlatform() });
}

export function made(files: Readonly<Record<string, string | Octets>>, more: BundleOptions = {}): Octets {
  return pack(bundle({ files, ...more }));
}

function signed(one: Made, ...items: readonly Item[][]): Octets {
  return pack(one, items.flat());
}

const spec = { 'spec.yaml': 'product: healthcare-api\n' };
export const policy = `execution:
  allow_local: false
  docker:
    required: true
    network: none
    image_allowlist:
      - "registry.acme.org/build@sha256:1"
tests:
  min_coverage: 0.8
security:
  secrets_scan: true
`;
const weakPolicy = policy
  .replace('allow_local: false', 'allow_local: true')
  .replace('min_coverage: 0.8', 'min_coverage: 0.9')
  .replace('secrets_scan: true', 'secrets_scan: false');
export const routing = `providers:
  - name: anthropic
    api_key: "\${ANTHROPIC_API_KEY}"
    models: {codegen: "claude-a", review: "claude-b"}
    enabled: true
budget_usd: 20
`;
const otherRouting = routing
  .replace('claude-a', 'claude-c')
  .replace('budget_usd: 20', 'budget_usd: 200')
  .replace(
    'budget_usd',
    '  - {name: cheap, models: {codegen: "m"}, base_url: "https://elsewhere.example", enabled: true}\nbudget_usd',
  );

export const specification = `product: acme/api
goals: [serve patients]
features:
  - id: login
    title: Log in
    desc: Staff log in.
    priority: P0
    api: [{method: POST, path: /login}]
    success: [no password is kept in plain text, locks after five failures]
    trace: [HIPAA-1]
  - {id: export, title: Export, desc: Records leave., priority: P2, success: [one click]}
  - {id: audit, title: Audit, desc: Who read what., priority: P1, success: [all reads are logged]}
non_functional:
  security: [all data is encrypted at rest]
acceptance: [all tests pass, test coverage is at least 0.80]
milestones: [{id: m1, name: First, feature_ids: [login]}]
`;
const otherSpecification = specification
  .replace(', locks after five failures', '')
  .replace('priority: P0', 'priority: P1')
  .replace('{method: POST, path: /login}', '{method: POST, path: /v2/login}')
  .replace('{id: export, title: Export,', '{id: share, title: Share,')
  .replace('id: audit,', 'id: log,')
  .replace('non_functional:\n  security: [all data is encrypted at rest]\n', '')
  .replace('at least 0.80', 'at least 0.90')
  .replace('feature_ids: [login]', 'feature_ids: [login, share]');

const old = bundle({ files: spec, roles: ['pm', 'security'], manifest: { version: '1.0.0' } });
const now = bundle({ files: spec, roles: ['pm', 'security'], manifest: { version: '1.1.0' } });
const HOSTILE = 'a`b``\u202e\u001b[31m<img src=x onerror=alert(1)>[x](javascript:1) @all';

/** One golden each. */
export const cases: Readonly<Record<string, Case>> = {
  equal: { before: made(spec), after: made(spec) },
  'role-removed': {
    before: made(spec, { roles: ['legal', 'pm'] }),
    after: made({ ...spec, 'a.txt': 'new\n' }, { roles: ['pm'] }),
  },
  'role-added': { before: made(spec, { roles: ['pm'] }), after: made(spec, { roles: ['legal', 'pm'] }) },
  level: {
    before: made(spec, { roles: ['pm', 'security'], manifest: { governanceLevel: 'L3' } }),
    after: made(spec, { roles: ['pm', 'security'], manifest: { governanceLevel: 'L2' } }),
  },
  'approvals-lost': {
    before: signed(
      old,
      approval(old, { role: 'pm', by: alice }),
      approval(old, { role: 'security', by: carol }),
    ),
    after: signed(now, approval(now, { role: 'pm', by: alice })),
  },
  'approvals-gained': {
    before: signed(old),
    after: signed(
      now,
      approval(now, { role: 'pm', by: alice }),
      approval(now, { role: 'security', by: bob }),
    ),
  },
  'approvals-stale': {
    before: signed(old, approval(old, { role: 'pm', by: alice })),
    after: signed(now, approval(old, { role: 'pm', by: alice })),
  },
  'approver-unknown': {
    before: signed(old, approval(old, { role: 'pm', by: alice })),
    after: signed(now, approval(now, { role: 'pm', by: mallory })),
  },
  'policy-weaker': {
    before: made({ ...spec, 'policies/prod.yaml': policy }),
    after: made({ ...spec, 'policies/prod.yaml': weakPolicy, 'aaa.txt': 'first by name\n' }),
  },
  'policy-removed': {
    before: made({ ...spec, 'x/guard.yaml': policy }),
    after: made(spec),
  },
  'policy-broken': {
    before: made({ ...spec, 'x/guard.yaml': policy }),
    after: made({ ...spec, 'x/guard.yaml': `${policy}execution: {}\n` }),
  },
  'policy-comment': {
    before: made({ ...spec, 'x/guard.yaml': policy }),
    after: made({ ...spec, 'x/guard.yaml': `# reviewed\n${policy}` }),
  },
  routing: {
    before: made({ ...spec, 'routing.yaml': routing }),
    after: made({ ...spec, 'routing.yaml': otherRouting }),
  },
  specification: {
    before: made({ 'spec.yaml': specification }),
    after: made({ 'spec.yaml': otherSpecification, 'aaa.txt': 'first by name\n' }),
  },
  'trust-list': {
    before: made({ ...spec, 'lists/people.yaml': trustText(releaseTrust()) }),
    after: made({
      ...spec,
      'lists/people.yaml': trustText(
        releaseTrust({ rules: [{ name: 'release', roles: { pm: { people: [alice.id, bob.id] } } }] }),
      ),
    }),
  },
  'files-and-names': {
    before: made({
      'a.txt': 'one\ntwo\nthree\n',
      'b.bin': new Uint8Array([0, 1, 2]),
      'old/name.md': 'same bytes\n',
      'gone.txt': 'x\n',
    }),
    after: made({
      'a.txt': 'one\n2\nthree\nfour\n',
      'b.bin': new Uint8Array([0, 1, 3]),
      'new/name.md': 'same bytes\n',
      'come.txt': 'y\n',
    }),
  },
  hostile: {
    before: made({ 'policy `x`\u202e [y](z) @all.yaml': policy, 'fence.md': 'a\n' }, described('calm')),
    after: made(
      {
        'policy `x`\u202e [y](z) @all.yaml': weakPolicy,
        'fence.md': `${HOSTILE}\n\`\`\`\`\n# out of the block\n`,
      },
      described(HOSTILE.replaceAll('\u001b', '')),
    ),
  },
};

function described(description: string): BundleOptions {
  return { manifest: { description } };
}
