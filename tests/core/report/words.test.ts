import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/core/generated/report.js';
import { createInlineEngine } from '../../../src/engine/inline.js';
import { nodePlatform } from '../../../src/platform/node.js';
import { approval, bundle, pack, type Item } from '../../vectorgen/bundle.js';
import {
  alice,
  bob,
  carol,
  mallory,
  personRow,
  releaseRoles,
  releaseRule,
  releaseTrust,
} from '../../vectorgen/cast.js';
import { trustBytes, type TrustRow } from '../../vectorgen/trustText.js';
import { NOW } from '../../vectorgen/vector.js';
import { loadVector } from '../../vectors.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const SAME = 'The file itself is unchanged.';
const made = bundle();

async function verdictOf(evidence: readonly Item[], trust: TrustRow): Promise<Verdict> {
  const { inputs } = await engine.verify({
    inputs: [{ name: 'x.sbundle.tgz', source: pack(made, evidence) }],
    loose: [],
    trust: { name: 'trust.yaml', bytes: trustBytes(trust) },
    now: NOW,
  });
  return inputs[0]!.verdict;
}

describe('the sentences of a verdict', () => {
  it.each([
    [
      'declined',
      `"alice@example.org" declined as pm. ${SAME}`,
      'Ask alice@example.org why they declined as pm.',
    ],
    [
      'user-is-somebody-else',
      `The approval says "alice@example.org", but the key belongs to bob@example.org. ${SAME}`,
      'Ask alice@example.org to approve as pm.',
    ],
    [
      'role-not-allowed',
      `Approved as security. bob@example.org approved as pm, but your rule does not let them. ${SAME}`,
      'Ask alice@example.org to approve as pm.',
    ],
    [
      'one-person-two-roles',
      `Approved as pm. alice@example.org also approved as security. Your rule needs different people. ${SAME}`,
      'Ask carol@example.org to approve as security.',
    ],
    [
      'threshold-one-of-two',
      `Approved as pm. As security 1 of 2 approved. ${SAME}`,
      'Ask bob@example.org to approve as security.',
    ],
    [
      'level-not-met',
      `Your rule asks for level L3; this bundle reaches L2. ${SAME}`,
      'Collect more approvals: L2 needs one role, L3 two roles given by different people, L4 an attestation besides. Or use a rule of a lower level.',
    ],
    [
      'key-not-yet',
      `For pm: Signed with a key of alice@example.org that counts only from 2026-11-21T00:00:00Z. ${SAME}`,
      'Check the clock of this device, or wait until that day.',
    ],
    [
      'key-expired',
      `For pm: Signed with a key of alice@example.org that was good until 2026-11-15T00:00:00Z. ${SAME}`,
      'Ask alice@example.org to approve again with their current key, or update your trust list.',
    ],
    [
      'key-type-unknown',
      'This version cannot check keys of the type ssh-lattice.',
      'Check the signature with a current OpenSSH, or ask for a signature by an Ed25519, ECDSA or RSA key.',
    ],
  ])('%s: why it is so, and what to do about just that', async (name, sub, next) => {
    const { inputs } = await engine.verify(loadVector(`forged/${name}`).request);
    expect(inputs[0]!.verdict).toMatchObject({ sub, next });
  });

  it('count who gave a role of several people, beside a stranger who gave it, too', async () => {
    const evidence = [
      approval(made, { role: 'pm', by: alice }),
      approval(made, { role: 'security', by: carol, number: 2 }),
      approval(made, { role: 'security', by: mallory, number: 3 }),
    ];
    const security = { people: [carol.id, bob.id], threshold: 2 };
    const trust = releaseTrust({ rules: [releaseRule({ roles: { ...releaseRoles, security } })] });
    const verdict = await verdictOf(evidence.flat(), trust);
    expect(verdict).toMatchObject({
      code: 'B-INCOMPLETE',
      sub: `Approved as pm. As security 1 of 2 approved. As security it was signed with a key that you don't know. ${SAME}`,
      next: 'Ask bob@example.org to approve as security.',
    });
  });

  it('leave out who declines with a key that has ended', async () => {
    const evidence = approval(made, { role: 'pm', by: alice, predicate: { decision: 'declined' } });
    const until = (date: string): TrustRow => {
      const { keys = [], ...row } = personRow(alice);
      const people = [{ ...row, keys: keys.map((key) => ({ ...key, until: date })) }];
      return releaseTrust({ people: [...people, personRow(bob), personRow(carol)] });
    };
    const open = `Nobody approved as security yet. ${SAME}`;
    const now = await verdictOf(evidence, until('2027-01-01T00:00:00Z'));
    expect(now.sub).toBe(`"alice@example.org" declined as pm. ${open}`);
    const ended = await verdictOf(evidence, until('2026-11-15T00:00:00Z'));
    expect(ended.sub).toBe(`Nobody approved as pm yet. ${open}`);
    expect(ended.next).toBe(
      'Ask alice@example.org to approve as pm; carol@example.org or bob@example.org to approve as security.',
    );
  });
});
