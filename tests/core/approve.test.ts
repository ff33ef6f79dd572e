import { describe, expect, it } from 'vitest';
import {
  attachApprovals,
  collectBytes,
  prepareApproval,
  sealApproval,
  subjectOf,
  writeSupplement,
  type ApprovalIntent,
  type ApprovalSubject,
  type Attached,
  type NamedBytes,
} from '../../src/core/approve.js';
import { sourceOfBytes } from '../../src/core/bytes/source.js';
import { fromUtf8 } from '../../src/core/bytes/text.js';
import type { InputReport } from '../../src/core/generated/report.js';
import { limitsProfiles } from '../../src/core/limits.js';
import { readBundle } from '../../src/core/verify.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import {
  approval,
  bundle,
  itemsOf,
  loose,
  pack,
  packItems,
  replaced,
  withChecksums,
} from '../vectorgen/bundle.js';
import { alice, bob, carol, mallory, releaseTrust } from '../vectorgen/cast.js';
import { sshsig } from '../vectorgen/keys.js';
import { legacyBundle } from '../vectorgen/legacyBundle.js';
import { utf8 } from '../vectorgen/raw.js';
import { trustText } from '../vectorgen/trustText.js';

const platform = nodePlatform();
const limits = limitsProfiles.default;
const engine = createInlineEngine(platform, { withoutControls: true });
const made = bundle();
const packed = pack(made);

async function judge(
  bytes: Uint8Array,
  given: readonly NamedBytes[] = [],
  trust = true,
): Promise<InputReport> {
  const report = await engine.verify({
    inputs: [{ name: 'a.sbundle.tgz', source: bytes }],
    loose: given,
    now: '2026-11-21T00:00:00Z',
    ...(trust ? { trust: { name: 'trust.yaml', bytes: utf8(trustText(releaseTrust())) } } : {}),
  });
  return report.inputs[0]!;
}

async function subject(bytes: Uint8Array = packed): Promise<ApprovalSubject> {
  const read = subjectOf(await judge(bytes, [], false));
  if ('findings' in read) throw new Error(read.findings[0]!.message);
  return read.subject;
}

const intent: ApprovalIntent = {
  role: 'pm',
  user: alice.id,
  decision: 'approved',
  signedAt: '2026-11-20T10:00:00Z',
  comment: 'LGTM',
};

async function attach(
  files: readonly NamedBytes[],
  bytes: Uint8Array = packed,
  unchecked = false,
): Promise<Attached & { readonly bytes: Uint8Array | null }> {
  const attached = await attachApprovals(sourceOfBytes(bytes), files, platform, limits, { unchecked });
  return { ...attached, bytes: attached.bundle === null ? null : await collectBytes(attached.bundle) };
}

async function entriesOf(bytes: Uint8Array): Promise<Map<string, string>> {
  const reading = await readBundle('x', sourceOfBytes(bytes), { platform, limits });
  return new Map(reading.archive.entries.map(({ path, sha256 }) => [path, sha256]));
}

function pair(by: typeof alice, role: string, comment?: string): NamedBytes[] {
  return loose(approval(made, { role, by, ...(comment === undefined ? {} : { predicate: { comment } }) }));
}

function codes(one: { readonly findings: readonly { readonly code: string }[] }): string[] {
  return one.findings.map(({ code }) => code);
}

describe('preparing', () => {
  it('gives the canonical statement about this very bundle', async () => {
    const prepared = prepareApproval(await subject(), { ...intent, key: alice.key.fingerprint });
    if ('findings' in prepared) throw new Error('refused');
    expect(fromUtf8(prepared.statement)).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","predicate":{"bundle":{"contentRoot":"${made.root}",` +
        `"id":"${made.id}","version":"1.3.0"},"comment":"LGTM","decision":"approved","key":"${alice.key.fingerprint}",` +
        `"role":"pm","signedAt":"2026-11-20T10:00:00Z","user":"alice@example.org"},` +
        `"predicateType":"urn:countersign:approval:v1","subject":[{"digest":{"sha256":"${made.manifestSha256}"},` +
        `"name":"manifest.yaml"}]}`,
    );
  });

  it('gives a statement about one file', async () => {
    const file = { path: 'spec.yaml', sha256: 'ab'.repeat(32) };
    const prepared = prepareApproval(await subject(), { ...intent, file });
    if ('findings' in prepared) throw new Error('refused');
    const text = fromUtf8(prepared.statement);
    expect(text).toContain('"predicateType":"urn:countersign:file-approval:v1"');
    expect(text).toContain(`"subject":[{"digest":{"sha256":"${file.sha256}"},"name":"spec.yaml"}]`);
  });

  it.each<[string, Partial<ApprovalIntent>, string]>([
    ['a role with capitals', { role: 'PM' }, 'statement-field'],
    ['a user with a line break', { user: 'alice\nRole: security' }, 'statement-field'],
    ['a time without a zone', { signedAt: '2026-11-20T10:00:00' }, 'statement-time'],
    ['an end before its beginning', { expires: '2026-11-19T10:00:00Z' }, 'statement-expires-first'],
    ['half a character', { comment: '\ud800' }, 'statement-field'],
    [
      'the manifest as a file',
      { file: { path: 'manifest.yaml', sha256: 'ab'.repeat(32) } },
      'statement-subject',
    ],
  ])('refuses %s', async (_, over, code) => {
    const prepared = prepareApproval(await subject(), { ...intent, ...over });
    expect('findings' in prepared ? codes(prepared) : []).toEqual([code]);
  });

  it('refuses a bundle that contradicts itself', async () => {
    const broken = packItems(replaced(withChecksums(itemsOf(made)), 'spec.yaml', 'product: other\n'));
    const read = subjectOf(await judge(broken, [], false));
    expect('findings' in read ? codes(read) : []).toEqual(['approve-bundle-not-sound']);
  });
});

