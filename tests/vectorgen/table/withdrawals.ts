import {
  alice,
  bob,
  carol,
  mallory,
  personRow,
  releaseRoles,
  releaseRule,
  releaseTrust,
  type Member,
} from '../cast.js';
import { approval, bundle, pack, packItems, statementText, type Item, type Made } from '../bundle.js';
import { confirmed, open } from '../expect.js';
import { ed25519Key, sshsig, type TestKey } from '../keys.js';
import { naiveCanonical } from '../naive.js';
import { sha256Hex, utf8, type Octets } from '../raw.js';
import { trustBytes, type TrustRow } from '../trustText.js';
import type { Expected, NamedOctets, Vector } from '../vector.js';
import { bothApprove, MET } from './valid.js';

/** Keys and approvals that were taken back by a signed document, and documents that take nothing back. */

interface Document {
  readonly by: TestKey;
  readonly user?: string;
  readonly key?: string;
  /** Digest of a statement. */
  readonly approval?: string;
  readonly at?: string;
  readonly namespace?: string;
  readonly text?: (canonical: string) => string;
}

const NAME = 'withdrawal-1.json';

function withdrawal({ by, user, key, approval: statement, at, namespace, text }: Document): Item[] {
  const canonical = naiveCanonical({
    _type: 'urn:countersign:withdrawal:v1',
    at: at ?? '2026-11-15T00:00:00Z',
    reason: 'lost laptop',
    user: user ?? alice.id,
    ...(key === undefined ? {} : { key }),
    ...(statement === undefined ? {} : { approval: statement }),
  });
  const bytes = utf8(text?.(canonical) ?? canonical);
  return [
    { path: NAME, bytes },
    { path: `${NAME}.sig`, bytes: sshsig(by, bytes, { namespace: namespace ?? 'withdrawal@countersign' }) },
  ];
}

const ofAlice = alice.key.fingerprint;

function statementOf(made: Made, role: string, by: Member): string {
  return `sha256:${sha256Hex(utf8(statementText(made, { role, by })))}`;
}

function named(items: readonly Item[]): NamedOctets[] {
  return items.map(({ path, bytes }) => ({ name: path, bytes }));
}

interface Row {
  readonly given: (made: Made) => readonly Item[];
  readonly trust?: TrustRow;
  readonly evidence?: (made: Made) => readonly Item[];
  readonly expect: Expected;
}

function beside(family: Vector['family'], name: string, about: string, row: Row): Vector {
  const made = bundle();
  return {
    family,
    name: `withdrawal-${name}`,
    about,
    input: pack(made, (row.evidence ?? bothApprove)(made)),
    manifest: made.manifestText,
    loose: named(row.given(made)),
    trust: trustBytes(row.trust ?? releaseTrust()),
    expect: row.expect,
  };
}

function takesNothing(
  name: string,
  about: string,
  findings: string | readonly string[],
  given: Row['given'],
  trust?: TrustRow,
): Vector {
  const expect = confirmed(MET, { looseFindings: [findings].flat() });
  return beside('valid', name, about, { given, expect, ...(trust === undefined ? {} : { trust }) });
}

function takesBack(name: string, about: string, finding: string, row: Omit<Row, 'expect'>): Vector {
  const checks = finding === 'key-withdrawn' ? { 'known-signers': 'warn' } : {};
  return beside('forged', name, about, { ...row, expect: withdrawn(finding, checks) });
}

function withdrawn(finding: string, checks: Readonly<Record<string, string>>): Expected {
  return open('B-WITHDRAWN', { pm: [], security: [carol.id] }, [finding, 'role-missing'], {
    'required-roles': 'fail',
    windows: 'fail',
    ...checks,
  });
}

/** Alice with a second key, which did not sign here. */
const second = ed25519Key('alice second');

function twoKeys(): TrustRow {
  const row = personRow(alice);
  const people = [{ ...row, keys: [...row.keys, { ssh: second.line }] }, personRow(bob), personRow(carol)];
  return releaseTrust({ people });
}

export function withdrawalVectors(): readonly Vector[] {
  return [...effective(), ...ineffective()];
}

