import { readTyped, step, type DocumentSource, type TypedDocument } from '../documents/readDocument.js';
import type { PlanDocument } from '../generated/plan.js';
import { validate as validatePlan } from '../generated/plan.validate.js';
import type { Finding, Place } from '../generated/report.js';
import type { SpecDocument } from '../generated/spec.js';
import type { SpecLockDocument } from '../generated/spec-lock.js';
import { validate as validateLock } from '../generated/spec-lock.validate.js';
import { validate as validateSpec } from '../generated/spec.validate.js';
import { finding } from '../messages/finding.js';

/** All or nothing: null with any error. Warnings leave the value usable. */
export interface Reading<T> {
  readonly value: T | null;
  readonly findings: readonly Finding[];
}

/** Reads `spec.yaml` and names what a lock of it would not cover. Attacker-controlled; never throws. */
export function readSpec(source: DocumentSource): Reading<SpecDocument> {
  const { value, findings } = readSpecWithPlaces(source);
  return { value, findings };
}

/** {@link readSpec} with the place of each part: `placeOf` takes an RFC 6901 pointer. */
export function readSpecWithPlaces(
  source: DocumentSource,
): Reading<SpecDocument> & { readonly placeOf: (pointer: string) => Place } {
  const nowhere = (): Place => ({});
  const read = readTyped<SpecDocument>(source, validateSpec);
  if ('findings' in read) return { value: null, findings: read.findings, placeOf: nowhere };
  const ids = read.document.features.map(({ id }) => id);
  const repeated = repeatedNames(ids, '/features', read);
  if (repeated.length > 0) return { value: null, findings: repeated, placeOf: nowhere };
  return { value: read.document, findings: uncovered(read), placeOf: read.placeOf };
}

/** Reads `spec.lock.json`. Attacker-controlled; never throws. */
export function readLock(source: DocumentSource): Reading<SpecLockDocument> {
  const read = readTyped<SpecLockDocument>(asJson(source), validateLock);
  return 'findings' in read
    ? { value: null, findings: read.findings }
    : { value: read.document, findings: [] };
}

/** Reads `plan.json`. Attacker-controlled; never throws. */
export function readPlan(source: DocumentSource): Reading<PlanDocument> {
  const read = readTyped<PlanDocument>(asJson(source), validatePlan);
  if ('findings' in read) return { value: null, findings: read.findings };
  const ids = read.document.tasks.map(({ id }) => id);
  const repeated = repeatedNames(ids, '/tasks', read);
  return repeated.length > 0 ? { value: null, findings: repeated } : { value: read.document, findings: [] };
}

function asJson(source: DocumentSource): DocumentSource {
  return source.name.endsWith('.json') ? source : { ...source, name: `${source.name}.json` };
}

function repeatedNames(
  names: readonly string[],
  pointer: string,
  { placeOf }: TypedDocument<unknown>,
): Finding[] {
  const seen = new Set<string>();
  return names.flatMap((name, at) => {
    const again = seen.has(name);
    seen.add(name);
    return again
      ? [finding('document-repeated', { name }, { where: placeOf(`${pointer}${step(at)}/id`) })]
      : [];
  });
}

const UNCOVERED = ['goals', 'non_functional', 'acceptance', 'milestones'] as const;

function uncovered({ document, placeOf }: TypedDocument<SpecDocument>): Finding[] {
  const fields = UNCOVERED.filter((name) => document[name] !== undefined).map((name) => `/${name}`);
  const refs = document.features.flatMap(({ refs }, at) =>
    refs === undefined ? [] : [`/features/${at}/refs`],
  );
  return [...fields, ...refs]
    .slice(0, 50)
    .map((field) => finding('spec-uncovered', { field }, { where: placeOf(field) }));
}