describe('sealing', () => {
  const statement = approval(made, { role: 'pm', by: alice })[0]!.bytes;
  const signature = sshsig(alice.key, statement);

  it('names the two files', () => {
    const sealed = sealApproval(statement, { kind: 'sshsig', bytes: signature }, 3);
    expect(sealed.findings).toEqual([]);
    expect(sealed.files).toEqual([
      { name: 'pm-3.json', bytes: statement },
      { name: 'pm-3.json.sig', bytes: signature },
    ]);
  });

  it('refuses a signature over something else', () => {
    const other = sshsig(alice.key, utf8('something else'));
    const sealed = sealApproval(statement, { kind: 'sshsig', bytes: other });
    expect([sealed.files, codes(sealed)]).toEqual([[], ['signature-false']]);
  });

  it('refuses another namespace', () => {
    const other = sshsig(alice.key, statement, { namespace: 'file' });
    expect(codes(sealApproval(statement, { kind: 'sshsig', bytes: other }))).toEqual(['sshsig-namespace']);
  });

  it('refuses a key that the statement does not name', () => {
    const other = sshsig(mallory.key, statement);
    const sealed = sealApproval(statement, { kind: 'sshsig', bytes: other });
    expect([sealed.files, codes(sealed)]).toEqual([[], ['statement-key-differs']]);
  });

  it('refuses a file that is no signature of its kind, and a statement that is none', () => {
    expect(codes(sealApproval(statement, { kind: 'openpgp', bytes: signature }))).toEqual([
      'signature-of-other-kind',
    ]);
    expect(codes(sealApproval(utf8('{}'), { kind: 'sshsig', bytes: signature }))).toHaveLength(1);
  });
});

