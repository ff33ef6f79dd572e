import { describe, expect, it } from 'vitest';
import type { InputReport, RoleReport } from '../../../src/core/generated/report.js';
import { approvalStatus } from '../../../src/core/report/status.js';
import { readTrust } from '../../../src/core/trust/readTrust.js';
import type { Rule, Trust } from '../../../src/core/trust/trust.js';
import { approval, bundle, pack } from '../../vectorgen/bundle.js';
import { alice, bob, carol, releaseRule, releaseTrust } from '../../vectorgen/cast.js';
import { utf8 } from '../../vectorgen/raw.js';
import { trustBytes, type TrustRow } from '../../vectorgen/trustText.js';
import { createInlineEngine } from '../../../src/engine/inline.js';
import { nodePlatform } from '../../../src/platform/node.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const made = bundle();

async function statusOf(row: TrustRow | null, ...evidence: Parameters<typeof pack>[1][]) {
  const bytes = row === null ? null : trustBytes(row);
  const report = await engine.verify({
    inputs: [
      {
        name: 'a',
        source: pack(
          made,
          evidence.flatMap((items) => items ?? []),
        ),
      },
    ],
    loose: [],
    now: '2026-11-21T00:00:00Z',
    ...(bytes === null ? {} : { trust: { name: 'trust.yaml', bytes } }),
  });
  const trust: Trust | null = bytes === null ? null : readTrust({ name: 'trust.yaml', bytes }).trust;
  const rule: Rule | null = trust?.rules[0] ?? null;
  return approvalStatus(report.inputs[0]!, trust, rule);
}

describe('the status of approvals', () => {
  it('names what is missing and who could give it', async () => {
    const status = await statusOf(releaseTrust(), approval(made, { role: 'pm', by: alice }));
    expect(status).toEqual({
      met: 1,
      needed: 2,
      roles: [
        { role: 'pm', state: 'met', have: 1, need: 1, by: [alice.id], couldGive: [] },
        { role: 'security', state: 'missing', have: 0, need: 1, by: [], couldGive: [carol.id, bob.id] },
      ],
      sentence: `1 of 2 given: security missing, ${carol.id} or ${bob.id} could give it.`,
    });
  });

  it('says when all are there', async () => {
    const status = await statusOf(
      releaseTrust(),
      approval(made, { role: 'pm', by: alice }),
      approval(made, { role: 'security', by: bob }),
    );
    expect([status.met, status.needed, status.sentence]).toEqual([2, 2, 'All of 2 given.']);
  });

  it('leaves out who counts elsewhere or has no key left', async () => {
    const row = releaseTrust({
      rules: [
        releaseRule({
          roles: { pm: { people: [alice.id] }, security: { people: [alice.id, bob.id], threshold: 2 } },
        }),
      ],
      withdrawn: [{ fingerprint: bob.key.fingerprint, at: '2026-11-01T00:00:00Z' }],
    });
    const status = await statusOf(row, approval(made, { role: 'pm', by: alice }));
    expect(status.roles[1]?.couldGive).toEqual([]);
    expect(status.sentence).toBe(
      '1 of 2 given: security (0 of 2) missing, nobody on your list could give it.',
    );
  });

  it('without a rule says what the bundle asks for', async () => {
    expect((await statusOf(null)).sentence).toBe(
      'No rule says who must approve. The bundle asks for pm, security.',
    );
  });

  it('makes the name of a role inert', () => {
    const role = {
      role: 'p\u202em',
      threshold: 1,
      askedBy: ['bundle'],
      people: [],
      met: [],
      state: 'missing',
    };
    const input = { roles: [role as RoleReport] } as unknown as InputReport;
    const rule = { name: 'r', roles: [], differentPeople: true, legacyDialects: false, attestations: [] };
    expect(approvalStatus(input, null, rule).sentence).not.toContain('\u202e');
    expect(utf8(approvalStatus(input, null, rule).sentence).length).toBeGreaterThan(10);
  });
});
