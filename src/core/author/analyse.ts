import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../bytes/hex.js';
import { toUtf8 } from '../bytes/text.js';
import { canonicalJson } from '../canon/jcs.js';
import {
  checkTyped,
  readRaw,
  type DocumentSource,
  type RawRead,
  type Validator,
} from '../documents/readDocument.js';
import { validate as validateConfig } from '../generated/config.validate.js';
import { validate as validateRouting } from '../generated/routing.validate.js';
import type { Finding } from '../generated/report.js';
import { limitsProfiles } from '../limits.js';
import { readManifest } from '../manifest/readManifest.js';
import { finding } from '../messages/finding.js';
import { advise } from '../policy/advice.js';
import { readPolicy, type Policy } from '../policy/readPolicy.js';
import { SecretScanner } from '../project/secrets.js';
import { readLock, readPlan, readSpec } from '../spec/readSpec.js';
import { readTrust } from '../trust/readTrust.js';
import { fixesFor, fixesForUnclear, fixForTabs, fixForValue } from './fixes.js';
import { authorKindOf } from './kinds.js';
import type { AuthorKind } from './kindWords.js';
import { mapText, valuesOf } from './places.js';
import {
  lineAt,
  lineSpan,
  pointerOf,
  problemGroups,
  problemOf,
  sheetOf,
  shown,
  type Problem,
  type Sheet,
} from './problem.js';
import { schemaProblems, schemasAt, type Schema, type SchemaProblem } from './schema.js';

/** The schema of each kind of document; kinds without one are looked at by their readers alone. */
export type SchemaTable = Readonly<Partial<Record<AuthorKind, Schema>>>;

export interface Analysis {
  readonly kind: AuthorKind;
  /** Security first, then in the order of the text. */
  readonly problems: readonly Problem[];
  /** False with any error: what is said of a policy's meaning then is nothing. */
  readonly readable: boolean;
  readonly outline: readonly OutlineRow[];
  /** SHA-256 in hexadecimal digits. */
  readonly hash: { readonly raw: string; readonly canonical: string | null };
  readonly policy: Policy | null;
}

export interface OutlineRow {
  readonly name: string;
  readonly depth: number;
  readonly line: number;
}

const OUTLINE_MAX = 400;

/** Everything that is told of a text while it is written. Attacker-controlled; never throws. */
export function analyse(name: string, text: string, schemas: SchemaTable): Analysis {
  const bytes = toUtf8(text);
  const source = { name, bytes };
  const sheet = sheetOf(text, mapText(text));
  const raw = /ignore$/.test(name) ? null : readRaw(source);
  const value = raw === null || 'findings' in raw ? valuesOf(text) : raw.value;
  const kind = authorKindOf(name, value);
  const policy = readPolicy(source).policy;
  const problems = [
    ...formProblems(sheet, source, kind, raw, schemas[kind]),
    ...secretProblems(sheet, source),
    ...(policy === null ? [] : adviceProblems(sheet, policy)),
  ];
  const readable = problems.every(({ group }) => group !== 'error');
  const canonical = raw === null || 'findings' in raw || !readable ? null : digest(canonicalJson(raw.value));
  const rank = (one: Problem): number => problemGroups.indexOf(one.group);
  return {
    kind,
    problems: problems.toSorted((a, b) => rank(a) - rank(b) || a.span.start - b.span.start),
    readable,
    outline: outlineOf(sheet, kind),
    hash: { raw: digest(bytes), canonical },
    policy: readable ? policy : null,
  };
}

