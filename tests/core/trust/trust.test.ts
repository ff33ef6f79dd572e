import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { parseTime } from '../../../src/core/bytes/time.js';
import { parseAuthorizedKey } from '../../../src/core/signature/publicKey.js';
import { allowedOrigins, findSigner } from '../../../src/core/trust/lookup.js';
import { readTrust } from '../../../src/core/trust/readTrust.js';
import { selectRule } from '../../../src/core/trust/selectRule.js';
import type { TrustRead } from '../../../src/core/trust/trust.js';
import { describeShared, sharedPath } from '../../shared.js';
import { aliceKey, smallOrderLine } from './keys.js';

const FP_A = 'SHA256:4zbp4OQ801TzexN4HcB+YnDTVb82UQR6aG9JkzwuHGk';
const FP_B = 'SHA256:OZ3DM7xbxbzO1O5qUV3mofZqsQ+qI7AWlhEy/5LKdxw';
const HEAD = 'schema: "countersign.trust/v1"\nid: "acme"\nserial: 3\n';
const PEOPLE = `people:
  - id: "alice@acme.org"
    also: ["alice@users.acme.org"]
    keys:
      - fingerprint: "${FP_A}"
  - id: "bob@acme.org"
    keys:
      - fingerprint: "${FP_B}"
`;
const rules = (roles: string, more = '') => `rules:\n  - name: "production"\n${more}    roles:\n${roles}`;
const GOOD = rules(
  '      pm: {people: ["alice@acme.org"], threshold: 1}\n      lead: {people: ["bob@acme.org"]}\n',
);

const read = (text: string): TrustRead => readTrust({ name: 'trust.yaml', bytes: toUtf8(text) });
const codes = ({ findings }: TrustRead) => findings.map(({ code }) => code);
const now = parseTime('2026-11-20T10:00:00Z')!;

/** Refused whole, for this reason. */
function refuses(text: string, code: string): void {
  const result = read(text);
  expect(codes(result)).toContain(code);
  expect(result.trust).toBeNull();
}

