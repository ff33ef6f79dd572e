import type { Plain } from '../documents/readDocument.js';
import type { DiffFile, DiffLine, DiffState } from '../generated/diff.js';
import type { PolicyChange } from '../policy/change.js';
import { diffPolicies } from '../policy/diff.js';
import { isMap, policyKindWords, type Policy } from '../policy/readPolicy.js';
import { diffTrust } from '../trust/diff.js';
import type { Trust } from '../trust/trust.js';
import type { DocumentPair, Known } from './documents.js';
import { diffLine, weakerFirst } from './line.js';
import { isRoutingFile, isRulesFile } from './names.js';
import { bytesDiffer, pathOf } from './pair.js';

/** Policies and trust lists weaker or stronger, in their own terms; other files that seem to rule, by their digests. */
export function ruleLines(pairs: readonly DocumentPair[]): DiffLine[] {
  return weakerFirst(pairs.flatMap(linesOf));
}

function isAboutRules(pair: DocumentPair): boolean {
  const kind = kindOf(pair);
  if (kind === 'policy' || kind === 'trust') return true;
  if (kind === 'routing') return false;
  const paths = [pair.file.before?.path, pair.file.after?.path].filter((path) => path !== undefined);
  // The folder alone makes no rule of a specification.
  const names =
    kind === 'plan' || kind === 'spec' ? paths.map((path) => path.replace(/^\.specular\//, '')) : paths;
  return names.some(isRulesFile) && !paths.every(isRoutingFile);
}

function linesOf(pair: DocumentPair): DiffLine[] {
  if (!isAboutRules(pair)) return [];
  const kind = kindOf(pair);
  const path = pathOf(pair.file);
  const lines = kind === 'policy' ? policyLines(pair) : kind === 'trust' ? trustLines(pair) : null;
  const other = lines ?? [byDigest(pair.file, WHY_OPAQUE)];
  return other.map((line) => ({ ...line, path: line.path ?? path }));
}

/** What the newer side is; the older one decides where the newer is gone or is nothing known. */
export function kindOf({ before, after }: DocumentPair): Known['kind'] {
  const kinds = [after?.kind ?? 'other', before?.kind ?? 'other'];
  return kinds.find((kind) => kind !== 'other') ?? 'other';
}

const WHY_OPAQUE =
  'Its name says that it rules something. What it says is not understood here: read its text.';

const KINDS: Readonly<Record<DiffFile['kind'], string>> = {
  added: 'is new',
  removed: 'is gone',
  changed: 'changed',
  renamed: 'has another name',
};

/** One line about a file as a whole. */
export function byDigest(
  file: DiffFile,
  why: string | null,
  effect: DiffLine['effect'] = 'changed',
  what = '',
): DiffLine {
  const path = pathOf(file);
  const moved = file.kind === 'renamed' ? ` (was ${file.before?.path ?? ''})` : '';
  return diffLine(`file-${file.kind}`, effect, path, `${path}${what} ${KINDS[file.kind]}${moved}`, {
    before: stateWords(file.before),
    after: stateWords(file.after),
    why,
    path,
  });
}

/** "610 bytes, sha256:…", or "not there". */
export function stateWords(state: DiffState | null): string {
  if (state === null) return 'not there';
  return `${state.size} bytes, ${state.sha256 === null ? 'digest not known' : `sha256:${state.sha256}`}`;
}

// --- Policies ------------------------------------------------------------------------------------------------------

function policyLines({ file, before, after }: DocumentPair): DiffLine[] {
  const [old, now] = [policyOf(before), policyOf(after)];
  const unusable = after?.kind === 'policy' && after.policy === null ? after.problem : null;
  if (unusable !== null)
    return [
      byDigest(
        file,
        `It cannot be used as a policy: ${unusable}`,
        old === null ? 'changed' : 'weaker',
        ' (policy by its name)',
      ),
    ];
  if (file.after === null)
    return [byDigest(file, 'Nothing holds to what it demanded.', 'weaker', ' (policy)')];
  if (now === null)
    return [
      byDigest(
        file,
        'It is no longer a policy, so nothing holds to what it demanded.',
        'weaker',
        ' (policy)',
      ),
    ];
  const what = ` (${policyKindWords[now.kind]})`;
  if (file.before === null)
    return [byDigest(file, 'Read it whole: there is nothing to compare it with.', 'changed', what)];
  if (old === null) return [byDigest(file, 'Before, it could not be used as a policy.', 'changed', what)];
  const diff = diffPolicies(old, now);
  if (diff.kind === 'different-languages')
    return [
      byDigest(file, `Before, it was another kind of policy: ${policyKindWords[old.kind]}.`, 'changed', what),
    ];
  const moved =
    file.kind === 'renamed'
      ? [byDigest(file, 'What finds it by its name finds it no more.', 'changed', what)]
      : [];
  if (diff.changes.length === 0)
    return moved.length > 0 || !bytesDiffer(file)
      ? moved
      : [byDigest(file, 'It says the same; only its writing differs.', 'changed', what)];
  return [...moved, ...diff.changes.map((change) => policyLine(change, file, old, now))];
}

function policyLine(
  { effect, pointer, line, what, why }: PolicyChange,
  file: DiffFile,
  old: Policy,
  now: Policy,
): DiffLine {
  const path = pathOf(file);
  const values = now.kind.startsWith('specular')
    ? { before: valueAt(old.value, pointer), after: valueAt(now.value, pointer) }
    : {};
  const text = now.kind.startsWith('specular') ? `${path}: ${pointer}` : `${path}: ${what}`;
  // The reasons say what is lost; where something was gained they would mislead.
  const reason = effect === 'stronger' ? null : why;
  return diffLine('policy', effect, pointer, text, { ...values, why: reason, path, line });
}

function policyOf(known: Known | null): Policy | null {
  return known?.kind === 'policy' ? known.policy : null;
}

/** JSON of what stands at an RFC 6901 pointer, or "nothing". */
function valueAt(value: Plain, pointer: string): string {
  let at: Plain | undefined = value;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    at = isMap(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at === undefined ? 'nothing' : JSON.stringify(at);
}

// --- Trust lists ---------------------------------------------------------------------------------------------------

const WHY_TRUST =
  'A list in a bundle never judges the bundle; it counts where somebody takes it over as their own.';

function trustLines({ file, before, after }: DocumentPair): DiffLine[] {
  const [old, now] = [trustOf(before), trustOf(after)];
  const path = pathOf(file);
  if (after?.kind === 'trust' && now === null)
    return [
      byDigest(file, `It cannot be used as a trust list: ${after.problem}`, 'changed', ' (trust list)'),
    ];
  if (now === null || old === null) return [byDigest(file, WHY_TRUST, 'changed', ' (trust list)')];
  const changes = diffTrust(old, now);
  if (changes.length === 0)
    return bytesDiffer(file) || file.kind === 'renamed'
      ? [byDigest(file, 'It says the same people and rules.', 'changed', ' (trust list)')]
      : [];
  return changes.map(({ effect, subject, text }) =>
    diffLine('trust', effect === 'same' ? 'changed' : effect, subject, `${path}: ${text}`, {
      why: WHY_TRUST,
      path,
    }),
  );
}

function trustOf(known: Known | null): Trust | null {
  return known?.kind === 'trust' ? known.trust : null;
}