function digest(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

// --- Form ----------------------------------------------------------------------------------------------------------

function formProblems(
  sheet: Sheet,
  source: DocumentSource,
  kind: AuthorKind,
  raw: RawRead | null,
  schema: Schema | undefined,
): readonly Problem[] {
  if (raw === null) return ignoreProblems(sheet);
  // These two have readers of their own, with their own idea of what is text and what is a number.
  if (kind === 'trust') return readTrust(source).findings.map((one) => problemOf(sheet, { finding: one }));
  if (kind === 'manifest')
    return readManifest(source.bytes, limitsProfiles.default).findings.map((one) =>
      problemOf(sheet, { finding: one }),
    );
  if ('findings' in raw) return raw.findings.map((one) => unreadable(sheet, one, schema));
  if (schema === undefined)
    return [problemOf(sheet, { finding: finding('document-kind', {}, { where: { file: source.name } }) })];
  const found = schemaProblems(schema, raw.value);
  if (found.length > 0) return found.map((one) => schemaProblem(sheet, one, schema, source.name));
  return readerFindings(kind, source, raw).map((one) => problemOf(sheet, { finding: one }));
}

/** What the readers say, which are what counts everywhere else. */
function readerFindings(kind: AuthorKind, source: DocumentSource, raw: RawRead): readonly Finding[] {
  if (kind === 'spec') return readSpec(source).findings;
  if (kind === 'lock') return readLock(source).findings;
  if (kind === 'plan') return readPlan(source).findings;
  if (kind === 'routing') return typedFindings(raw, validateRouting);
  if (kind === 'config') return typedFindings(raw, validateConfig);
  return readPolicy(source).findings;
}

function typedFindings(raw: RawRead, validate: Validator): readonly Finding[] {
  if ('findings' in raw) return raw.findings;
  const read = checkTyped(raw, validate);
  return 'findings' in read ? read.findings : [];
}

function unreadable(sheet: Sheet, one: Finding, schema: Schema | undefined): Problem {
  const pointer = pointerOf(one.where.field);
  if (one.code === 'document-ambiguous') {
    const path = pointer
      .split('/')
      .slice(1)
      .map((name) => (/^\d+$/.test(name) ? Number(name) : name));
    const wanted = schema === undefined ? [] : schemasAt(schema, path, null);
    const boolean = wanted.some(({ type }) => type === 'boolean');
    return problemOf(sheet, {
      finding: one,
      fixes: fixesForUnclear(sheet, pointer, one.found ?? '', boolean),
    });
  }
  const { fault } = sheet.map;
  const line = one.where.line ?? 1;
  const fixes = sheet.text.includes('\t') ? fixForTabs(sheet) : [];
  // The tolerant reader often knows the column, and what it had expected.
  if (fault === null || Math.abs(lineAt(sheet, fault.at).line - line) > 1)
    return problemOf(sheet, { finding: one, span: lineSpan(sheet, line), fixes });
  const span = lineSpan(sheet, lineAt(sheet, fault.at).line);
  return problemOf(sheet, { finding: { ...one, found: fault.words }, span, fixes });
}

function schemaProblem(sheet: Sheet, one: SchemaProblem, schema: Schema, file: string): Problem {
  const { pointer, problem } = one;
  const part = problem.is === 'unknown' || problem.is === 'missing' ? 'key' : 'value';
  const span = shown(sheet, pointer, part) ?? lineSpan(sheet, 1);
  const where = { file, line: lineAt(sheet, span.start).line, field: pointer };
  const field = pointer === '' ? 'the file' : pointer;
  const told =
    problem.is === 'unknown'
      ? finding('document-unknown-field', { field: problem.name, place: parentOf(pointer) }, { where })
      : finding('document-field', { field, problem: words(problem) }, { where });
  return problemOf(sheet, { finding: told, pointer, span, fixes: fixesFor(sheet, one, schema) });
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/')) || 'the file';
}

function words(problem: SchemaProblem['problem']): string {
  if (problem.is === 'missing') return `"${problem.name}" is missing`;
  if (problem.is === 'choice')
    return `one of ${problem.allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ')} was expected`;
  if (problem.is === 'type') return `${problem.wanted} was expected`;
  return problem.is === 'other' ? problem.words : '';
}

/** A pattern that nobody sees, or that only seems to take something back. */
function ignoreProblems(sheet: Sheet): readonly Problem[] {
  const found: Problem[] = [];
  sheet.lines.forEach((from, at) => {
    const end = sheet.text.indexOf('\n', from);
    const line = sheet.text.slice(from, end < 0 ? sheet.text.length : end);
    // eslint-disable-next-line no-control-regex
    const odd = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(line);
    const blank = !odd && /[^\\][ \t]+\r?$/.test(line) && !line.startsWith('#');
    if (!odd && !blank) return;
    const span = { start: from, end: from + line.length };
    found.push({
      group: odd ? 'error' : 'warning',
      code: null,
      message: odd
        ? 'A control character stands in this pattern.'
        : 'Spaces stand at the end of this pattern.',
      cause: 'It was copied from elsewhere, or typed by accident.',
      action: 'Remove it. A space that belongs to the name is written as a backslash and a space.',
      pointer: '',
      span,
      line: at + 1,
      column: 1,
      fixes: blank ? [{ title: 'Remove the spaces', edits: [{ ...span, text: line.trimEnd() }] }] : [],
    });
  });
  return found.slice(0, 100);
}

// --- Secrets and advice ----------------------------------------------------------------------------------------

function secretProblems(sheet: Sheet, { name, bytes }: DocumentSource): readonly Problem[] {
  const scanner = new SecretScanner(name);
  scanner.push(bytes);
  return scanner.finish().map(({ line, kind, excerpt }) => {
    const span = lineSpan(sheet, line);
    return {
      group: 'security',
      code: null,
      message: `This looks like a secret (${kind.replaceAll('-', ' ')}): ${excerpt}`,
      cause: 'A key or password was written into the file. Whoever gets the file gets the secret.',
      action:
        'Write the name of a variable such as ${API_KEY} in its place, and replace the secret where it is used.',
      pointer: '',
      span,
      ...lineAt(sheet, span.start),
      fixes: [],
    };
  });
}

function adviceProblems(sheet: Sheet, policy: Policy): readonly Problem[] {
  return advise(policy).map(({ group, pointer, what, why, action, safer }) => {
    const span = shown(sheet, pointer, 'value') ?? lineSpan(sheet, 1);
    return {
      group,
      code: null,
      message: what,
      cause: why,
      action,
      pointer,
      span,
      ...lineAt(sheet, span.start),
      fixes: safer === undefined ? [] : fixForValue(sheet, pointer, safer),
    };
  });
}

// --- Outline -----------------------------------------------------------------------------------------------------

const NAMES = ['id', 'name', 'title', 'provider', 'path'];

function outlineOf(sheet: Sheet, kind: AuthorKind): readonly OutlineRow[] {
  if (kind === 'ignore') return [];
  const rows: OutlineRow[] = [];
  for (const [pointer, { key, value }] of sheet.map.places) {
    const path = pointer.split('/').slice(1);
    if (path.length === 0 || path.length > 2 || rows.length >= OUTLINE_MAX) continue;
    const entry =
      key === null
        ? NAMES.map((one) => textAt(sheet, `${pointer}/${one}`)).find((one) => one !== null)
        : null;
    if (key === null && (entry === undefined || entry === null)) continue;
    rows.push({
      name: entry ?? sheet.text.slice(key?.start ?? 0, key?.end ?? 0).slice(0, 100),
      depth: path.length - 1,
      line: lineAt(sheet, (key ?? value).start).line,
    });
  }
  return rows;
}

function textAt({ map, text }: Sheet, pointer: string): string | null {
  const found = map.places.get(pointer);
  return found === undefined
    ? null
    : text
        .slice(found.value.start, found.value.end)
        .replaceAll(/^["']|["']$/g, '')
        .slice(0, 100);
}
