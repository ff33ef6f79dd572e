import { step, type Plain } from '../documents/readDocument.js';
import { imageCovered } from './check.js';
import { amount } from './diff.js';
import { isMap, type Policy } from './readPolicy.js';

/** What a policy that lies in a bundle says of one rule of the reader's policy. */
export interface Declared {
  /** Dotted name of the rule, as in `execution.docker.network`. */
  readonly rule: string;
  /** `unknown`: that policy says nothing of it. */
  readonly outcome: 'pass' | 'fail' | 'unknown';
  /** JSON pointer (RFC 6901) in the policy of the bundle. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

type ExecutionPolicy = Extract<Policy, { kind: 'specular-policy' }>;

/** True when what stands in the bundle is at least as strict as what the reader asks for. */
type Holds = (mine: Plain, theirs: Plain | undefined) => boolean;

interface Rule {
  readonly pointer: string;
  /** False where the reader's value asks for nothing. */
  readonly asks: (mine: Plain) => boolean;
  readonly holds: Holds;
}

const demandsTrue = {
  asks: (mine: Plain): boolean => mine === true,
  holds: (_: Plain, theirs?: Plain) => theirs === true,
};
/** Absent, it is off: the one rule whose absence says something. */
const LOCAL = '/execution/allow_local';
const always = (): boolean => true;

const RULES: readonly Rule[] = [
  {
    pointer: LOCAL,
    asks: (mine) => mine === false,
    holds: (_, theirs) => theirs !== true,
  },
  { pointer: '/execution/docker/required', ...demandsTrue },
  { pointer: '/execution/docker/image_allowlist', asks: always, holds: imagesWithin },
  { pointer: '/execution/docker/cpu_limit', asks: always, holds: withinAmount },
  { pointer: '/execution/docker/mem_limit', asks: always, holds: withinAmount },
  {
    pointer: '/execution/docker/network',
    asks: (mine) => mine !== 'host',
    holds: (mine, theirs) => theirs === 'none' || theirs === mine,
  },
  { pointer: '/tests/require_pass', ...demandsTrue },
  {
    pointer: '/tests/min_coverage',
    asks: (mine) => typeof mine === 'number' && mine > 0,
    holds: (mine, theirs) => typeof mine === 'number' && typeof theirs === 'number' && theirs >= mine,
  },
  { pointer: '/security/secrets_scan', ...demandsTrue },
  { pointer: '/security/dep_scan', ...demandsTrue },
  { pointer: '/routing/allow_models', asks: always, holds: modelsWithin },
  {
    pointer: '/routing/deny_tools',
    asks: (mine) => texts(mine).length > 0,
    holds: (mine, theirs) => texts(mine).every((tool) => texts(theirs).includes(tool)),
  },
];

/** Names of the rules that a policy states, in a fixed order. What is not stated asks for nothing. */
export function rulesOf(policy: ExecutionPolicy): readonly string[] {
  return asked(policy.value).map(({ pointer }) => dotted(pointer));
}

/**
 * Compares a policy of the bundle with the reader's, rule by rule. A rule that it leaves out is neither kept nor
 * broken: a bundle may hold several policies, each for a part.
 */
export function declaredBy(mine: ExecutionPolicy, theirs: ExecutionPolicy): readonly Declared[] {
  return asked(mine.value).map(({ pointer, holds }) => {
    const wanted = wantedAt(mine.value, pointer);
    const found = at(theirs.value, pointer);
    const silent = found === undefined && pointer !== LOCAL;
    const follows = wanted !== undefined && holds(wanted, found);
    const outcome = silent ? 'unknown' : follows ? 'pass' : 'fail';
    return { rule: dotted(pointer), outcome, pointer, expected: text(wanted), found: text(found) };
  });
}

function asked(value: Plain): readonly Rule[] {
  return [...RULES, ...toolRules(value, 'linters'), ...toolRules(value, 'formatters')].filter(
    ({ pointer, asks }) => {
      const mine = wantedAt(value, pointer);
      return mine !== undefined && asks(mine);
    },
  );
}

/** What the reader's policy asks for: code on the machine itself is forbidden unless it is allowed in so many words. */
function wantedAt(value: Plain, pointer: string): Plain | undefined {
  if (pointer !== LOCAL) return at(value, pointer);
  return at(value, pointer) === true && at(value, '/execution/docker/required') !== true;
}

function toolRules(value: Plain, section: string): readonly Rule[] {
  const tools = at(value, `/${section}`);
  return isMap(tools)
    ? Object.keys(tools).map((name) => ({ pointer: `/${section}${step(name)}/enabled`, ...demandsTrue }))
    : [];
}

function imagesWithin(mine: Plain, theirs: Plain | undefined): boolean {
  return texts(theirs).every((entry) => imageCovered(texts(mine), entry));
}

function modelsWithin(mine: Plain, theirs: Plain | undefined): boolean {
  const allowed = new Set(models(mine));
  return models(theirs).every((model) => allowed.has(model));
}

function withinAmount(mine: Plain, theirs: Plain | undefined): boolean {
  const most = amount(mine);
  return (
    theirs !== undefined &&
    (text(theirs) === text(mine) || amount(theirs) <= most) &&
    amount(theirs) !== Infinity
  );
}

/** Provider and model of a list, one text each; JSON keeps the two apart. */
function models(value: Plain | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Plain[]).flatMap((entry) =>
    isMap(entry) ? texts(entry['names']).map((name) => JSON.stringify([entry['provider'], name])) : [],
  );
}

function texts(value: Plain | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Plain[]).filter((one) => typeof one === 'string') : [];
}

function at(value: Plain, pointer: string): Plain | undefined {
  let here: Plain | undefined = value;
  for (const name of pointer.slice(1).split('/')) {
    const own: string = name.replaceAll('~1', '/').replaceAll('~0', '~');
    here = isMap(here) && Object.hasOwn(here, own) ? here[own] : undefined;
  }
  return here;
}

function dotted(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}

function text(value: Plain | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
