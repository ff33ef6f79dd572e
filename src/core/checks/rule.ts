import type { Finding, Level, RoleReport } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { say, sayBoth, type Said } from '../messages/say.js';
import { approvalFindings, outcome, type CheckContext, type CheckOutcome } from './check.js';

export function checkRequiredRoles(context: CheckContext): CheckOutcome {
  const { rule, roles } = context;
  const about = approvalFindings(context, 'approvals');
  const needed = roles.length;
  const met = roles.filter(({ state }) => state === 'met').length;
  if (rule === null) {
    const asked =
      needed === 0 ? say('roles-bundle-asks-nobody') : say('roles-bundle-asks', { roles: needed });
    const open = roles.filter(({ state }) => state !== 'no-rule').map(openRole);
    return outcome('not-checked', sayBoth(say('roles-no-rule'), asked), [
      finding('no-rule', {}),
      ...open,
      ...about,
    ]);
  }
  const findings = roles.filter(({ state }) => state !== 'met').map(missingRole);
  return outcome(met === needed ? 'pass' : 'fail', say('roles-filled', { met, needed }), [
    ...findings,
    ...about,
  ]);
}

function missingRole(role: RoleReport): Finding {
  if (role.askedBy.every((asker) => asker === 'bundle') && role.people.length === 0) {
    return finding('bundle-asks-role-nobody-may-give', { role: role.role }, standing(role));
  }
  return openRole(role);
}

function openRole(role: RoleReport): Finding {
  const nobody = say('people-nobody-yet');
  const people = role.people.join(', ');
  return finding(
    'role-missing',
    {
      role: role.role,
      given: role.met.length,
      threshold: role.threshold,
      people: people || nobody.text,
    },
    { ...standing(role), ...(people === '' ? { says: { people: nobody } } : {}) },
  );
}

function standing(role: RoleReport): { expected: Said; found: string | Said } {
  const people = role.people.join(', ') || say('people-nobody-named');
  return {
    expected: say('so-many-of', { threshold: role.threshold, people }),
    found: role.met.join(', ') || say('people-none'),
  };
}

/** The highest level that is established, by the ladder of docs/SPEC.md, "Levels". L4 needs attestations that this version cannot judge. */
export function levelMet({ roles }: Pick<CheckContext, 'roles'>): Level {
  const people = new Set(roles.filter(({ state }) => state === 'met').flatMap(({ met }) => met));
  const filled = roles.filter(({ state }) => state === 'met').length;
  if (filled === 0) return 'L1';
  return filled > 1 && people.size > 1 ? 'L3' : 'L2';
}

export function checkLevel(context: CheckContext): CheckOutcome {
  const met = levelMet(context);
  const claimed = context.reading.manifest?.governanceLevel;
  const findings =
    claimed !== undefined && claimed > met ? [finding('level-claimed-not-met', { claimed, met })] : [];
  const required = context.rule?.level;
  if (required === undefined) return outcome('not-applicable', say('level-not-asked', { met }), findings);
  if (met >= required) return outcome('pass', say('level-judged', { required, met }), findings);
  if (required === 'L4' && met === 'L3') {
    return outcome('could-not-check', say('level-needs-attestation'), [...findings, attestationNeeded('L4')]);
  }
  // With roles missing the level follows from them; saying it twice would hide what to do.
  if (context.roles.some(({ state }) => state !== 'met'))
    return outcome('fail', say('level-roles-missing', { required, met }), findings);
  const unmet = finding('level-not-met', { required, met }, { expected: required, found: met });
  return outcome('fail', say('level-judged', { required, met }), [...findings, unmet]);
}

export function checkDialect({ rule, reading }: CheckContext): CheckOutcome {
  const dialect = reading.manifest?.dialect;
  if (dialect === 'countersign') return outcome('pass', say('dialect-current'));
  if (rule === null) return outcome('not-checked', say('dialect-no-rule'));
  const unknown = say('dialect-unknown');
  if (rule.legacyDialects) return outcome('pass', say('dialect-accepted', { dialect: dialect ?? unknown }));
  const refused = finding(
    'rule-refuses-legacy-dialect',
    { rule: rule.name, dialect: dialect ?? unknown.text },
    {
      expected: 'countersign',
      found: dialect ?? unknown,
      ...(dialect === undefined ? { says: { dialect: unknown } } : {}),
    },
  );
  return outcome('could-not-check', say('dialect-refused'), [refused]);
}

export function checkAttestations({ rule, reading }: CheckContext): CheckOutcome {
  const present = [...reading.archive.entries].filter(({ path }) => path.startsWith('attestations/'));
  const findings = present.map(({ path }) =>
    finding('attestation-not-checked', { path }, { where: { path } }),
  );
  const wanted = rule?.attestations ?? [];
  if (wanted.length > 0) {
    const asked = wanted.map((type) => attestationNeeded(type));
    return outcome('could-not-check', say('attestations-asked', { attestations: wanted.length }), [
      ...findings,
      ...asked,
    ]);
  }
  if (present.length === 0) return outcome('not-applicable', say('attestations-none'));
  return outcome('not-applicable', say('attestations-not-asked', { attestations: present.length }), findings);
}

function attestationNeeded(type: string): Finding {
  return finding('attestation-needed', { type });
}
