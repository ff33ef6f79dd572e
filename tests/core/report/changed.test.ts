import { describe, expect, it } from 'vitest';
import { whatChanged, type Reason } from '../../../src/core/report/changed.js';
import { judgedBy, standingOf, type Standing } from '../../../src/core/report/standing.js';
import { createInlineEngine } from '../../../src/engine/inline.js';
import { nodePlatform } from '../../../src/platform/node.js';
import { approval, bundle, pack, type Item } from '../../vectorgen/bundle.js';
import {
  alice,
  bob,
  carol,
  personRow,
  releaseRoles,
  releaseRule,
  releaseTrust,
} from '../../vectorgen/cast.js';
import { trustBytes, type TrustRow } from '../../vectorgen/trustText.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const made = bundle({ roles: [] });
const byAlice = approval(made, { role: 'pm', by: alice });
const byCarol = approval(made, { role: 'security', by: carol });

interface Given {
  readonly evidence?: readonly Item[];
  readonly trust?: TrustRow | null;
  readonly now?: string;
}

async function judged({
  evidence = [...byAlice, ...byCarol],
  trust = releaseTrust(),
  now = '2026-11-20T10:00:00Z',
}: Given): Promise<Standing> {
  const report = await engine.verify({
    inputs: [{ name: 'x.sbundle.tgz', source: pack(made, evidence) }],
    loose: [],
    ...(trust === null ? {} : { trust: { name: 'trust.yaml', bytes: trustBytes(trust) } }),
    now,
  });
  return standingOf(report.inputs[0]!, judgedBy(report));
}

const withRoles = (roles: typeof releaseRoles): TrustRow => releaseTrust({ rules: [releaseRule({ roles })] });
const { pm, security } = releaseRoles;

/** What a later judgement of the same bytes was given, the codes of both, and why they differ. */
const cases: [string, Given, Given, string, readonly Reason[]][] = [
  ['nothing', {}, {}, 'B-OK B-OK', []],
  [
    'a role that the rule did not ask for',
    { evidence: byAlice, trust: withRoles({ pm: pm! }) },
    { evidence: byAlice },
    'B-OK B-INCOMPLETE',
    [{ kind: 'role-added', role: 'security', rule: 'release' }],
  ],
  [
    'a role that the rule no longer asks for',
    { evidence: byAlice },
    { evidence: byAlice, trust: withRoles({ pm: pm! }) },
    'B-INCOMPLETE B-OK',
    [{ kind: 'role-removed', role: 'security', rule: 'release' }],
  ],
  [
    'a higher number',
    {},
    { trust: withRoles({ pm: pm!, security: { ...security!, threshold: 2 } }) },
    'B-OK B-INCOMPLETE',
    [{ kind: 'threshold', role: 'security', before: 1, now: 2 }],
  ],
  [
    'another rule',
    {
      trust: releaseTrust({ rules: [releaseRule({ name: 'old', roles: { pm: pm! } })], defaultRule: 'old' }),
    },
    { evidence: byAlice },
    'B-OK B-INCOMPLETE',
    [
      { kind: 'rule-other', before: 'old', now: 'release' },
      { kind: 'approval-gone', who: carol.id },
    ],
  ],
  [
    'no rule any more',
    {},
    { trust: null },
    'B-OK B-UNKNOWN',
    [
      { kind: 'rule-gone', rule: 'release' },
      { kind: 'signer-unknown', who: alice.id },
      { kind: 'signer-unknown', who: carol.id },
    ],
  ],
  [
    'a rule for the first time',
    { trust: null, evidence: byAlice },
    { evidence: byAlice },
    'B-UNKNOWN B-INCOMPLETE',
    [
      { kind: 'rule-given', rule: 'release' },
      { kind: 'signer-known', who: alice.id },
    ],
  ],
  [
    'a withdrawn key',
    {},
    {
      trust: releaseTrust({
        withdrawn: [{ fingerprint: carol.key.fingerprint, at: '2026-11-01T00:00:00Z', reason: 'lost' }],
      }),
    },
    'B-OK B-WITHDRAWN',
    [{ kind: 'key-withdrawn', who: carol.id }],
  ],
  [
    'keys that ran out',
    {},
    { now: '2027-02-01T00:00:00Z' },
    'B-OK B-EXPIRED',
    [
      { kind: 'key-ended', who: alice.id },
      { kind: 'key-ended', who: carol.id },
    ],
  ],
  [
    'an approval that grew too old',
    { trust: withRoles({ pm: { ...pm!, maxAgeDays: 30 }, security: security! }) },
    {
      trust: withRoles({ pm: { ...pm!, maxAgeDays: 30 }, security: security! }),
      now: '2026-12-20T10:00:00Z',
    },
    'B-OK B-EXPIRED',
    [{ kind: 'out-of-date', role: 'pm' }],
  ],
  [
    'an approval that came',
    { evidence: byAlice },
    {},
    'B-INCOMPLETE B-OK',
    [{ kind: 'approval-added', who: carol.id }],
  ],
  [
    'a person who may no longer approve',
    {},
    { trust: withRoles({ pm: pm!, security: { people: [bob.id] } }) },
    'B-OK B-INCOMPLETE',
    [{ kind: 'counts-no-more', who: carol.id, role: 'security' }],
  ],
  [
    'a person who left the list',
    {},
    {
      trust: releaseTrust({
        people: [personRow(alice), personRow(bob)],
        rules: [releaseRule({ roles: { pm: pm!, security: { people: [bob.id] } } })],
      }),
    },
    'B-OK B-INCOMPLETE',
    [{ kind: 'signer-unknown', who: carol.id }],
  ],
];

describe('what changed between two verdicts on the same bytes', () => {
  it.each(cases)('is %s', async (_, before, now, codes, reasons) => {
    const [was, is] = [await judged(before), await judged(now)];
    expect(`${was.code} ${is.code}`).toBe(codes);
    expect(whatChanged(was, is)).toEqual(reasons);
  });

  it('is the application when nothing else differs, and time when not even that', async () => {
    const was = await judged({});
    const tool = { ...was.judged.tool, version: '9.9.9' };
    expect(whatChanged(was, { ...was, judged: { ...was.judged, tool } })).toMatchObject([{ kind: 'tool' }]);
    expect(whatChanged(was, { ...was, code: 'B-STALE' })).toEqual([{ kind: 'time' }]);
  });

  it('remembers when the first of the approvals that count runs out', async () => {
    expect((await judged({})).endsAt).toBe('2027-01-01T00:00:00Z');
    const aged = withRoles({ pm: { ...pm!, maxAgeDays: 30 }, security: security! });
    expect((await judged({ trust: aged })).endsAt).toBe('2026-12-10T10:00:00Z');
    const soon = approval(made, { role: 'pm', by: alice, predicate: { expires: '2026-11-25T00:00:00Z' } });
    expect((await judged({ evidence: [...soon, ...byCarol] })).endsAt).toBe('2026-11-25T00:00:00Z');
    expect((await judged({ trust: null })).endsAt).toBeNull();
  });
});
