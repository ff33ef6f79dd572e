import { subjectOf, type ApprovalSubject } from '../../core/approve';
import type { Finding, InputReport, Report } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import { selectRule } from '../../core/trust/selectRule';
import type { Rule, Trust } from '../../core/trust/trust';
import type { NamedDocument } from '../../engine/engine';
import { engine } from '$lib/engine';
import { requestOf } from './queue.svelte';
import { trustFile, trustState } from './trust.svelte';

/** A bundle judged here and now, by the engine that judges everything. */
export interface Judgement {
  readonly file: File;
  readonly report: Report;
  readonly input: InputReport;
  readonly loose: readonly NamedDocument[];
}

/** Judges under the trust list and the rule of now. @throws when the engine cannot work; null for a supplement. */
export async function judge(
  file: File,
  loose: readonly NamedDocument[] = [],
  signal?: AbortSignal,
): Promise<Judgement | null> {
  const request = requestOf([{ name: file.name, source: file }], loose);
  const report = await (await engine()).verify(request, signal === undefined ? {} : { signal });
  const input = report.inputs[0];
  return input === undefined ? null : { file, report, input, loose };
}

/** The trust list and the rule in use, as the core reads them. */
export function inForce(): { readonly trust: Trust | null; readonly rule: Rule | null } {
  const trust = trustFile()?.trust ?? null;
  const { ruleName } = trustState();
  return { trust, rule: selectRule(trust, ruleName ?? undefined).rule };
}

/** What can be approved, or why nothing can. A bundle that is unreadable or changed stops here. */
export function approvable(
  input: InputReport,
): { readonly subject: ApprovalSubject } | { readonly findings: readonly Finding[] } {
  const { look } = input.verdict;
  const read = subjectOf(input);
  // A bundle whose bytes hold may be rejected for its approvals: then a new approval is what it needs.
  if ('findings' in read || look !== 'unreadable') return read;
  return { findings: [finding('approve-bundle-not-sound', {})] };
}
