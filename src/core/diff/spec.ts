import type { DiffFile, DiffLine } from '../generated/diff.js';
import type { SpecDocument } from '../generated/spec.js';
import type { DocumentPair, Known, KnownSpec } from './documents.js';
import { diffLine, listed, weakerFirst } from './line.js';
import { bytesDiffer, pathOf } from './pair.js';
import { byDigest } from './rules.js';
import { listLines, textLine, type Wording } from './specTexts.js';

type Feature = SpecDocument['features'][number];

/** Lines of one specification; beyond them its text has to be read. */
const LINES_MAX = 500;

/** What is to be built and when it is accepted, in the specification's own terms. Attacker-controlled; never throws. */
export function specLines(pairs: readonly DocumentPair[]): DiffLine[] {
  return pairs.flatMap((pair) => {
    const path = pathOf(pair.file);
    const lines = weakerFirst(linesOf(pair).map((line) => ({ ...line, path })));
    if (lines.length <= LINES_MAX) return lines;
    const more = diffLine('more', 'changed', path, `${path}: ${lines.length - LINES_MAX} more differences`, {
      why: 'Read its text.',
      path,
    });
    return [...lines.slice(0, LINES_MAX), more];
  });
}

const WHAT = ' (specification)';

function linesOf(pair: DocumentPair): DiffLine[] {
  const { file, before, after } = pair;
  if (before?.kind !== 'spec' && after?.kind !== 'spec') return [];
  const [old, now] = [specOf(before), specOf(after)];
  const whole = (why: string | null): DiffLine[] => [byDigest(file, why, 'changed', WHAT)];
  if (file.after === null) return whole('Nothing says any more what is to be built and when it is accepted.');
  if (now === null)
    return whole(
      after?.kind === 'spec'
        ? `It cannot be used as a specification: ${after.problem}`
        : 'It is no longer a specification.',
    );
  if (file.before === null) return whole('Read it whole: there is nothing to compare it with.');
  if (old === null) return whole('Before, it could not be used as a specification.');
  const lines = specDiff(old.spec, now.spec, (pointer) => now.lineOf(pointer));
  if (lines.length === 0 && bytesDiffer(file))
    return whole('It says the same; only its writing or order differs.');
  return [...movedLine(file), ...lines];
}

function movedLine(file: DiffFile): DiffLine[] {
  return file.kind === 'renamed' ? [byDigest(file, null, 'changed', WHAT)] : [];
}

function specOf(known: Known | null): KnownSpec | null {
  return known?.kind === 'spec' ? known.known : null;
}

/** One line for each difference. `lineOf`: line of a place (RFC 6901 pointer) in the newer file, or null. */
export function specDiff(
  before: SpecDocument,
  after: SpecDocument,
  lineOf: (pointer: string) => number | null,
): DiffLine[] {
  const at = (line: DiffLine, pointer: string): DiffLine => ({ ...line, line: lineOf(pointer) });
  const list = (
    wording: Wording,
    old: readonly string[] | undefined,
    now: readonly string[] | undefined,
    pointer: string,
  ): DiffLine[] => {
    const lines = listLines(wording, old ?? [], now ?? []);
    return now === undefined ? lines : lines.map((line) => at(line, pointer));
  };
  const needs = (name: 'performance' | 'security' | 'scalability' | 'availability'): DiffLine[] =>
    list(
      { kind: 'non-functional', what: `Demand on ${name}`, about: `non_functional.${name}`, demand: true },
      before.non_functional?.[name],
      after.non_functional?.[name],
      `/non_functional/${name}`,
    );
  return [
    ...textLine('product', 'product', 'Product', before.product, after.product).map((line) =>
      at(line, '/product'),
    ),
    ...featureLines(before.features, after.features, at),
    ...list(ACCEPTANCE, before.acceptance, after.acceptance, '/acceptance'),
    ...(['security', 'availability', 'performance', 'scalability'] as const).flatMap(needs),
    ...list(GOALS, before.goals, after.goals, '/goals'),
    ...milestoneLines(before.milestones ?? [], after.milestones ?? []).map((line) =>
      after.milestones === undefined ? line : at(line, '/milestones'),
    ),
  ];
}

const ACCEPTANCE: Wording = {
  kind: 'acceptance',
  what: 'Acceptance criterion',
  about: 'acceptance',
  demand: true,
};
const GOALS: Wording = { kind: 'goal', what: 'Goal', about: 'goals', demand: false };

// --- Features ------------------------------------------------------------------------------------------------------

type Place = (line: DiffLine, pointer: string) => DiffLine;

