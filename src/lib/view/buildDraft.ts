import type { BuildDraft } from '../../store/drafts';
import { emptyForm, type BuildForm } from './build';

const LEVELS: readonly string[] = ['', 'L1', 'L2', 'L3', 'L4'] satisfies readonly BuildForm['level'][];

/**
 * The choices as they are kept; null when nothing was chosen. What is as the project was opened (`fresh`) is not
 * kept: when the lock names a new version tomorrow, that one counts. `earlier`: reasons of an earlier visit that are
 * still only offered.
 */
export function draftOf(
  form: BuildForm,
  fresh: BuildForm,
  earlier: Readonly<Record<string, string>>,
  at: string,
): BuildDraft | null {
  const { seed, reasons: given, ...plain } = form;
  const own = (name: 'id' | 'version' | 'created'): string | null =>
    form[name] === fresh[name] ? null : form[name];
  const reasons = Object.entries({ ...earlier, ...given }).map(([place, why]) => ({ place, why }));
  const draft = {
    ...plain,
    ...{ id: own('id'), version: own('version'), created: own('created') },
    reasons,
    seedName: seed?.name ?? null,
  };
  const nothing: Omit<BuildDraft, 'at'> = { ...emptyForm, ...NOTHING };
  const differs = (Object.keys(draft) as (keyof typeof draft)[]).some(
    (name) => JSON.stringify(draft[name]) !== JSON.stringify(nothing[name]),
  );
  return differs ? { ...draft, at } : null;
}

const NOTHING = { id: null, version: null, created: null, reasons: [], seedName: null } as const;

/** What a draft puts into the form. Reasons are not among it: each is given again, beside what it is about. */
export function formOfDraft(draft: BuildDraft): Partial<BuildForm> {
  const { id, version, created, level, roles, description, metadata, include, exclude, external } = draft;
  return {
    ...(id === null ? {} : { id }),
    ...(version === null ? {} : { version }),
    ...(created === null ? {} : { created }),
    level: (LEVELS.includes(level) ? level : '') as BuildForm['level'],
    ...{ roles, description, metadata, include, exclude, external },
    putIn: draft.putIn,
    leftOut: draft.leftOut,
  };
}

export function reasonsOfDraft({ reasons }: BuildDraft): Readonly<Record<string, string>> {
  return Object.fromEntries(reasons.map(({ place, why }) => [place, why]));
}
