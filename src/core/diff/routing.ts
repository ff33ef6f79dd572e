import type { DiffLine } from '../generated/diff.js';
import type { RoutingDocument } from '../generated/routing.js';
import type { DocumentPair, Known } from './documents.js';
import { diffLine, weakerFirst } from './line.js';
import { isRoutingFile } from './names.js';
import { bytesDiffer, pathOf } from './pair.js';
import { byDigest, kindOf } from './rules.js';

type Provider = RoutingDocument['providers'][number];

/** Which models are used, where data goes, what a run may cost. */
export function routingLines(pairs: readonly DocumentPair[]): DiffLine[] {
  return weakerFirst(
    pairs.flatMap((pair) => {
      const path = pathOf(pair.file);
      return linesOf(pair).map((line) => ({ ...line, path }));
    }),
  );
}

function linesOf(pair: DocumentPair): DiffLine[] {
  const { file, before, after } = pair;
  const kind = kindOf(pair);
  if (kind !== 'routing') {
    const named = [file.before?.path, file.after?.path].some(
      (path) => path !== undefined && isRoutingFile(path),
    );
    return kind === 'other' && named ? [byDigest(file, WHY_OPAQUE)] : [];
  }
  const [old, now] = [routingOf(before), routingOf(after)];
  if (after?.kind === 'routing' && now === null)
    return [byDigest(file, `It cannot be used as routing: ${after.problem}`, 'changed', ' (routing)')];
  if (now === null || old === null) return [byDigest(file, WHY_WHOLE, 'changed', ' (routing)')];
  const lines = [...providerLines(old, now), ...settingLines(old, now)];
  const whole = file.kind === 'renamed' || (lines.length === 0 && bytesDiffer(file));
  return [...(whole ? [byDigest(file, null, 'changed', ' (routing)')] : []), ...lines];
}

const WHY_OPAQUE =
  'Its name says that it chooses models. What it says is not understood here: read its text.';
const WHY_WHOLE = 'Read it whole: there is nothing to compare it with.';
const WHY_PROVIDER = 'Data may go to a provider that could not have it before.';
const WHY_ADDRESS = 'Data goes to another address under the same name.';
const WHY_MODEL = 'Another model gives the answers, and another one sees the data.';

function routingOf(known: Known | null): RoutingDocument | null {
  return known?.kind === 'routing' ? known.routing : null;
}

/** Of two entries with one name the first counts for comparing; the others are told as entries of their own. */
function byName(routing: RoutingDocument): Map<string, Provider> {
  const found = new Map<string, Provider>();
  const seen = new Map<string, number>();
  for (const provider of routing.providers as readonly Provider[]) {
    const n = (seen.get(provider.name) ?? 0) + 1;
    seen.set(provider.name, n);
    found.set(n === 1 ? provider.name : `${provider.name} (entry ${n})`, provider);
  }
  return found;
}

function providerLines(before: RoutingDocument, after: RoutingDocument): DiffLine[] {
  const olds = byName(before);
  const news = byName(after);
  return [...new Set([...olds.keys(), ...news.keys()])].flatMap((name) =>
    providerLine(name, olds.get(name), news.get(name)),
  );
}

