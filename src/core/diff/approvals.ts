import type { DiffLine } from '../generated/diff.js';
import type { ApprovalReport, RoleReport } from '../generated/report.js';
import { diffLine, listed, weakerFirst } from './line.js';
import type { BundleSide } from './side.js';

/** Approvals gained, lost, stale; what that does to each role; attestations by digest. */
export function approvalLines(before: BundleSide, after: BundleSide): DiffLine[] {
  return weakerFirst([
    ...standingLines(before.report.roles, after.report.roles),
    ...oneByOne(before.report.approvals, after.report.approvals),
    ...levelMet(before, after),
    ...evidenceLines(before, after),
  ]);
}

const STATES: Readonly<Record<RoleReport['state'], string>> = {
  met: 'given',
  'no-rule': 'missing: the rule does not speak of it',
  missing: 'missing',
  'false-signature': 'missing: false signature',
  withdrawn: 'missing: key withdrawn',
  expired: 'missing: out of date',
  weak: 'missing: weak signature',
  'unknown-signer': 'missing: signer not known',
  'could-not-check': 'missing: could not check',
};

/** Only roles that both sides need: a role that is new or gone has its own line above. */
function standingLines(before: readonly RoleReport[], after: readonly RoleReport[]): DiffLine[] {
  return after.flatMap((role) => {
    const was = before.find((one) => one.role === role.role);
    if (was === undefined || was.state === role.state) return [];
    const effect = role.state === 'met' ? 'stronger' : was.state === 'met' ? 'weaker' : 'changed';
    return [
      diffLine('role-standing', effect, role.role, `Approval as ${role.role}`, {
        before: standing(was),
        after: standing(role),
      }),
    ];
  });
}

function standing({ state, met }: RoleReport): string {
  return met.length === 0 ? STATES[state] : `${STATES[state]} by ${listed(met)}`;
}

/**
 * Approvals of one person for one role are compared with each other, whatever their files are called; where a person
 * gave several, key by key.
 */
function oneByOne(before: readonly ApprovalReport[], after: readonly ApprovalReport[]): DiffLine[] {
  const several = new Set([...repeated(before), ...repeated(after)]);
  const olds = strongest(before, several);
  const news = strongest(after, several);
  return [...new Set([...olds.keys(), ...news.keys()])].flatMap((key) =>
    changeOf(olds.get(key), news.get(key)),
  );
}

function giverOf(approval: ApprovalReport): string {
  return JSON.stringify([roleOf(approval), personOf(approval)]);
}

function repeated(approvals: readonly ApprovalReport[]): string[] {
  const seen = new Set<string>();
  return approvals.map(giverOf).filter((giver) => seen.size === seen.add(giver).size);
}

function strongest(
  approvals: readonly ApprovalReport[],
  several: ReadonlySet<string>,
): Map<string, ApprovalReport> {
  const found = new Map<string, ApprovalReport>();
  for (const approval of approvals) {
    const giver = giverOf(approval);
    const key = several.has(giver) ? `${giver} ${approval.key?.fingerprint ?? approval.file}` : giver;
    const known = found.get(key);
    if (known === undefined || (!counts(known) && counts(approval))) found.set(key, approval);
  }
  return found;
}

function roleOf({ counts: roles, claims }: ApprovalReport): string {
  return roles[0] ?? claims.role ?? '';
}

function personOf({ known, claims, key, file }: ApprovalReport): string {
  return known?.person ?? claims.user ?? key?.fingerprint ?? file;
}

function counts({ counts: roles }: ApprovalReport): boolean {
  return roles.length > 0;
}

