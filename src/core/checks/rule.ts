import type { Finding, Level, RoleReport } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { approvalFindings, outcome, type CheckContext, type CheckOutcome } from './check.js';

export function checkRequiredRoles(context: CheckContext): CheckOutcome {
  const { rule, roles } = context;
  const about = approvalFindings(context, 'approvals');
  const needed = roles.length;
  const met = roles.filter(({ state }) => state === 'met').length;
  if (rule === null) {
    const asked =
      needed === 0 ? 'The bundle asks for nobody either.' : `The bundle itself asks for ${needed} roles.`;
    const open = roles.filter(({ state }) => state !== 'no-rule').map(openRole);
    return outcome('not-checked', `No rule says who must approve. ${asked}`, [
      finding('no-rule', {}),
      ...open,
      ...about,
    ]);
  }
  const findings = roles.filter(({ state }) => state !== 'met').map(missingRole);
  return outcome(met === needed ? 'pass' : 'fail', `${met} of ${needed} needed roles are filled.`, [
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
  return finding(
    'role-missing',
    {
      role: role.role,
      given: role.met.length,
      threshold: role.threshold,
      people: role.people.join(', ') || 'nobody yet',
    },
    standing(role),
  );
}

function standing(role: RoleReport): { expected: string; found: string } {
  const people = role.people.join(', ') || 'nobody is named';
  return { expected: `${role.threshold} of: ${people}`, found: role.met.join(', ') || 'none' };
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
  if (required === undefined)
    return outcome('not-applicable', `Your rule asks for no level. Met: ${met}.`, findings);
  if (met >= required) return outcome('pass', `Asked for ${required}, met ${met}.`, findings);
  if (required === 'L4' && met === 'L3') {
    return outcome(
      'could-not-check',
      'L4 needs an attestation and a log entry, which could not be checked here.',
      [...findings, attestationNeeded('L4')],
    );
  }
  // With roles missing the level follows from them; saying it twice would hide what to do.
  if (context.roles.some(({ state }) => state !== 'met'))
    return outcome('fail', `Asked for ${required}, met ${met}: roles are missing.`, findings);
  const unmet = finding('level-not-met', { required, met }, { expected: required, found: met });
  return outcome('fail', `Asked for ${required}, met ${met}.`, [...findings, unmet]);
}

export function checkDialect({ rule, reading }: CheckContext): CheckOutcome {
  const dialect = reading.manifest?.dialect;
  if (dialect === 'countersign') return outcome('pass', 'The bundle is of the current dialect.');
  if (rule === null) return outcome('not-checked', 'No rule says whether older dialects are accepted.');
  if (rule.legacyDialects)
    return outcome('pass', `Your rule accepts older dialects; this one is ${dialect ?? 'unknown'}.`);
  const refused = finding(
    'rule-refuses-legacy-dialect',
    { rule: rule.name, dialect: dialect ?? 'unknown' },
    { expected: 'countersign', found: dialect ?? 'unknown' },
  );
  return outcome(
    'could-not-check',
    'Approvals in an older dialect are bound to the archive, not to the content; your rule does not accept that.',
    [refused],
  );
}

export function checkAttestations({ rule, reading }: CheckContext): CheckOutcome {
  const present = [...reading.archive.entries].filter(({ path }) => path.startsWith('attestations/'));
  const findings = present.map(({ path }) =>
    finding('attestation-not-checked', { path }, { where: { path } }),
  );
  const wanted = rule?.attestations ?? [];
  if (wanted.length > 0) {
    const asked = wanted.map((type) => attestationNeeded(type));
    return outcome(
      'could-not-check',
      `${wanted.length} attestations are asked for; this version does not judge any.`,
      [...findings, ...asked],
    );
  }
  if (present.length === 0) return outcome('not-applicable', 'None is there and none is asked for.');
  return outcome(
    'not-applicable',
    `${present.length} attestations are there; your rule asks for none and they were not checked.`,
    findings,
  );
}

function attestationNeeded(type: string): Finding {
  return finding('attestation-needed', { type });
}