function providerLine(name: string, was: Provider | undefined, is: Provider | undefined): DiffLine[] {
  const make = (
    kind: string,
    effect: DiffLine['effect'],
    text: string,
    before: string,
    after: string,
    why: string | null,
  ): DiffLine => diffLine(kind, effect, name, `Provider ${name}: ${text}`, { before, after, why });
  if (was === undefined && is === undefined) return [];
  const [usedBefore, usedAfter] = [was?.enabled === true, is?.enabled === true];
  const lines: DiffLine[] = [];
  if (useOf(was) !== useOf(is)) {
    const effect = usedAfter && !usedBefore ? 'weaker' : usedBefore && !usedAfter ? 'stronger' : 'changed';
    lines.push(
      make(
        'provider',
        effect,
        'may be used',
        useOf(was),
        useOf(is),
        effect === 'weaker' ? WHY_PROVIDER : null,
      ),
    );
  }
  if (was === undefined || is === undefined) {
    const [old, now] = [modelsOf(was), modelsOf(is)];
    lines.push(make('models', 'changed', 'models', old, now, null));
    if (is?.base_url !== undefined)
      lines.push(make('address', 'changed', 'address', 'none', is.base_url, null));
    return lines;
  }
  if ((was.base_url ?? '') !== (is.base_url ?? ''))
    lines.push(
      make(
        'address',
        'weaker',
        'address',
        was.base_url ?? 'its usual one',
        is.base_url ?? 'its usual one',
        WHY_ADDRESS,
      ),
    );
  if (keyWords(was.api_key) !== keyWords(is.api_key))
    lines.push(make('key', 'changed', 'key', keyWords(was.api_key), keyWords(is.api_key), null));
  else if ((was.api_key ?? '') !== (is.api_key ?? ''))
    lines.push(
      make('key', 'changed', 'key', keyWords(was.api_key), `another one: ${keyWords(is.api_key)}`, null),
    );
  for (const use of [...new Set([...Object.keys(was.models), ...Object.keys(is.models)])].sort()) {
    const [old, now] = [own(was.models, use), own(is.models, use)];
    if (old !== now) lines.push(make('model', 'changed', `model for ${use}`, old, now, WHY_MODEL));
  }
  return lines;
}

function useOf(provider: Provider | undefined): string {
  return provider === undefined ? 'not there' : provider.enabled ? 'yes' : 'no (switched off)';
}

function modelsOf(provider: Provider | undefined): string {
  if (provider === undefined) return 'none';
  const models = Object.entries(provider.models).map(([use, model]) => `${use}: ${model}`);
  return models.length === 0 ? 'none' : models.join(', ');
}

/** A key itself is never repeated. */
function keyWords(key: string | undefined): string {
  if (key === undefined || key === '') return 'none';
  return /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(key) ? key : 'stands in the file';
}

function own(map: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(map, name) ? (map[name] ?? 'none') : 'none';
}

const SETTINGS: readonly {
  readonly field: keyof RoutingDocument;
  readonly text: string;
  readonly more?: true;
}[] = [
  { field: 'budget_usd', text: 'Most that a run may cost, in US dollars', more: true },
  { field: 'fallback_model', text: 'Model for when the chosen one fails' },
  { field: 'enable_fallback', text: 'Use of the fallback model' },
  { field: 'prefer_cheap', text: 'Prefer the cheaper model' },
  { field: 'max_latency_ms', text: 'Longest wait, in milliseconds' },
  { field: 'max_retries', text: 'Tries after the first one', more: true },
  { field: 'retry_backoff_ms', text: 'First pause, in milliseconds' },
  { field: 'retry_max_backoff_ms', text: 'Longest pause, in milliseconds' },
  { field: 'enable_context_validation', text: 'Check of the length of the context' },
  { field: 'auto_truncate', text: 'Shortening of a context that is too long' },
  { field: 'truncation_strategy', text: 'What is cut first' },
];

function settingLines(before: RoutingDocument, after: RoutingDocument): DiffLine[] {
  return SETTINGS.flatMap(({ field, text, more }) => {
    const [was, is] = [before[field], after[field]];
    if (was === is) return [];
    const [old, now] = [was, is].map((value) => (value === undefined ? 'not said' : JSON.stringify(value)));
    // No amount limits nothing.
    const [low, high] = [was, is].map((value) => (typeof value === 'number' ? value : Infinity));
    const effect =
      more !== true || low === high ? 'changed' : (high ?? 0) > (low ?? 0) ? 'weaker' : 'stronger';
    return [diffLine('setting', effect, field, text, { before: old ?? '', after: now ?? '' })];
  });
}