/** By id. One that got another id and says the same otherwise is told as such, as its lock is lost. */
function featureLines(olds: readonly Feature[], news: readonly Feature[], at: Place): DiffLine[] {
  const before = new Map(olds.map((feature) => [feature.id, feature]));
  const places = new Map(news.map((feature, place) => [feature.id, { feature, place }]));
  const gone = olds.filter(({ id }) => !places.has(id));
  const come = news.filter(({ id }) => !before.has(id));
  const byContent = new Map(come.map((feature) => [contentOf(feature), feature]));
  const renamed = new Map<Feature, Feature>();
  const taken = new Set<Feature>();
  for (const old of gone) {
    const now = byContent.get(contentOf(old));
    if (now === undefined || taken.has(now)) continue;
    renamed.set(old, now);
    taken.add(now);
  }
  const pointer = (id: string): string => `/features/${places.get(id)?.place ?? 0}`;
  return [
    ...gone.filter((old) => !renamed.has(old)).map(removedLine),
    ...come.filter((now) => !taken.has(now)).map((now) => at(addedLine(now), pointer(now.id))),
    ...[...renamed].map(([old, now]) => at(renamedLine(old, now), pointer(now.id))),
    ...news.flatMap((now) => {
      const old = before.get(now.id);
      return old === undefined ? [] : changedLines(old, now).map((line) => at(line, pointer(now.id)));
    }),
  ];
}

/** Everything but the id. */
function contentOf({ title, desc, priority, success, api, trace, refs }: Feature): string {
  return JSON.stringify([title, desc, priority, success, api?.map(entryPoint), trace, refs]);
}

function summary({ title, priority, success }: Feature): string {
  return `${title} (${priority}; success: ${listed(success, 'nothing')})`;
}

function removedLine(feature: Feature): DiffLine {
  return diffLine('feature-removed', 'changed', feature.id, `Feature ${feature.id} removed`, {
    before: summary(feature),
    after: 'not there',
    why: 'What was to be built is not asked for any more.',
  });
}

function addedLine(feature: Feature): DiffLine {
  return diffLine('feature-added', 'changed', feature.id, `Feature ${feature.id} added`, {
    before: 'not there',
    after: summary(feature),
  });
}

function renamedLine(old: Feature, now: Feature): DiffLine {
  return diffLine('feature-renamed', 'changed', now.id, `Feature ${old.id} is called ${now.id} now`, {
    before: old.id,
    after: now.id,
    why: 'Tasks and locks that name the older id lose it.',
  });
}

function changedLines(old: Feature, now: Feature): DiffLine[] {
  const { id } = now;
  const text = (field: string, was: string, is: string): DiffLine[] =>
    textLine('feature', id, `Feature ${id}: ${field}`, was, is);
  const list = (what: string, was?: readonly string[], is?: readonly string[], demand = false): DiffLine[] =>
    listLines(
      { kind: 'feature-part', what: `Feature ${id}: ${what}`, about: id, demand },
      was ?? [],
      is ?? [],
    );
  return [
    ...list('success criterion', old.success, now.success, true),
    ...text('priority', old.priority, now.priority),
    ...text('title', old.title, now.title),
    ...text('description', old.desc, now.desc),
    ...list('entry point', old.api?.map(entryPoint), now.api?.map(entryPoint)),
    ...list('requirement that it answers', old.trace, now.trace),
    ...list('further reading', old.refs, now.refs),
  ];
}

function entryPoint({ method, path, request, response }: NonNullable<Feature['api']>[number]): string {
  const types = [request, response].map((type) => type ?? 'nothing').join(' to ');
  return request === undefined && response === undefined
    ? `${method} ${path}`
    : `${method} ${path} (${types})`;
}

// --- Milestones ----------------------------------------------------------------------------------------------------

type Milestone = NonNullable<SpecDocument['milestones']>[number];

/** By id; of two with one id the first counts, and the text below tells the rest. */
function milestoneLines(olds: readonly Milestone[], news: readonly Milestone[]): DiffLine[] {
  const first = (some: readonly Milestone[]): Map<string, Milestone> =>
    new Map(some.toReversed().map((one) => [one.id, one]));
  const [before, after] = [first(olds), first(news)];
  return [...new Set([...olds, ...news].map(({ id }) => id))].flatMap((id) => {
    const [was, is] = [before.get(id), after.get(id)].map(milestoneWords);
    if (was === is) return [];
    const kind = was === undefined ? '-added' : is === undefined ? '-removed' : '';
    return [
      diffLine(`milestone${kind}`, 'changed', id, `Milestone ${id}`, {
        before: was ?? 'not there',
        after: is ?? 'not there',
      }),
    ];
  });
}

function milestoneWords(milestone: Milestone | undefined): string | undefined {
  if (milestone === undefined) return undefined;
  const { name, feature_ids, target_date, description } = milestone;
  const when = target_date === undefined ? '' : `, ${target_date}`;
  return `${name}${when}: ${feature_ids.join(', ')}${description === undefined ? '' : ` (${description})`}`;
}