describe('attaching', () => {
  it('completes a bundle without changing what was signed', async () => {
    const before = await entriesOf(packed);
    const attached = await attach([...pair(alice, 'pm'), ...pair(carol, 'security')]);
    expect(attached.added).toEqual([
      'approvals/pm-1.json',
      'approvals/pm-1.json.sig',
      'approvals/security-1.json',
      'approvals/security-1.json.sig',
    ]);
    expect([attached.ignored, attached.findings]).toEqual([[], []]);
    expect(attached.bundleDigest).toBe(`sha256:${made.manifestSha256}`);
    const after = await entriesOf(attached.bytes!);
    for (const [path, sha256] of before) if (path !== 'checksums.txt') expect(after.get(path)).toBe(sha256);
    const judged = await judge(attached.bytes!);
    expect(judged.verdict.code).toBe('B-OK');
    expect(judged.bundleDigest).toBe(attached.bundleDigest);
  });

  it('gives the same bytes as a bundle that was made with them', async () => {
    const evidence = approval(made, { role: 'pm', by: alice });
    const attached = await attach(loose(evidence));
    expect(attached.bytes).toEqual(pack(made, evidence));
  });

  it('takes a supplement, and equal bytes once', async () => {
    const files = pair(alice, 'pm');
    const supplement = { name: 'from-alice.tgz', bytes: writeSupplement(files) };
    const attached = await attach([supplement, ...files]);
    expect(attached.added).toEqual(['approvals/pm-1.json', 'approvals/pm-1.json.sig']);
    const again = await attach(files, attached.bytes!);
    expect(again.added).toEqual([]);
    expect(again.ignored.map(({ because }) => because)).toEqual(['It is in the bundle already.']);
    expect(again.bytes).toEqual(attached.bytes);
  });

  it('gives several approvals of one role the next free numbers', async () => {
    const first = await attach(pair(carol, 'security'));
    const second = await attach(
      [
        ...pair(bob, 'security').map(({ name, bytes }) => ({ name: `b-${name}`, bytes })),
        ...pair(alice, 'security', 'me too').map(({ name, bytes }) => ({ name: `a-${name}`, bytes })),
      ],
      first.bytes!,
    );
    expect(second.added.filter((path) => path.endsWith('.json'))).toEqual([
      'approvals/security-2.json',
      'approvals/security-3.json',
    ]);
    expect((await judge(second.bytes!)).approvals).toHaveLength(3);
  });

  it('puts a second signature over one statement beside another copy of it', async () => {
    const [statement] = loose(approval(made, { role: 'pm', by: alice, predicate: { key: null } }));
    const sig = (by: typeof alice, name: string): NamedBytes => ({
      name,
      bytes: sshsig(by.key, statement!.bytes),
    });
    const attached = await attach([statement!, sig(alice, 'x.sig'), sig(bob, 'y.sig')]);
    expect(attached.added).toEqual([
      'approvals/pm-1.json',
      'approvals/pm-1.json.sig',
      'approvals/pm-2.json',
      'approvals/pm-2.json.sig',
    ]);
    const judged = await judge(attached.bytes!);
    expect(judged.approvals.map(({ key }) => key?.fingerprint).sort()).toEqual(
      [alice.key.fingerprint, bob.key.fingerprint].sort(),
    );
  });

  it('names what it ignores and why', async () => {
    const other = bundle({ files: { 'spec.yaml': 'other\n' } });
    const foreign = bundle({ manifest: { id: 'example/foreign' } });
    const named = (name: string, files: readonly NamedBytes[]): NamedBytes[] =>
      files.map(({ name: was, bytes }) => ({ name: was.replace(/^[a-z]+-1/, name), bytes }));
    const attached = await attach([
      ...named('stale', loose(approval(other, { role: 'pm', by: alice }))),
      ...named('foreign', loose(approval(foreign, { role: 'pm', by: alice }))),
      ...named(
        'false',
        loose(approval(made, { role: 'pm', by: alice, signature: () => sshsig(alice.key, utf8('x')) })),
      ),
      ...named('alone', loose(approval(made, { role: 'lead', by: alice })).slice(0, 1)),
      { name: 'notes.json', bytes: utf8('{"a":1}') },
    ]);
    expect(attached.bundle).toBeNull();
    expect(codes(attached)).toEqual(['attach-nothing']);
    expect(attached.ignored.map(({ file }) => file).sort()).toEqual([
      'alone.json',
      'false.json',
      'foreign.json',
      'notes.json',
      'stale.json',
    ]);
    expect(attached.ignored.every(({ because }) => because.length > 10)).toBe(true);
  });

  it('attaches a stranger’s approval, which no rule counts', async () => {
    const attached = await attach(pair(mallory, 'pm'));
    expect(attached.added).toHaveLength(2);
    expect((await judge(attached.bytes!)).verdict.code).toBe('B-UNKNOWN');
  });

  it('attaches what cannot be checked here only when asked', async () => {
    const [statement] = loose(approval(made, { role: 'pm', by: alice }));
    const bundleFile = {
      name: 'pm-1.json.sigstore.json',
      bytes: utf8('{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'),
    };
    expect((await attach([statement!, bundleFile])).bundle).toBeNull();
    const asked = await attach([statement!, bundleFile], packed, true);
    expect(asked.added).toEqual(['approvals/pm-1.json', 'approvals/pm-1.json.sigstore.json']);
  });

  it('refuses older dialects, damaged bundles and floods', async () => {
    const legacy = await attach(pair(alice, 'pm'), packItems(legacyBundle().items));
    expect([legacy.bundle, codes(legacy)]).toEqual([null, ['attach-legacy-dialect']]);
    const broken = packItems(replaced(withChecksums(itemsOf(made)), 'spec.yaml', 'product: other\n'));
    expect(codes(await attach(pair(alice, 'pm'), broken))).toEqual(['approve-bundle-not-sound']);
    const few = { ...limits, approvalsMax: 1 };
    const both = [...pair(alice, 'pm'), ...pair(carol, 'security')];
    const flood = await attachApprovals(sourceOfBytes(packed), both, platform, few);
    expect([flood.bundle, codes(flood)]).toEqual([null, ['attach-too-many']]);
  });

  it('fails when the file changes between the two readings', async () => {
    let readings = 0;
    const other = pack(bundle({ files: { 'spec.yaml': 'other\n' } }));
    const source = {
      sizeBytes: null,
      reopenable: true,
      open: () => sourceOfBytes(readings++ === 0 ? packed : other).open(),
    };
    const attached = await attachApprovals(source, pair(alice, 'pm'), platform, limits);
    expect(await collectBytes(attached.bundle!)).toBeNull();
  });
});
