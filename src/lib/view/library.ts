import type { Look } from '../../core/generated/report';
import { whatChanged, type Reason } from '../../core/report/changed';
import type { Standing } from '../../core/report/standing';
import type { LibraryItem } from '../../store/library';
import { t } from '$lib/state/locale.svelte';
import type { TextKey } from '$lib/strings/en';
import { formatDate } from './format';
import { looks } from './report';

/** At most so many reasons stand in one sentence; more would not be read. */
const REASONS_SHOWN = 2;

/** "On 3 Oct 2026 this was … Now …, because …". Holds text of the bundle's file names and roles: shown as hostile. */
export function changeSentence(before: Standing, now: Standing): string {
  const reasons = whatChanged(before, now).slice(0, REASONS_SHOWN).map(reasonText);
  const [first = t('library.why.unknown'), second] = reasons;
  return t('library.changed', {
    date: formatDate(before.judged.at),
    before: before.headline,
    now: now.headline,
    why: second === undefined ? first : t('library.why.and', { first, second }),
  });
}

function reasonText({ kind, ...params }: Reason): string {
  // Each kind has a text with exactly its own values; a test goes through all of them.
  const say = t as (key: TextKey, values: Readonly<Record<string, string | number>>) => string;
  return say(`library.why.${kind}`, params);
}

/** What the list shows. */
export interface Filter {
  readonly text: string;
  readonly look: Look | 'unjudged' | 'changed' | null;
  readonly tag: string | null;
}

export const noFilter: Filter = { text: '', look: null, tag: null };

export function filterItems(items: readonly LibraryItem[], { text, look, tag }: Filter): LibraryItem[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter(
    (item) =>
      (tag === null || item.tags.includes(tag)) &&
      (look === null || isOf(item, look)) &&
      words.every((word) => wordsOf(item).some((each) => each.toLowerCase().includes(word))),
  );
}

function isOf(item: LibraryItem, look: NonNullable<Filter['look']>): boolean {
  if (look === 'unjudged') return item.verdict === null;
  return look === 'changed' ? item.before !== null : item.verdict?.look === look;
}

function wordsOf(item: LibraryItem): readonly string[] {
  const people = item.standing?.approvals.flatMap(({ person }) => person ?? []) ?? [];
  return [
    item.name,
    item.id ?? '',
    item.version ?? '',
    item.archiveDigest,
    item.bundleDigest ?? '',
    item.verdict?.code ?? '',
    ...item.tags,
    ...people,
  ];
}

/** How many there are of each, worst look first; without those of which there are none. */
export function countLooks(
  items: readonly LibraryItem[],
): readonly { readonly look: Look; readonly n: number }[] {
  return looks
    .map((look) => ({ look, n: items.filter((item) => item.verdict?.look === look).length }))
    .filter(({ n }) => n > 0);
}

export function tagsOf(items: readonly LibraryItem[]): readonly string[] {
  return [...new Set(items.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b));
}

/** Approvals counted and needed; null when no role is asked for. */
export function tallyOf(standing: Standing | null): { readonly met: number; readonly needed: number } | null {
  if (standing === null || standing.roles.length === 0) return null;
  return {
    met: standing.roles.reduce((sum, { met, threshold }) => sum + Math.min(met.length, threshold), 0),
    needed: standing.roles.reduce((sum, { threshold }) => sum + threshold, 0),
  };
}
