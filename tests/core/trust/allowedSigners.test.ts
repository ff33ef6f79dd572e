import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { parseTime } from '../../../src/core/bytes/time.js';
import { parseAuthorizedKey } from '../../../src/core/signature/publicKey.js';
import { readAllowedSigners } from '../../../src/core/trust/allowedSigners.js';
import { findSigner, mayUseNamespace } from '../../../src/core/trust/lookup.js';
import { mergeTrust } from '../../../src/core/trust/mergeTrust.js';
import type { Trust, TrustRead } from '../../../src/core/trust/trust.js';
import { describeShared, sharedPath } from '../../shared.js';
import { aliceKey, bobKey, carolKey, smallOrderLine } from './keys.js';

const read = (text: string): TrustRead =>
  readAllowedSigners({ name: 'allowed_signers', bytes: toUtf8(text) });
const codes = ({ findings }: TrustRead) => findings.map(({ code }) => code);
const ids = ({ trust }: TrustRead) => trust?.people.map(({ id }) => id);
const now = parseTime('2026-11-20T10:00:00Z')!;

function refuses(text: string, code: string): void {
  const result = read(text);
  expect(codes(result)).toContain(code);
  expect(result.trust).toBeNull();
}

describe('readAllowedSigners', () => {
  it('gives people with keys, never roles or rules', () => {
    const result = read(
      `# team\n\nalice@acme.org,alice@home.example ${aliceKey} laptop\nbob@acme.org ${bobKey}\n`,
    );
    expect(result.findings).toEqual([]);
    expect(result.trust).toMatchObject({
      people: [
        { id: 'alice@acme.org', also: ['alice@home.example'] },
        { id: 'bob@acme.org', also: [] },
      ],
      withdrawn: [],
      rules: [],
    });
  });

  it('reads quoted names, options in any case and order, CRLF and tabs', () => {
    const options =
      'Namespaces="approval@countersign,git",valid-after="20260101Z",VALID-BEFORE="202701010000Z"';
    const { trust, findings } = read(`"alice@acme.org"\t${options} ${aliceKey}\r\n`);
    expect(findings).toEqual([]);
    expect(trust?.people[0]?.keys[0]).toMatchObject({
      namespaces: ['approval@countersign', 'git'],
      from: '2026-01-01T00:00:00Z',
      until: '2027-01-01T00:00:00Z',
    });
  });

  it('gathers several keys of one person', () => {
    const result = read(`alice@acme.org ${aliceKey}\nalice@acme.org ${bobKey}\n`);
    expect(result.trust?.people).toHaveLength(1);
    expect(result.trust?.people[0]?.keys).toHaveLength(2);
  });

  it.each([
    ['a wildcard', `*@acme.org ${bobKey}`],
    ['a wildcard in a list', `bob@acme.org,* ${bobKey}`],
    ['a negated name', `!bob@acme.org ${bobKey}`],
    ['a certificate authority', `bob@acme.org cert-authority ${bobKey}`],
    ['a small-order key', `bob@acme.org ${smallOrderLine}`],
    ['an option of the future', `bob@acme.org verify-required ${bobKey}`],
    ['a namespace pattern', `bob@acme.org namespaces="approval@*" ${bobKey}`],
    ['a date without a zone', `bob@acme.org valid-before="20270101" ${bobKey}`],
  ])('leaves out a line with %s, and says so (T15)', (_, line) => {
    const result = read(`alice@acme.org ${aliceKey}\n${line}\n`);
    expect(codes(result)).toEqual(['allowed-signers-skipped']);
    expect(result.findings[0]?.where).toEqual({ file: 'allowed_signers', line: 2 });
    expect(ids(result)).toEqual(['alice@acme.org']);
  });

  it.each([
    ['an open quote', `"bob@acme.org ${bobKey}`],
    ['an empty name', `bob@acme.org,, ${bobKey}`],
    ['a quoted empty name', `"" ${bobKey}`],
    ['no key', 'bob@acme.org'],
    ['an option twice', `bob@acme.org namespaces="a",namespaces="approval@countersign" ${bobKey}`],
    ['an empty namespace', `bob@acme.org namespaces="" ${bobKey}`],
    ['a day that does not exist', `bob@acme.org valid-after="20260230Z" ${bobKey}`],
    ['a period that ends first', `bob@acme.org valid-after="20270101Z",valid-before="20260101Z" ${bobKey}`],
    ['options that run on', `bob@acme.org namespaces="a"b ${bobKey}`],
    ['a control character', `bob\u0007@acme.org ${bobKey}`],
    ['a hidden character', `bob\u200b@acme.org ${bobKey}`],
    ['a name twice', `bob@acme.org,bob@acme.org ${bobKey}`],
  ])('refuses the file for %s', (_, line) =>
    refuses(`alice@acme.org ${aliceKey}\n${line}\n`, 'allowed-signers-line'),
  );

  it('refuses one key for two people and names that only partly agree', () => {
    refuses(`alice@acme.org ${aliceKey}\nbob@acme.org ${aliceKey}\n`, 'trust-key-two-people');
    refuses(`alice@acme.org,team ${aliceKey}\nbob@acme.org,team ${bobKey}\n`, 'allowed-signers-overlap');
    refuses(`alice@acme.org,team ${aliceKey}\nteam ${bobKey}\n`, 'allowed-signers-overlap');
    refuses(`alice@acme.org ${aliceKey}\nalice@acme.org,a@home ${bobKey}\n`, 'allowed-signers-overlap');
    refuses(`a ${aliceKey}\nb ${bobKey}\na,b ${carolKey}\n`, 'allowed-signers-overlap');
    refuses(`alice@acme.org ${aliceKey}\nAlice@acme.org ${bobKey}\n`, 'trust-look-alike');
  });

  it('recognises a key for another namespace without letting it approve', () => {
    const result = read(`alice@acme.org namespaces="git" ${aliceKey}\n`);
    expect(codes(result)).toEqual(['allowed-signers-other-namespace']);
    expect(mayUseNamespace(result.trust!.people[0]!.keys[0]!)).toBe(false);
  });

  it('prefers the line that lets the key approve', () => {
    const { trust } = read(
      `a namespaces="git" ${aliceKey}\na namespaces="approval@countersign",valid-before="20260101Z" ${aliceKey}\n`,
    );
    const parsed = parseAuthorizedKey(aliceKey);
    const match = 'key' in parsed ? findSigner(trust!, parsed.key, now) : null;
    expect(match?.state).toBe('expired');
    expect(match && mayUseNamespace(match.key)).toBe(true);
  });

  it('says when nobody is left, and refuses what is no text', () => {
    expect(codes(read('# nobody\n'))).toEqual(['allowed-signers-empty']);
    expect(readAllowedSigners({ name: 'x', bytes: Uint8Array.of(0xff, 0xfe) }).trust).toBeNull();
    expect(
      readAllowedSigners({ name: 'x', bytes: new Uint8Array(4 * 1024 * 1024 + 1) }).findings[0]?.code,
    ).toBe('trust-too-large');
    refuses('\n'.repeat(20_000), 'allowed-signers-too-long');
  });
});