function changeOf(was: ApprovalReport | undefined, is: ApprovalReport | undefined): DiffLine[] {
  const [old, now] = [was === undefined ? 'none' : inWords(was), is === undefined ? 'none' : inWords(is)];
  const one = is ?? was;
  if (one === undefined || old === now) return [];
  const make = (
    kind: string,
    effect: DiffLine['effect'],
    what: string,
    why: string | null = null,
  ): DiffLine[] => [
    diffLine(kind, effect, personOf(one), `${what}: ${titleOf(one)}`, { before: old, after: now, why }),
  ];
  const [did, does] = [was !== undefined && counts(was), is !== undefined && counts(is)];
  if (is?.binding === 'stale')
    return make('approval-stale', 'weaker', 'Stale', 'It was given for another state of this bundle.');
  if (did && is === undefined) return make('approval-lost', 'weaker', 'Lost');
  if (did && !does) return make('approval-lost', 'weaker', 'No longer counts');
  if (!did && does) return make('approval-gained', 'stronger', 'Gained');
  if (did && does)
    return was?.key?.fingerprint === is?.key?.fingerprint
      ? make('approval-renewed', 'changed', 'Given anew')
      : make('approval-key', 'changed', 'Given with another key');
  if (was === undefined) return make('approval-appeared', 'changed', 'Here, but it does not count');
  if (is === undefined) return make('approval-gone', 'changed', 'Gone; it did not count');
  return make('approval-changed', 'changed', 'Otherwise, and it does not count');
}

function titleOf(approval: ApprovalReport): string {
  // Who nobody knows by the key has only said who they are.
  const by = approval.known === null ? 'says by' : 'by';
  return `${roleOf(approval) || 'no role'} ${by} ${personOf(approval)}`;
}

function inWords(approval: ApprovalReport): string {
  const { claims, key, because, counts: roles } = approval;
  return [
    roles.length === 0 ? 'counts for no role' : `counts for ${listed(roles)}`,
    claims.decision === 'declined' ? 'declined' : '',
    key === null ? 'no key' : `key ${key.fingerprint}`,
    claims.signedAt === undefined ? '' : `says signed at ${claims.signedAt}`,
    claims.expires === undefined ? '' : `until ${claims.expires}`,
    roles.length === 0 ? because : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function levelMet({ report: before }: BundleSide, { report: after }: BundleSide): DiffLine[] {
  const [was, is] = [before.level.met ?? 'none', after.level.met ?? 'none'];
  if (was === is) return [];
  const lower = is === 'none' || (was !== 'none' && is < was);
  return [
    diffLine('level-met', lower ? 'weaker' : 'stronger', 'level', 'Governance level that is met', {
      before: was,
      after: is,
    }),
  ];
}

/**
 * Attestations are not judged here, so they are told by their digests; approvals are told above, by what they say. Of
 * one and the same bundle approval files are told by digest, too: nothing else could differ.
 */
function evidenceLines(before: BundleSide, after: BundleSide): DiffLine[] {
  const sameBundle = before.report.bundleDigest === after.report.bundleDigest;
  const digests = ({ evidence }: BundleSide): Map<string, string> =>
    new Map(
      evidence
        .filter(({ path }) => sameBundle || !isApprovalFile(path))
        .map(({ path, sha256 }) => [path, sha256]),
    );
  const olds = digests(before);
  const news = digests(after);
  return [...new Set([...olds.keys(), ...news.keys()])]
    .sort()
    .flatMap((path) => evidenceLine(path, olds.get(path), news.get(path)));
}

function isApprovalFile(path: string): boolean {
  return path.startsWith('approvals/');
}

const WORDS = { added: 'gained', removed: 'lost', changed: 'changed' } as const;

function evidenceLine(path: string, was: string | undefined, is: string | undefined): DiffLine[] {
  if (was === is) return [];
  const kind = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
  const what = isApprovalFile(path) ? 'approval-file' : 'attestation';
  const name = isApprovalFile(path) ? 'Approval file' : 'Attestation';
  return [
    diffLine(
      `${what}-${kind}`,
      kind === 'removed' ? 'weaker' : 'changed',
      path,
      `${name} ${WORDS[kind]}: ${path}`,
      {
        before: was === undefined ? 'none' : `sha256:${was}`,
        after: is === undefined ? 'none' : `sha256:${is}`,
        path,
      },
    ),
  ];
}
