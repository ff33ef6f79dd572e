import { fixedLimits } from '../limits.js';
import { hasHiddenCharacters } from '../messages/inert.js';
import { finding } from '../messages/finding.js';
import type { Finding, Place } from '../generated/report.js';
import { toUtf8 } from '../bytes/text.js';

/** Why a path is refused (docs/SPEC.md, "Container"). */
export type PathProblemKind =
  | 'empty'
  | 'absolute'
  | 'backslash'
  | 'drive'
  | 'colon'
  | 'control-character'
  | 'not-utf8'
  | 'empty-component'
  | 'dot'
  | 'parent'
  | 'reserved-name'
  | 'trailing-dot-or-space'
  | 'component-too-long'
  | 'path-too-long'
  | 'too-deep';

export interface PathProblem {
  readonly kind: PathProblemKind;
  readonly class: 'UNSAFE_PATH' | 'LIMIT_EXCEEDED';
  /** Plain words, to follow "because": no text from the bundle. */
  readonly reason: string;
}

const REASONS: Readonly<Record<PathProblemKind, string>> = {
  empty: 'it is empty',
  absolute: 'it starts at the root of the disk',
  backslash: 'it holds a backslash, which separates folders on Windows',
  drive: 'it names a drive',
  colon: 'it holds a colon, which names a hidden stream or a drive on Windows',
  'control-character': 'it holds a control character',
  'not-utf8': 'it is not UTF-8 text',
  'empty-component': 'a folder or file name in it is empty',
  dot: 'it holds "." as a name',
  parent: 'it holds ".." and leaves its folder',
  'reserved-name': 'it holds a name that Windows reserves for a device',
  'trailing-dot-or-space': 'a name in it ends with a dot or a space, which Windows drops',
  'component-too-long': `a name in it is longer than ${fixedLimits.pathComponentBytesMax} bytes`,
  'path-too-long': `it is longer than ${fixedLimits.pathBytesMax} bytes`,
  'too-deep': `it is more than ${fixedLimits.pathDepthMax} levels deep`,
};

const LIMITS: readonly PathProblemKind[] = ['component-too-long', 'path-too-long', 'too-deep'];
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const RESERVED =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?: *[.].*| *)$/i;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** Characters that some file systems leave out when they compare names (HFS+), so that they hide a refused name. */
const IGNORED =
  // eslint-disable-next-line no-misleading-character-class
  /[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]|[\u{e0000}-\u{e0fff}]/gu;
// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;
/** Short paths of letters, digits, `_`, `-` and inner dots without a reserved name: no rule below has anything against them. */
const PLAIN =
  /^(?!\/)(?:(?:^|\/)(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$))[a-z0-9_-]+(?:\.+[a-z0-9_-]+)*)+$/i;
const PLAIN_LENGTH_MAX = 85;
const NOTHING: readonly Finding[] = [];

/**
 * null when `path` is a relative path that means the same on every system and stays inside its folder.
 * Attacker-controlled text. The first problem counts; what is unsafe goes before what is only too long.
 */
export function checkPath(path: string): PathProblem | null {
  if (isPlain(path)) return null;
  const kind = unsafe(path) ?? tooLong(path);
  if (kind === null) return null;
  return { kind, class: LIMITS.includes(kind) ? 'LIMIT_EXCEEDED' : 'UNSAFE_PATH', reason: REASONS[kind] };
}

/** True for what nearly every path of every bundle is; a hundred thousand of them want no more than one look. */
function isPlain(path: string): boolean {
  return path.length <= PLAIN_LENGTH_MAX && PLAIN.test(path);
}

/** {@link checkPath} as findings; a path with hidden characters is let through with a warning. */
export function pathFindings(path: string, where: Place = {}): readonly Finding[] {
  if (isPlain(path)) return NOTHING;
  const problem = checkPath(path);
  const place: Place = { path, ...where };
  if (problem?.class === 'LIMIT_EXCEEDED')
    return [finding('path-too-long', { path, reason: problem.reason }, { where: place })];
  if (problem) return [finding('entry-unsafe-path', { path, reason: problem.reason }, { where: place })];
  if (hasHiddenCharacters(path)) return [finding('entry-hidden-characters', { path }, { where: place })];
  return [];
}

/** The finding for a name that is not UTF-8; `shown` is a readable stand-in for its bytes. */
export function notUtf8Finding(shown: string, where: Place = {}): Finding {
  return finding(
    'entry-unsafe-path',
    { path: shown, reason: REASONS['not-utf8'] },
    { where: { path: shown, ...where } },
  );
}

/** `path` without the characters that some file systems ignore in names. */
export function withoutIgnored(path: string): string {
  return ASCII.test(path) ? path : path.replace(IGNORED, '');
}

function unsafe(path: string): PathProblemKind | null {
  if (path === '') return 'empty';
  if (LONE_SURROGATE.test(path)) return 'not-utf8';
  if (CONTROL.test(path)) return 'control-character';
  if (path.includes('\\')) return 'backslash';
  if (path.startsWith('/')) return 'absolute';
  if (path.includes(':')) return /^[a-z]:/i.test(path) ? 'drive' : 'colon';
  const ascii = ASCII.test(path);
  for (const component of path.split('/')) {
    const problem = unsafeComponent(component) ?? (ascii ? null : unsafeDisguised(component));
    if (problem) return problem;
  }
  return null;
}

function unsafeComponent(component: string): PathProblemKind | null {
  if (component === '') return 'empty-component';
  if (component === '.') return 'dot';
  if (component === '..') return 'parent';
  const last = component.charCodeAt(component.length - 1);
  if (last === 0x2e || last === 0x20) return 'trailing-dot-or-space';
  return RESERVED.test(component) ? 'reserved-name' : null;
}

/** A name that some file system turns into a refused one: `.<U+200C>.` on HFS+, full-width dots by best fit on Windows. */
function unsafeDisguised(component: string): PathProblemKind | null {
  const bare = withoutIgnored(component);
  if (bare !== component) return unsafeComponent(bare);
  const compatible = component.normalize('NFKC');
  return /^\.+$/.test(compatible) ? unsafeComponent(compatible) : null;
}

function tooLong(path: string): PathProblemKind | null {
  const components = path.split('/');
  if (components.length > fixedLimits.pathDepthMax) return 'too-deep';
  if (path.length * 3 <= fixedLimits.pathComponentBytesMax) return null;
  if (components.some((part) => toUtf8(part).length > fixedLimits.pathComponentBytesMax))
    return 'component-too-long';
  return toUtf8(path).length > fixedLimits.pathBytesMax ? 'path-too-long' : null;
}
