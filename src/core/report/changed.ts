import type { Standing, StandingApproval, StandingRole } from './standing.js';

/**
 * One reason why a later verdict differs. Names of people come from the reader's trust list, those of roles may come
 * from the bundle: attacker-controlled.
 */
export type Reason =
  | { readonly kind: 'rule-given' | 'rule-gone'; readonly rule: string }
  | { readonly kind: 'rule-other'; readonly before: string; readonly now: string }
  | { readonly kind: 'role-added' | 'role-removed'; readonly role: string; readonly rule: string }
  | {
      readonly kind: 'threshold';
      readonly role: string;
      readonly before: number;
      readonly now: number;
    }
  | {
      readonly kind:
        | 'approval-added'
        | 'approval-gone'
        | 'key-withdrawn'
        | 'key-ended'
        | 'signer-known'
        | 'signer-unknown';
      readonly who: string;
    }
  | { readonly kind: 'counts' | 'counts-no-more'; readonly who: string; readonly role: string }
  | { readonly kind: 'out-of-date'; readonly role: string }
  | { readonly kind: 'check'; readonly title: string }
  | { readonly kind: 'trust-changed' }
  | { readonly kind: 'tool'; readonly before: string; readonly now: string }
  | { readonly kind: 'time' };

/**
 * Why the later of two verdicts on the same bytes may differ from the earlier one; the most telling reasons first.
 * Empty only when nothing that is remembered differs.
 */
export function whatChanged(before: Standing, now: Standing): readonly Reason[] {
  const ended = now.roles
    .filter(({ role, state }) => state === 'expired' && roleOf(before, role)?.state === 'met')
    .map(({ role }) => role);
  // "Too old" says more than "counts no more".
  const approvals = approvalReasons(before, now).filter(
    (reason) => reason.kind !== 'counts-no-more' || !ended.includes(reason.role),
  );
  const old = ended.map((role): Reason => ({ kind: 'out-of-date', role }));
  const telling = [...ruleReasons(before, now), ...approvals, ...(approvals.length === 0 ? old : [])];
  return [...telling, ...backgroundReasons(before, now, telling.length > 0)];
}

function ruleReasons(before: Standing, now: Standing): readonly Reason[] {
  const [was, is] = [before.judged.rule, now.judged.rule];
  if (was === null && is === null) return [];
  if (was === null) return [{ kind: 'rule-given', rule: is?.name ?? '' }];
  if (is === null) return [{ kind: 'rule-gone', rule: was.name }];
  if (was.name !== is.name) return [{ kind: 'rule-other', before: was.name, now: is.name }];
  const added = is.roles.filter(({ role }) => !was.roles.some((each) => each.role === role));
  const removed = was.roles.filter(({ role }) => !is.roles.some((each) => each.role === role));
  return [
    ...added.map(({ role }): Reason => ({ kind: 'role-added', role, rule: is.name })),
    ...removed.map(({ role }): Reason => ({ kind: 'role-removed', role, rule: is.name })),
    ...is.roles.flatMap(({ role, threshold }): readonly Reason[] => {
      const old = was.roles.find((each) => each.role === role)?.threshold;
      return old === undefined || old === threshold
        ? []
        : [{ kind: 'threshold', role, before: old, now: threshold }];
    }),
  ];
}

function approvalReasons(before: Standing, now: Standing): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const later of now.approvals) {
    const earlier = twin(before.approvals, later);
    if (earlier === undefined) reasons.push({ kind: 'approval-added', who: whoOf(later) });
    else reasons.push(...signerReasons(earlier, later));
  }
  for (const earlier of before.approvals)
    if (twin(now.approvals, earlier) === undefined)
      reasons.push({ kind: 'approval-gone', who: whoOf(earlier) });
  return reasons;
}

function signerReasons(earlier: StandingApproval, later: StandingApproval): readonly Reason[] {
  if (earlier.person !== null && later.person === null)
    return [{ kind: 'signer-unknown', who: earlier.person }];
  if (earlier.person === null && later.person !== null) return [{ kind: 'signer-known', who: later.person }];
  if (earlier.keyState !== later.keyState && later.keyState === 'withdrawn')
    return [{ kind: 'key-withdrawn', who: whoOf(later) }];
  if (earlier.keyState !== later.keyState && later.keyState === 'expired')
    return [{ kind: 'key-ended', who: whoOf(later) }];
  const who = whoOf(later);
  const lost = earlier.counts.filter((role) => !later.counts.includes(role));
  const won = later.counts.filter((role) => !earlier.counts.includes(role));
  return [
    ...lost.map((role): Reason => ({ kind: 'counts-no-more', who, role })),
    ...won.map((role): Reason => ({ kind: 'counts', who, role })),
  ];
}

/** What stands behind the rest, told when it adds something. */
function backgroundReasons(before: Standing, now: Standing, explained: boolean): readonly Reason[] {
  const failed = now.open
    .filter(({ id, status }) => before.open.find((each) => each.id === id)?.status !== status)
    .filter(({ status }) => status === 'fail' || status === 'could-not-check')
    .map(({ title }): Reason => ({ kind: 'check', title }));
  const tool = versionOf(before) === versionOf(now) ? [] : [toolReason(before, now)];
  if (explained) return tool;
  const trust: readonly Reason[] = digestsOf(before) === digestsOf(now) ? [] : [{ kind: 'trust-changed' }];
  const known = [...trust, ...tool, ...failed];
  if (known.length > 0 || before.code === now.code) return known;
  return [{ kind: 'time' }];
}

function toolReason(before: Standing, now: Standing): Reason {
  return { kind: 'tool', before: versionOf(before), now: versionOf(now) };
}

function versionOf({ judged: { tool } }: Standing): string {
  return `${tool.version} (${tool.build})`;
}

function digestsOf({ judged: { trust } }: Standing): string {
  return trust
    .map(({ sha256 }) => sha256)
    .sort()
    .join(' ');
}

function roleOf({ roles }: Standing, name: string): StandingRole | undefined {
  return roles.find(({ role }) => role === name);
}

/** The same approval in the other report: same key, same claimed role, same decision. */
function twin(others: readonly StandingApproval[], one: StandingApproval): StandingApproval | undefined {
  return others.find(
    (each) =>
      each.fingerprint === one.fingerprint && each.role === one.role && each.declined === one.declined,
  );
}

function whoOf({ person, fingerprint }: StandingApproval): string {
  return person ?? fingerprint ?? '?';
}
