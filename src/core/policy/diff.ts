import { canonicalJson } from '../canon/jcs.js';
import { step, type Plain } from '../documents/readDocument.js';
import type { PolicyChange } from './change.js';
import { diffAtlas } from './diffAtlas.js';
import { isMap, type Policy } from './readPolicy.js';

export type PolicyDiff =
  | { readonly kind: 'same-language'; readonly changes: readonly PolicyChange[] }
  | { readonly kind: 'different-languages' };

/** What the newer policy allows or forbids otherwise; weaker first. */
export function diffPolicies(before: Policy, after: Policy): PolicyDiff {
  if (before.kind !== after.kind) return { kind: 'different-languages' };
  const rows = before.kind.startsWith('atlasbridge')
    ? diffAtlas(before, after)
    : leaves(before, after).map((leaf) => judge(leaf, before, after));
  const order = ['weaker', 'changed', 'stronger'];
  const changes = [...rows].sort((a, b) => order.indexOf(a.effect) - order.indexOf(b.effect));
  return { kind: 'same-language', changes };
}

/** What two policies with the same meaning share: RFC 8785 bytes of the typed document, to be hashed. */
export function canonicalPolicy(policy: Policy): Uint8Array<ArrayBuffer> {
  return canonicalJson(policy.value);
}

interface Leaf {
  readonly pointer: string;
  readonly before: Plain | undefined;
  readonly after: Plain | undefined;
}

function leaves({ value: before }: Policy, { value: after }: Policy): readonly Leaf[] {
  const found: Leaf[] = [];
  const walk = (old: Plain | undefined, now: Plain | undefined, pointer: string): void => {
    if (isMap(old) || isMap(now)) {
      const olds = isMap(old) ? old : {};
      const nows = isMap(now) ? now : {};
      for (const name of new Set([...Object.keys(olds), ...Object.keys(nows)])) {
        walk(olds[name], nows[name], pointer + step(name));
      }
    } else if (text(old) !== text(now)) found.push({ pointer, before: old, after: now });
  };
  walk(before, after, '');
  return found;
}

interface Meaning {
  readonly field: RegExp;
  /** Greater allows more; undefined is what an absent field does. */
  readonly loose: (value: Plain | undefined) => number;
  readonly why: string;
}

const off = (value: Plain | undefined): number => (value === true ? 0 : 1);
const on = (value: Plain | undefined): number => (value === true ? 1 : 0);
const ENFORCEMENT = ['strict', 'warn', 'monitor'];

const MEANINGS: readonly Meaning[] = [
  {
    field: /^\/execution\/allow_local$/,
    loose: on,
    why: 'Code that runs on the machine itself reaches everything that its user reaches.',
  },
  {
    field: /^\/execution\/docker\/required$/,
    loose: off,
    why: 'Without containers nothing limits what a step reads, writes or calls.',
  },
  {
    field: /^\/execution\/docker\/network$/,
    loose: (value) => (value === 'none' ? 0 : value === 'host' ? 2 : 1),
    why: 'With a network a step can send data away and fetch code that nobody approved.',
  },
  {
    field: /^\/execution\/docker\/(?:cpu|mem)_limit$/,
    loose: amount,
    why: 'Without a limit one step can take the whole machine.',
  },
  { field: /^\/tests\/require_pass$/, loose: off, why: 'A build whose tests fail is then accepted.' },
  {
    field: /^\/tests\/min_coverage$/,
    loose: (value) => (typeof value === 'number' ? -value : 0),
    why: 'Less of the code has to be tested.',
  },
  {
    field: /^\/security\//,
    loose: off,
    why: 'What this looks for or demands is no longer found or held to.',
  },
  { field: /^\/(?:linters|formatters)\/[^/]+\/enabled$/, loose: off, why: 'This check no longer runs.' },
  {
    field: /^\/enforcement$/,
    loose: (value) => (typeof value === 'string' ? ENFORCEMENT.indexOf(value) : 3),
    why: 'A violation that stopped the work is only told or recorded.',
  },
];

/** Greater is looser: no amount, or one that cannot be read, limits nothing (`Infinity`). */
export function amount(value: Plain | undefined): number {
  const found = typeof value === 'string' ? /^(\d+(?:\.\d+)?)([kmgt]?)b?$/i.exec(value) : null;
  if (found === null) return Number.POSITIVE_INFINITY;
  const power = ['', 'k', 'm', 'g', 't'].indexOf((found[2] ?? '').toLowerCase());
  return Number(found[1]) * 1024 ** power;
}

/** Lists: does one more entry allow more, or demand more? */
const LISTS: readonly {
  readonly field: RegExp;
  readonly more: 'weaker' | 'stronger';
  readonly why: string;
}[] = [
  {
    field: /^\/execution\/docker\/image_allowlist$/,
    more: 'weaker',
    why: 'Code may run in images that were not allowed before.',
  },
  {
    field: /^\/routing\/allow_models$/,
    more: 'weaker',
    why: 'Data may go to models that were not allowed before.',
  },
  { field: /^\/routing\/deny_tools$/, more: 'stronger', why: 'A tool that is no longer denied may be used.' },
  {
    field: /^\/workflows\//,
    more: 'stronger',
    why: 'A step that is taken out goes on without approval or evidence.',
  },
];

function judge(leaf: Leaf, before: Policy, after: Policy): PolicyChange {
  const { pointer } = leaf;
  const where = leaf.after === undefined ? before : after;
  const line = where.placeOf(pointer).line ?? null;
  const what = `${pointer}: ${text(leaf.before)} becomes ${text(leaf.after)}`;
  const list = LISTS.find(({ field }) => field.test(pointer));
  if (list !== undefined) return { effect: listEffect(leaf, list.more), pointer, line, what, why: list.why };
  const meaning = MEANINGS.find(({ field }) => field.test(pointer));
  if (meaning === undefined)
    return { effect: 'changed', pointer, line, what, why: 'Read what it means for you.' };
  const difference = meaning.loose(leaf.after) - meaning.loose(leaf.before);
  const effect = difference > 0 ? 'weaker' : difference < 0 ? 'stronger' : 'changed';
  return { effect, pointer, line, what, why: meaning.why };
}

/** An entry gained and one lost at once: the weaker of both is told. */
function listEffect(leaf: Leaf, more: 'weaker' | 'stronger'): PolicyChange['effect'] {
  // A list of what is allowed that is not there at all allows everything.
  const absent = more === 'weaker';
  if (leaf.after === undefined) return 'weaker';
  if (leaf.before === undefined) return absent ? 'stronger' : more;
  const old = new Set(members(leaf.before));
  const now = new Set(members(leaf.after));
  const gained = [...now].some((entry) => !old.has(entry));
  const lost = [...old].some((entry) => !now.has(entry));
  if (gained && lost) return 'weaker';
  if (!gained && !lost) return 'changed';
  return gained === (more === 'weaker') ? 'weaker' : 'stronger';
}

/** Models are compared one by one, whatever provider entry they stand in. */
function members(value: Plain): readonly string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Plain[]).flatMap((entry) => {
    const names = isMap(entry) ? entry['names'] : undefined;
    if (!isMap(entry) || !Array.isArray(names)) return [text(entry)];
    return (names as readonly Plain[]).map((name) => `${text(entry['provider'])} ${text(name)}`);
  });
}

function text(value: Plain | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
