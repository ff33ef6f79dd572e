import type { ApplyAction, ApplyDecision, ApplyPlan, PlannedFile } from '../core/apply.js';
import type { InputReport } from '../core/generated/report.js';
import { claim, line, plural, sizeWords } from './words.js';

export interface AppliedView {
  readonly input: InputReport;
  readonly plan: ApplyPlan;
  /** null when there is nothing to write. */
  readonly decision: ApplyDecision | null;
  readonly dir: string;
  readonly written: boolean;
  /** Conflicts that nobody has decided. */
  readonly undecided: readonly PlannedFile[];
}

const SHOWN = 200;
const WORDS: Readonly<Record<ApplyAction, string>> = {
  create: 'create   ',
  update: 'update   ',
  unchanged: 'unchanged',
  conflict: 'conflict ',
};

/** The plan for people, the counts first. */
export function applyText(view: AppliedView): string {
  const { input, plan, decision, dir } = view;
  const { bundle, verdict } = input;
  const { create, update, unchanged, conflict } = plan.counts;
  const rows = plan.files.filter(({ action }) => action !== 'unchanged');
  const kept = new Set(decision?.kept ?? []);
  return [
    `${claim(bundle?.id ?? '')} ${claim(bundle?.version ?? '')}, ${verdict.code}: ${line(verdict.headline)}`,
    `Into ${claim(dir, 400)}: ${create} to create, ${update} to update, ${unchanged} unchanged, ${plural(conflict, 'conflict')}`,
    ...rows.slice(0, SHOWN).map((file) => fileLine(file, kept.has(file.path))),
    ...(rows.length > SHOWN ? [`  and ${rows.length - SHOWN} more; --json lists all`] : []),
    ...list(
      'Listed by the bundle, but not written (its bytes are elsewhere, or it is a record)',
      plan.notWritten,
    ),
    ...list('Left as they are; the last bundle wrote them, this one does not have them', plan.leftOver),
    outcome(view),
    '',
  ].join('\n');
}

function fileLine({ path, size, action, now }: PlannedFile, kept: boolean): string {
  const there = now === null ? '' : `, ${sizeWords(now.size)} there now`;
  const note = action === 'conflict' ? '; edited, or not from a bundle' : '';
  return `  ${WORDS[action]}  ${claim(path)}  ${sizeWords(size)}${there}${note}${kept && action !== 'conflict' ? '; kept' : ''}`;
}

function list(title: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > SHOWN ? [`    and ${paths.length - SHOWN} more`] : [];
  return [`  ${title}:`, ...paths.slice(0, SHOWN).map((path) => `    ${claim(path)}`), ...more];
}

function outcome({ decision, written, undecided, dir }: AppliedView): string {
  if (undecided.length > 0)
    return (
      `Nothing was written: ${plural(undecided.length, 'file')} in the folder would be lost. ` +
      'Say --overwrite P or --keep P for each, or --yes for all.'
    );
  if (decision === null) return 'Nothing to write: the folder has this bundle already.';
  const files = plural(decision.journal.steps.length - 1, 'file');
  const kept = decision.kept.length === 0 ? '' : `, ${decision.kept.length} kept as they were`;
  if (!written) return `Nothing was written. Without --dry-run: ${files}${kept}.`;
  return `Written: ${files}${kept}. To take it back: countersign apply --dir ${claim(dir, 400)} --undo`;
}

/** What a bundle that is not confirmed still needs: the words of its own verdict. */
export function notConfirmedText({ verdict, roles }: InputReport): string {
  const missing = roles.filter(({ state }) => state !== 'met').map(({ role }) => claim(role, 40));
  return [
    `${verdict.code}: ${line(verdict.headline)}`,
    ...(missing.length === 0 ? [] : [`  still missing: ${missing.join(', ')}`]),
    `  ${line(verdict.next)}`,
    '  To apply it all the same: --unconfirmed "why". The reason is written into .specular/bundle.info.',
    '',
  ].join('\n');
}

export function decisionJson({ input, plan, decision, dir, written, undecided }: AppliedView): unknown {
  const { bundle, bundleDigest, verdict } = input;
  const kept = new Set(decision?.kept ?? []);
  return {
    id: bundle?.id ?? null,
    version: bundle?.version ?? null,
    bundleDigest,
    verdict: { code: verdict.code, look: verdict.look },
    dir,
    counts: plan.counts,
    files: plan.files.map((file) => ({ ...file, kept: kept.has(file.path) })),
    notWritten: plan.notWritten,
    leftOver: plan.leftOver,
    undecided: undecided.map(({ path }) => path),
    written,
  };
}
