import type { GovernanceLevel } from '../build.js';

/** What a project has, as far as levels ask for it. */
export interface LevelFacts {
  /** A specification that is as locked. */
  readonly locked: boolean;
  /** Something to pack, under names that a bundle may have, without what looks like a secret. */
  readonly packable: boolean;
  /** An execution policy and a governance policy that can be read. */
  readonly policies: boolean;
  /** Roles of `default_approvers` with at least one person. */
  readonly roles: readonly string[];
  /** Different people in them. */
  readonly people: number;
  /** Attestations are asked for in the configuration, with a transparency log. */
  readonly attestation: boolean;
  readonly transparencyLog: boolean;
  /** Steps for which the governance policy asks for an approval or an attestation. */
  readonly approvalFor: number;
  readonly attestationFor: number;
}

export interface LevelNeed {
  readonly text: string;
  readonly met: boolean;
}

export interface LevelRow {
  readonly level: GovernanceLevel;
  readonly title: string;
  /** What this level asks for beyond the one below. */
  readonly needs: readonly LevelNeed[];
  /** What this one and all below ask for is there. */
  readonly ready: boolean;
}

export interface Levels {
  readonly required: GovernanceLevel;
  /** Why that level is required. */
  readonly because: string;
  /** Highest level that the project is ready for; null below L1. */
  readonly readyFor: GovernanceLevel | null;
  readonly rows: readonly LevelRow[];
}

/**
 * Governance levels of a project before it is built (docs/SPEC.md, "Rule"): L1 checksums, L2 one role, L3 several
 * roles, L4 also attestation and transparency log. What a bundle really meets is for a verification to say.
 */
export function levelsOf(facts: LevelFacts, asked: GovernanceLevel | null): Levels {
  const needs: readonly (readonly [GovernanceLevel, string, readonly LevelNeed[]])[] = [
    [
      'L1',
      'checksums',
      [
        { text: 'a specification that is as locked', met: facts.locked },
        { text: 'files that can be packed, none with a secret', met: facts.packable },
      ],
    ],
    [
      'L2',
      'one role approves',
      [
        { text: 'an execution policy and a governance policy', met: facts.policies },
        { text: 'a role with a person in default_approvers', met: facts.roles.length >= 1 },
      ],
    ],
    [
      'L3',
      'several roles approve',
      [
        { text: 'two roles in default_approvers', met: facts.roles.length >= 2 },
        { text: 'two different people in them', met: facts.people >= 2 },
      ],
    ],
    [
      'L4',
      'also an attestation in a transparency log',
      [
        { text: 'attestation.enabled in the configuration', met: facts.attestation },
        { text: 'attestation.rekor_url in the configuration', met: facts.transparencyLog },
      ],
    ],
  ];
  let below = true;
  const rows = needs.map(([level, title, list]): LevelRow => {
    below &&= list.every(({ met }) => met);
    return { level, title, needs: list, ready: below };
  });
  const readyFor = rows.filter(({ ready }) => ready).at(-1)?.level ?? null;
  return { ...requiredBy(facts, asked), readyFor, rows };
}

function requiredBy(facts: LevelFacts, asked: GovernanceLevel | null): Pick<Levels, 'required' | 'because'> {
  if (asked !== null) return { required: asked, because: 'asked for by you' };
  if (facts.attestationFor > 0)
    return { required: 'L4', because: 'the governance policy asks for attestations' };
  if (facts.attestation) return { required: 'L4', because: 'the configuration asks for attestations' };
  if (facts.roles.length >= 2) return { required: 'L3', because: 'the configuration names several roles' };
  if (facts.approvalFor > 0) return { required: 'L2', because: 'the governance policy asks for approvals' };
  if (facts.roles.length === 1) return { required: 'L2', because: 'the configuration names a role' };
  return { required: 'L1', because: 'nothing in the project asks for more' };
}
