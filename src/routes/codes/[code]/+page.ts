import { error } from '@sveltejs/kit';
import { explanations } from '../../../core/generated/explanations';
import { catalogue, type CatalogueEntry } from '../../../core/generated/messages';
import { verdictPages, type VerdictPage } from '../../../core/report/verdictPages';
import { verdictRows, type VerdictRow } from '../../../core/report/verdicts';
import type { EntryGenerator, PageLoad } from './$types';

/** Every code has a page of its own that never moves. */
export const entries: EntryGenerator = () => [
  ...verdictRows.map(({ code }) => ({ code })),
  ...Object.keys(catalogue).map((code) => ({ code })),
];

export interface CodePage {
  readonly code: string;
  readonly verdict: (VerdictRow & VerdictPage) | null;
  readonly finding: (CatalogueEntry & { readonly explanation: string }) | null;
}

export const load: PageLoad = ({ params: { code } }): CodePage => {
  const row = verdictRows.find((one) => one.code === code);
  const verdict = row === undefined ? null : { ...row, ...verdictPages[row.code] };
  const entry = (catalogue as Readonly<Record<string, CatalogueEntry | undefined>>)[code];
  if (verdict === null && entry === undefined) error(404, `There is no code ${code}.`);
  const finding = entry === undefined ? null : { ...entry, explanation: explanations[code] ?? '' };
  return { code, verdict, finding };
};