describe('readTrust', () => {
  it('reads people, keys and rules; what is left out gets the stricter default', () => {
    const { trust, findings } = read(HEAD + PEOPLE + GOOD);
    expect(findings).toEqual([]);
    expect(trust?.serial).toBe(3);
    expect(trust?.people.map(({ id }) => id)).toEqual(['alice@acme.org', 'bob@acme.org']);
    expect(trust?.rules).toEqual([
      {
        name: 'production',
        roles: [
          { role: 'pm', people: ['alice@acme.org'], threshold: 1 },
          { role: 'lead', people: ['bob@acme.org'], threshold: 1 },
        ],
        differentPeople: true,
        legacyDialects: false,
        attestations: [],
      },
    ]);
  });

  it('reads the sample list', () => {
    const bytes = readFileSync(new URL('../../fixtures/samples-trust.yaml', import.meta.url));
    const { trust, findings } = readTrust({ name: 'trust.yaml', bytes });
    expect(findings).toEqual([]);
    expect(trust?.people).toHaveLength(3);
    expect(selectRule(trust).rule).toMatchObject({ name: 'production', level: 'L3', legacyDialects: true });
  });

  it.each([
    '0',
    '-1',
    'NaN',
    '.nan',
    '"1"',
    "'1'",
    '1000000000',
    '1.0',
    '1e0',
    '0x1',
    '01',
    '+1',
    '1_0',
    'true',
    '~',
    '[]',
  ])('refuses the threshold %s (T05)', (threshold) =>
    refuses(
      HEAD + PEOPLE + rules(`      pm: {people: ["alice@acme.org"], threshold: ${threshold}}\n`),
      'trust-field',
    ),
  );

  it('refuses more approvals than people, also when one person is named by two names', () => {
    refuses(
      HEAD + PEOPLE + rules('      pm: {people: ["alice@acme.org"], threshold: 2}\n'),
      'rule-threshold',
    );
    refuses(
      HEAD + PEOPLE + rules('      pm: {people: ["alice@acme.org", "alice@users.acme.org"], threshold: 2}\n'),
      'rule-threshold',
    );
  });

  it.each(['*', '*@acme.org', 'alice?', '!bob', '', 'a,b', 'a b', 'a\\tb', 'a\\u0000b', 'a\\u200bb'])(
    'refuses the person "%s" (T15)',
    (id) => {
      refuses(`${HEAD}people:\n  - id: "${id}"\n    keys: [{fingerprint: "${FP_A}"}]\n`, 'trust-field');
      refuses(HEAD + PEOPLE + rules(`      pm: {people: ["${id}"]}\n`), 'trust-field');
    },
  );

  it.each([
    'Security',
    'security ',
    'secu\u0433ity',
    'secur\u200bity',
    '',
    '1st',
    '__proto__',
    'constructor_',
    'a'.repeat(33),
  ])('refuses the role name "%s" (T12)', (role) =>
    refuses(HEAD + PEOPLE + rules(`      "${role}": {people: ["alice@acme.org"]}\n`), 'trust-field'),
  );

  it('refuses one key for two people, in whatever form it is written (T04)', () => {
    refuses(
      `${HEAD}people:\n  - id: a\n    keys: [{fingerprint: "${FP_A}"}]\n  - id: b\n    keys: [{fingerprint: "${FP_A}"}]\n`,
      'trust-key-two-people',
    );
    const fingerprint = fingerprintOf(aliceKey);
    refuses(
      `${HEAD}people:\n  - id: a\n    keys: [{ssh: "${aliceKey}"}]\n  - id: b\n    keys: [{fingerprint: "${fingerprint}"}]\n`,
      'trust-key-two-people',
    );
  });

  it('counts one key once when one person lists it twice (T04), and refuses it when the dates differ', () => {
    const fingerprint = fingerprintOf(aliceKey);
    const twice = read(
      `${HEAD}people:\n  - id: a\n    keys: [{fingerprint: "${fingerprint}"}, {ssh: "${aliceKey} comment"}]\n`,
    );
    expect(codes(twice)).toEqual(['trust-key-twice']);
    expect(twice.trust?.people[0]?.keys).toHaveLength(1);
    expect(twice.trust?.people[0]?.keys[0]?.blob).toBeDefined();
    refuses(
      `${HEAD}people:\n  - id: a\n    keys: [{fingerprint: "${fingerprint}", until: "2026-01-01T00:00:00Z"}, {ssh: "${aliceKey}"}]\n`,
      'trust-key-terms-differ',
    );
  });

  it('refuses small-order, damaged and certificate keys at import (S02, S17)', () => {
    for (const ssh of [
      smallOrderLine,
      'ssh-ed25519 AAAA',
      'ssh-ed25519',
      'ssh-dss AAAAB3NzaC1kc3M=',
      `restrict ${aliceKey}`,
    ]) {
      refuses(`${HEAD}people:\n  - id: a\n    keys: [{ssh: "${ssh}"}]\n`, 'trust-key-refused');
    }
    refuses(`${HEAD}people:\n  - id: a\n    keys: [{passkey: "${aliceKey}"}]\n`, 'trust-key-refused');
  });

  it('refuses an entry with two keys, with none, and origins without a passkey', () => {
    refuses(
      `${HEAD}people:\n  - id: a\n    keys: [{ssh: "${aliceKey}", fingerprint: "${FP_A}"}]\n`,
      'trust-key-choice',
    );
    refuses(`${HEAD}people:\n  - id: a\n    keys: [{checked: "by phone"}]\n`, 'trust-key-choice');
    refuses(
      `${HEAD}people:\n  - id: a\n    keys: [{fingerprint: "${FP_A}", origins: ["https://a.example"]}]\n`,
      'trust-origins-without-passkey',
    );
  });

  it.each([
    'SHA256:abc',
    'MD5:00:11',
    FP_A.slice(0, -1),
    `${FP_A}=`,
    FP_A.replace('k', '_'),
    `${FP_A.slice(0, -1)}l`,
  ])('refuses the shortened or misspelt fingerprint %s (T19)', (fingerprint) =>
    refuses(`${HEAD}people:\n  - id: a\n    keys: [{fingerprint: "${fingerprint}"}]\n`, 'trust-field'),
  );

  it('refuses names used twice and names that people cannot tell apart', () => {
    refuses(`${HEAD}people: [{id: a@x}, {id: b@x, also: [a@x]}]\n`, 'trust-duplicate-person');
    refuses(`${HEAD}people: [{id: a@x}, {id: A@x}]\n`, 'trust-look-alike');
    refuses(`${HEAD}people: [{id: "\u00e9@x"}, {id: "e\u0301@x"}]\n`, 'trust-look-alike');
    expect(codes(read(`${HEAD}people: [{id: "\u0430lice@acme.org"}]\n`))).toContain('trust-mixed-scripts');
  });

  it('refuses what it does not know, at every depth', () => {
    refuses(`${HEAD}peopel: []\n${PEOPLE}`, 'trust-unknown-field');
    refuses(`${HEAD}people: [{id: a, role: pm}]\n`, 'trust-unknown-field');
    refuses(
      HEAD + PEOPLE + rules('      pm: {people: ["alice@acme.org"], treshold: 2}\n'),
      'trust-unknown-field',
    );
    refuses(`${HEAD}${PEOPLE}__proto__: {}\n`, 'trust-unknown-field');
  });

  it('refuses rules that name nobody, contradict themselves or stand twice', () => {
    refuses(HEAD + PEOPLE + rules('      pm: {people: ["dan@acme.org"]}\n'), 'rule-unknown-person');
    refuses(HEAD + PEOPLE + rules('      pm: {people: []}\n'), 'trust-field');
    refuses(
      HEAD + PEOPLE + rules('      pm: {people: ["alice@acme.org"]}\n', '    level: "L3"\n'),
      'rule-level',
    );
    refuses(`${HEAD}${PEOPLE}rules:\n  - name: x\n    level: L2\n    roles: {}\n`, 'rule-empty');
    refuses(`${HEAD}${PEOPLE}rules:\n  - name: x\n    roles: {}\n`, 'rule-empty');
    const role = '{pm: {people: ["alice@acme.org"]}, lead: {people: ["bob@acme.org"]}}';
    refuses(`${HEAD}${PEOPLE}rules:\n  - name: x\n    level: L4\n    roles: ${role}\n`, 'rule-level');
    refuses(
      `${HEAD}${PEOPLE}rules:\n  - {name: x, roles: ${role}}\n  - {name: x, roles: ${role}}\n`,
      'rule-duplicate',
    );
    refuses(`${HEAD}${PEOPLE}${GOOD}defaultRule: "prod"\n`, 'rule-default-missing');
  });

  it('warns of a rule that nobody can meet', () => {
    const same = read(
      HEAD +
        PEOPLE +
        rules('      pm: {people: ["alice@acme.org"]}\n      lead: {people: ["alice@acme.org"]}\n'),
    );
    expect(codes(same)).toEqual(['rule-cannot-be-met']);
    const one = '{people: ["alice@acme.org", "bob@acme.org"], threshold: 2}';
    expect(codes(read(HEAD + PEOPLE + rules(`      pm: ${one}\n      lead: ${one}\n`)))).toEqual([
      'rule-cannot-be-met',
    ]);
    expect(same.trust).not.toBeNull();
  });

  it('refuses times without a zone, from 9999, and periods that end before they start', () => {
    const key = (more: string) =>
      `${HEAD}people:\n  - id: a\n    keys: [{fingerprint: "${FP_A}", ${more}}]\n`;
    refuses(key('from: "2026-01-01T00:00:00"'), 'trust-time');
    refuses(key('until: "9999-12-31T23:59:59Z"'), 'trust-time');
    refuses(key('until: "soon"'), 'trust-field');
    refuses(key('from: "2026-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z"'), 'trust-window');
    refuses(
      `${HEAD}${PEOPLE}withdrawn: [{fingerprint: "${FP_A}", at: "2026-02-30T00:00:00Z"}]\n`,
      'trust-time',
    );
    expect(read(key('from: "2026-01-01T01:00:00+01:00"')).trust?.people[0]?.keys[0]?.from).toBe(
      '2026-01-01T00:00:00Z',
    );
  });

  it.each([
    ['a key twice', `${HEAD}id: "other"\n${PEOPLE}`],
    ['an anchor', `${HEAD}people: &a [{id: a}]\n`],
    ['a tag', `${HEAD}people: !!seq [{id: a}]\n`],
    ['two documents', `${HEAD}${PEOPLE}---\n${HEAD}${PEOPLE}`],
    ['nothing', ''],
    ['no YAML', '{{{'],
  ])('refuses %s', (_, text) => refuses(text, 'trust-not-yaml'));

  it('tells another kind and a newer kind from a mistake', () => {
    refuses(HEAD.replace('v1', 'v2') + PEOPLE, 'trust-schema-unknown');
    refuses('- a\n- b\n', 'trust-field');
    refuses(PEOPLE, 'trust-field');
  });

  it('refuses a file over the limit', () => {
    refuses(`${HEAD}${PEOPLE}# ${'x'.repeat(4 * 1024 * 1024)}\n`, 'trust-too-large');
  });

  it('names file, field and line', () => {
    const { findings } = read(
      HEAD + PEOPLE + rules('      pm: {people: ["alice@acme.org"], threshold: 0}\n'),
    );
    expect(findings[0]?.where).toEqual({ file: 'trust.yaml', field: 'rules.0.roles.pm.threshold', line: 15 });
  });

  it('never throws and never makes a list out of damaged bytes that names more keys', () => {
    const good = HEAD + PEOPLE + GOOD;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string({ maxLength: 4 }), fc.nat(6), (at, insert, cut) => {
        const { trust } = read(good.slice(0, at) + insert + good.slice(at + cut));
        expect(trust === null || trust.people.flatMap(({ keys }) => keys).length <= 2).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describeShared('the older trust list of the samples', () => {
  it('is recognised and says how to translate it', () => {
    const bytes = readFileSync(sharedPath('samples', 'keys', 'trust.yaml'));
    const { trust, findings } = readTrust({ name: 'trust.yaml', bytes });
    expect(trust).toBeNull();
    expect(findings.map(({ code }) => code)).toEqual(['trust-older-shape']);
    expect(findings[0]?.action).toContain('people');
  });

  it('has the fingerprints of the sample keys', () => {
    const bytes = readFileSync(new URL('../../fixtures/samples-trust.yaml', import.meta.url));
    const { trust } = readTrust({ name: 'trust.yaml', bytes });
    const owner = (file: string) => {
      const read = parseAuthorizedKey(readFileSync(sharedPath('samples', 'keys', file), 'utf8'));
      return 'key' in read ? findSigner(trust!, read.key, now)?.person.id : read.problem.code;
    };
    expect(owner('pm-alice.ed25519.pub')).toBe('alice@acme.org');
    expect(owner('lead-bob.ecdsa-p256.pub')).toBe('bob@acme.org');
    expect(owner('security-carol.rsa3072.pub')).toBe('carol@acme.org');
    expect(owner('mallory.ed25519.pub')).toBeUndefined();
  });
});

describe('selectRule', () => {
  const trust = read(`${HEAD}${PEOPLE}${GOOD}defaultRule: "production"\n`).trust!;

  it('takes the name asked for, else the default, and never another', () => {
    expect(selectRule(trust).rule?.name).toBe('production');
    expect(selectRule(trust, 'production').rule?.name).toBe('production');
    const missing = selectRule(trust, 'Production');
    expect(missing.rule).toBeNull();
    expect(missing.findings.map(({ code }) => code)).toEqual(['rule-missing']);
    expect(selectRule(null, 'production').findings.map(({ code }) => code)).toEqual(['rule-missing']);
    expect(selectRule(null)).toEqual({ rule: null, findings: [] });
  });

  it('does not pick the only rule when no default is named', () => {
    const undecided = selectRule(read(HEAD + PEOPLE + GOOD).trust);
    expect(undecided.rule).toBeNull();
    expect(undecided.findings.map(({ code }) => code)).toEqual(['rule-not-chosen']);
  });
});

describe('findSigner', () => {
  const at = (text: string) => parseTime(text)!;
  const windowed = read(
    `${HEAD}people:\n  - id: a\n    keys: [{fingerprint: "${FP_A}", from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"}]\n` +
      `withdrawn:\n  - {fingerprint: "${FP_B}", at: "2026-03-03T00:00:00Z"}\n`,
  ).trust!;

  it('judges the window at the given time: start inclusive, end exclusive (T08)', () => {
    const state = (time: string) => findSigner(windowed, { fingerprint: FP_A }, at(time))?.state;
    expect(state('2025-12-31T23:59:59Z')).toBe('not-yet');
    expect(state('2026-01-01T00:00:00Z')).toBe('current');
    expect(state('2026-12-31T23:59:59Z')).toBe('current');
    expect(state('2027-01-01T00:00:00Z')).toBe('expired');
  });

  it('knows nobody by a prefix, another case or an unknown key (T01, T19)', () => {
    expect(findSigner(windowed, { fingerprint: FP_B }, now)).toBeNull();
    expect(findSigner(windowed, { fingerprint: FP_A.slice(0, 20) }, now)).toBeNull();
    expect(findSigner(windowed, { fingerprint: FP_A.toLowerCase() }, now)).toBeNull();
  });

  it('puts withdrawal before everything else from its time on (T07)', () => {
    const text = `${HEAD}${PEOPLE}withdrawn:\n  - {fingerprint: "${FP_A}", at: "2026-03-03T00:00:00Z"}\n  - {fingerprint: "${FP_A}", at: "2026-02-02T00:00:00Z"}\n`;
    const { trust } = read(text);
    const match = findSigner(trust!, { fingerprint: FP_A }, now);
    expect(match).toMatchObject({ state: 'withdrawn', withdrawnAt: '2026-02-02T00:00:00Z' });
    expect(findSigner(trust!, { fingerprint: FP_A }, at('2026-02-01T00:00:00Z'))?.state).toBe('current');
    expect(findSigner(trust!, { fingerprint: FP_B }, now)?.state).toBe('current');
  });

  it('lets a passkey sign from the pinned origins, else from its own domain', () => {
    const key = { kind: 'passkey' as const, fingerprint: FP_A };
    expect(allowedOrigins(key, 'acme.org')).toEqual(['https://acme.org']);
    expect(allowedOrigins({ ...key, origins: ['https://sign.acme.org'] }, 'acme.org')).toEqual([
      'https://sign.acme.org',
    ]);
  });

  it('compares whole keys where the list has them', () => {
    const { trust } = read(`${HEAD}people:\n  - id: a\n    keys: [{ssh: "${aliceKey}"}]\n`);
    const fingerprint = fingerprintOf(aliceKey);
    const blob = trust!.people[0]!.keys[0]!.blob!;
    expect(findSigner(trust!, { fingerprint, blob }, now)?.person.id).toBe('a');
    expect(findSigner(trust!, { fingerprint, blob: blob.slice(1) }, now)).toBeNull();
  });
});

function fingerprintOf(line: string): string {
  const read = parseAuthorizedKey(line);
  if (!('key' in read)) throw new Error(read.problem.message);
  return read.key.fingerprint;
}