function effective(): Vector[] {
  return [
    takesBack('by-the-key', 'The key that approved declares itself withdrawn.', 'key-withdrawn', {
      given: () => withdrawal({ by: alice.key, key: ofAlice }),
    }),
    takesBack(
      'by-another-key',
      'Another key of the same person withdraws the one that approved.',
      'key-withdrawn',
      {
        trust: twoKeys(),
        given: () => withdrawal({ by: second, key: ofAlice }),
      },
    ),
    takesBack('of-the-approval', 'The person who approved takes the approval back.', 'approval-taken-back', {
      given: (made) => withdrawal({ by: alice.key, approval: statementOf(made, 'pm', alice) }),
    }),
    takesBack('in-a-supplement', 'The withdrawal comes in a supplement.', 'approval-taken-back', {
      given: (made) => {
        const items = withdrawal({ by: alice.key, approval: statementOf(made, 'pm', alice) });
        return [{ path: 'back.tgz', bytes: supplement(items) }];
      },
    }),
    embedded(),
    beside('valid', 'of-one-of-two', 'Security was given twice; one of the two keys is withdrawn.', {
      given: () => withdrawal({ by: bob.key, user: bob.id, key: bob.key.fingerprint }),
      evidence: (made) => [...bothApprove(made), ...approval(made, { role: 'security', by: bob, number: 2 })],
      trust: releaseTrust({ rules: [releaseRule({ roles: releaseRoles })] }),
      expect: confirmed(MET, {
        findings: ['approval-ignored', 'key-withdrawn/warning'],
        checks: { 'known-signers': 'warn' },
      }),
    }),
  ];
}

function supplement(items: readonly Item[]): Octets {
  return packItems(items.map(({ path, bytes }) => ({ path: `approvals/${path}`, bytes })));
}

function embedded(): Vector {
  const made = bundle();
  const items = withdrawal({ by: alice.key, key: ofAlice });
  const inside = items.map(({ path, bytes }) => ({ path: `approvals/${path}`, bytes }));
  return {
    family: 'forged',
    name: 'withdrawal-inside',
    about: 'The withdrawal lies in the bundle itself, beside what it takes back.',
    input: pack(made, [...bothApprove(made), ...inside]),
    manifest: made.manifestText,
    trust: trustBytes(releaseTrust()),
    expect: withdrawn('key-withdrawn', { 'known-signers': 'warn', signatures: 'warn' }),
  };
}

function ineffective(): Vector[] {
  const ignored = 'withdrawal-ignored';
  return [
    takesNothing('by-a-stranger', 'A key that nobody knows withdraws a key of Alice.', ignored, () =>
      withdrawal({ by: mallory.key, key: ofAlice }),
    ),
    takesNothing('by-somebody-else', 'Carol, whom the list knows, withdraws the key of Alice.', ignored, () =>
      withdrawal({ by: carol.key, user: carol.id, key: ofAlice }),
    ),
    takesNothing(
      'of-an-approval-by-somebody-else',
      'Carol takes back what Alice approved.',
      ignored,
      (made) => withdrawal({ by: carol.key, user: carol.id, approval: statementOf(made, 'pm', alice) }),
    ),
    takesNothing('unsigned', 'The signature of the withdrawal is missing.', ignored, () =>
      withdrawal({ by: alice.key, key: ofAlice }).slice(0, 1),
    ),
    takesNothing('namespace', 'The withdrawal is signed as if it were an approval.', ignored, () =>
      withdrawal({ by: alice.key, key: ofAlice, namespace: 'approval@countersign' }),
    ),
    takesNothing('edited', 'The withdrawal was edited after it was signed.', ignored, () => {
      const [, signature] = withdrawal({ by: alice.key, key: mallory.key.fingerprint });
      return [withdrawal({ by: alice.key, key: ofAlice })[0]!, signature!];
    }),
    takesNothing(
      'by-an-expired-key',
      'An expired key of the person withdraws the one that approved.',
      ignored,
      () => withdrawal({ by: second, key: ofAlice }),
      expired(),
    ),
    takesNothing('not-yet', 'The withdrawal counts only from December on.', 'withdrawal-not-yet', () =>
      withdrawal({ by: alice.key, key: ofAlice, at: '2026-12-01T00:00:00Z' }),
    ),
    takesNothing(
      'elsewhere',
      'Alice takes back an approval of another bundle.',
      'withdrawal-not-concerned',
      () => withdrawal({ by: alice.key, approval: statementOf(bundle({ roles: ['pm'] }), 'pm', alice) }),
    ),
    takesNothing(
      'malformed',
      'The withdrawal names a key and an approval at once.',
      ['document-refused', 'signature-without-statement'],
      (made) => withdrawal({ by: alice.key, key: ofAlice, approval: statementOf(made, 'pm', alice) }),
    ),
  ];
}

function expired(): TrustRow {
  const trust = twoKeys();
  const [first, ...rest] = trust.people;
  const keys = first!.keys.map((key, i) => (i === 1 ? { ...key, until: '2026-11-01T00:00:00Z' } : key));
  return { ...trust, people: [{ ...first!, keys }, ...rest] };
}