describe('mergeTrust', () => {
  const trustOf = (text: string): Trust => read(text).trust!;
  const base: Trust = {
    ...trustOf(`alice@acme.org valid-before="20260101Z" ${aliceKey}\nbob@acme.org ${bobKey}\n`),
    rules: [{ name: 'r', roles: [], differentPeople: true, legacyDialects: false, attestations: [] }],
    defaultRule: 'r',
  };

  it('adds people and keys, and keeps the rules of the list', () => {
    const { trust, findings } = mergeTrust(base, [trustOf(`carol@acme.org ${carolKey}\n`)]);
    expect(findings).toEqual([]);
    expect(trust?.people.map(({ id }) => id)).toEqual(['alice@acme.org', 'bob@acme.org', 'carol@acme.org']);
    expect(trust?.rules).toBe(base.rules);
  });

  it('takes no rules, default or serial from what is added', () => {
    const { trust } = mergeTrust(null, [base]);
    expect(trust?.rules).toEqual([]);
    expect(trust?.defaultRule).toBeUndefined();
  });

  it('adds a second key to a person who is there', () => {
    const { trust } = mergeTrust(base, [trustOf(`alice@acme.org ${carolKey}\n`)]);
    expect(trust?.people[0]?.keys).toHaveLength(2);
  });

  it('refuses a key that belongs to somebody else', () => {
    const merged = mergeTrust(base, [trustOf(`mallory@evil.example ${bobKey}\n`)]);
    expect(merged.trust).toBeNull();
    expect(codes(merged)).toEqual(['trust-key-two-people']);
  });

  it('refuses to make one person of two', () => {
    const merged = mergeTrust(base, [trustOf(`alice@acme.org,bob@acme.org ${carolKey}\n`)]);
    expect(merged.trust).toBeNull();
    expect(codes(merged)).toContain('trust-merge-two-people');
  });

  it('never lengthens the dates that the list gives a key', () => {
    const { trust } = mergeTrust(base, [trustOf(`alice@acme.org ${aliceKey}\n`)]);
    const parsed = parseAuthorizedKey(aliceKey);
    expect('key' in parsed && findSigner(trust!, parsed.key, now)?.state).toBe('expired');
  });

  it('keeps withdrawals from every source', () => {
    const withdrawal = { fingerprint: 'SHA256:x', at: '2026-01-01T00:00:00Z' };
    const { trust } = mergeTrust(base, [{ people: [], withdrawn: [withdrawal], rules: [] }]);
    expect(trust?.withdrawn).toEqual([withdrawal]);
  });
});

describeShared('keys of the published SSHSIG cases', () => {
  it('are read as a signers file reads them, or left out with a reason', () => {
    const cases = JSON.parse(readFileSync(sharedPath('corpora', 'sshsig', 'cases.json'), 'utf8')) as {
      key?: string;
    }[];
    const keys = [...new Set(cases.flatMap(({ key }) => (key ? [key.trim()] : [])))];
    expect(keys.length).toBeGreaterThan(3);
    for (const [i, key] of keys.entries()) {
      const result = read(`person-${i} ${key}\n`);
      const known = (result.trust?.people.length ?? 0) === 1;
      expect(known || codes(result).includes('allowed-signers-skipped'), key).toBe(true);
    }
  });
});
