import type { CatalogueEntry } from '../generated/messages.js';
import type { Finding, Place, Severity } from '../generated/report.js';
import { inert } from './inert.js';
import type { Said } from './say.js';

/** What differs between two findings of one code. `expected` and `found` may hold hostile text: it is made inert here. */
export interface FindingDetail {
  readonly where?: Place;
  readonly expected?: string | Said;
  readonly found?: string | Said;
  /** Parameters that are sentences of ours; `params` holds their English. */
  readonly says?: Readonly<Record<string, Said>>;
  /** Only where the catalogue's severity does not fit, for example an ignored extra approval. */
  readonly severity?: Severity;
}

/** A finding by its entry of the catalogue. Parameters are mostly attacker-controlled: they are made inert here. */
export function findingOf(
  code: string,
  entry: CatalogueEntry,
  params: Record<string, string | number>,
  detail: FindingDetail = {},
): Finding {
  const shown = inertParams(params);
  return {
    code,
    class: entry.class,
    severity: detail.severity ?? entry.severity,
    axis: entry.axis,
    where: inertPlace(detail.where ?? {}),
    message: fill(entry.message, shown),
    ...(detail.expected === undefined ? {} : { expected: inert(textOf(detail.expected)) }),
    ...(detail.found === undefined ? {} : { found: inert(textOf(detail.found)) }),
    cause: fill(entry.cause, shown),
    action: fill(entry.action, shown),
    params: shown,
    ...sayings(detail),
  };
}

function textOf(value: string | Said): string {
  return typeof value === 'string' ? value : value.text;
}

function sayings({ says, expected, found }: FindingDetail): Pick<Finding, 'says'> {
  const all = Object.entries({ ...says, expected, found }).flatMap(([name, one]) =>
    typeof one === 'object' ? [[name, one.saying] as const] : [],
  );
  return all.length === 0 ? {} : { says: Object.fromEntries(all) };
}

function inertParams(params: Record<string, string | number>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? inert(value) : value]),
  );
}

function inertPlace(where: Place): Place {
  return Object.fromEntries(
    Object.entries(where).map(([name, value]) => [name, typeof value === 'string' ? inert(value) : value]),
  );
}

function fill(template: string, params: Record<string, string | number>): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
