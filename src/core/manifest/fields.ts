import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { hasHiddenCharacters } from '../messages/inert.js';
import { isLonger, isPlainNull, type DocNode, type ListNode, type MapNode, type TextNode } from './node.js';
import { MANIFEST_PATH } from './names.js';

const FINDINGS_MAX = 50;

/** Collects findings about one manifest; a hostile one cannot make the list long. */
export class FindingList {
  readonly all: Finding[] = [];

  add(one: Finding): void {
    if (this.all.length < FINDINGS_MAX) this.all.push(one);
  }

  get refused(): boolean {
    return this.all.some(({ severity, axis }) => severity === 'error' && axis === 'readable');
  }
}

/** Where a node stands in the manifest. */
export function place(node: { readonly line: number } | null, field: string): Place {
  return { path: MANIFEST_PATH, ...(node ? { line: Math.max(1, node.line) } : {}), field };
}

export interface TextRule {
  /** Line feeds and tabs are allowed. */
  readonly multiline?: boolean;
  readonly allowEmpty?: boolean;
  /** Longest text, in UTF-8 bytes. */
  readonly bytesMax?: number;
  readonly form?: { readonly test: RegExp; readonly says: string };
}

const TEXT_BYTES_MAX = 512;
const REFUSED_LINE = /[\p{Cc}\u2028\u2029\p{Noncharacter_Code_Point}]/u;
const REFUSED_BLOCK = /(?![\n\t])[\p{Cc}\u2028\u2029\p{Noncharacter_Code_Point}]/u;

/** One mapping of a manifest, typed field by field. Reports unknown fields at once. */
export class Fields {
  constructor(
    readonly map: MapNode,
    private readonly prefix: string,
    allowed: readonly string[],
    private readonly findings: FindingList,
  ) {
    for (const [name, node] of map.entries) {
      if (!allowed.includes(name)) findings.add(unknownField(this.path(name), name, allowed, node));
    }
  }

  path(name: string): string {
    return this.prefix + name;
  }

  has(name: string): boolean {
    return this.map.entries.has(name);
  }

  text(name: string, rule: TextRule = {}): string | undefined {
    const node = this.map.entries.get(name);
    return node === undefined ? undefined : checkText(node, this.path(name), rule, this.findings);
  }

  requiredText(name: string, rule: TextRule = {}): string {
    if (this.require(name)) return this.text(name, rule) ?? '';
    return '';
  }

  /** A list of texts, one line each; empty when absent. */
  texts(name: string, rule: TextRule = {}): readonly string[] {
    const items = this.list(name)?.items ?? [];
    const read = items.map((item, i) => checkText(item, `${this.path(name)}[${i}]`, rule, this.findings));
    return read.filter((text) => text !== undefined);
  }

  textMap(name: string, rule: TextRule = {}): Readonly<Record<string, string>> {
    const values = Object.create(null) as Record<string, string>;
    for (const [key, node] of this.mapNode(name)?.entries ?? []) {
      const field = `${this.path(name)}.${key}`;
      const keyText: TextNode = { kind: 'text', text: key, plain: false, line: node.line };
      checkText(keyText, field, {}, this.findings);
      const text = checkText(node, field, rule, this.findings);
      if (text !== undefined) values[key] = text;
    }
    return values;
  }

  list(name: string): ListNode | undefined {
    const node = this.map.entries.get(name);
    if (node === undefined || node.kind === 'list') return node;
    this.wrongType(name, node, 'a list');
    return undefined;
  }

  mapNode(name: string): MapNode | undefined {
    const node = this.map.entries.get(name);
    if (node === undefined || node.kind === 'map') return node;
    this.wrongType(name, node, 'a mapping');
    return undefined;
  }

  fields(name: string, allowed: readonly string[]): Fields | undefined {
    const map = this.mapNode(name);
    return map && new Fields(map, `${this.path(name)}.`, allowed, this.findings);
  }

  require(name: string): boolean {
    if (this.has(name)) return true;
    const field = this.path(name);
    this.findings.add(finding('manifest-field-missing', { field }, { where: place(this.map, field) }));
    return false;
  }

  private wrongType(name: string, node: DocNode, wanted: string): void {
    const field = this.path(name);
    const code = node.kind === 'text' && isPlainNull(node) ? 'manifest-field-nothing' : 'manifest-field-type';
    this.findings.add(
      finding(code, { field, wanted }, { where: place(node, field), expected: wanted, found: kindOf(node) }),
    );
  }
}

/** The text of a node after the rules for text, or undefined with a finding. */
export function checkText(
  node: DocNode,
  field: string,
  rule: TextRule,
  findings: FindingList,
): string | undefined {
  const where = place(node, field);
  if (node.kind !== 'text') {
    findings.add(
      finding(
        'manifest-field-type',
        { field, wanted: 'text' },
        { where, expected: 'text', found: kindOf(node) },
      ),
    );
    return undefined;
  }
  if (isPlainNull(node)) {
    findings.add(finding('manifest-field-nothing', { field, wanted: 'text' }, { where, found: node.text }));
    return undefined;
  }
  const { text } = node;
  if ((rule.multiline ? REFUSED_BLOCK : REFUSED_LINE).test(text)) {
    findings.add(finding('manifest-field-character', { field }, { where, found: text }));
    return undefined;
  }
  const problem = formProblem(text, rule);
  if (problem) {
    findings.add(
      finding('manifest-field-form', { field, wanted: problem }, { where, expected: problem, found: text }),
    );
    return undefined;
  }
  if (hasHiddenCharacters(text.replace(/[\n\t]/g, ''))) {
    findings.add(finding('manifest-hidden-characters', { field }, { where, found: text }));
  }
  return text;
}

function formProblem(text: string, rule: TextRule): string | null {
  const bytesMax = rule.bytesMax ?? (rule.multiline ? Infinity : TEXT_BYTES_MAX);
  if (isLonger(text, bytesMax)) return `at most ${bytesMax} bytes`;
  if (text === '' && !rule.allowEmpty) return 'text that is not empty';
  if (rule.form && !rule.form.test.test(text)) return rule.form.says;
  return null;
}

/** A bare decimal integer from 0 to `max`, or undefined with a finding (Y11: no octal, exponent, underscore, quotes). */
export function checkInteger(
  node: DocNode,
  field: string,
  max: number,
  findings: FindingList,
): number | undefined {
  const value =
    node.kind === 'text' && node.plain && /^(?:0|[1-9][0-9]{0,15})$/.test(node.text)
      ? Number(node.text)
      : NaN;
  if (value <= max) return value;
  const found = node.kind === 'text' ? node.text : kindOf(node);
  findings.add(
    finding(
      'manifest-number',
      { field },
      { where: place(node, field), expected: `a bare integer from 0 to ${max}`, found },
    ),
  );
  return undefined;
}

export function checkBoolean(node: DocNode, field: string, findings: FindingList): boolean | undefined {
  if (node.kind === 'text' && node.plain && (node.text === 'true' || node.text === 'false'))
    return node.text === 'true';
  const found = node.kind === 'text' ? node.text : kindOf(node);
  findings.add(
    finding(
      'manifest-field-type',
      { field, wanted: 'true or false' },
      { where: place(node, field), expected: 'true or false', found },
    ),
  );
  return undefined;
}

/** An unknown field; a known one in other letters is named as what was expected. */
export function unknownField(
  field: string,
  name: string,
  allowed: readonly string[],
  node: DocNode,
): Finding {
  const meant = allowed.find((known) => fold(known) === fold(name));
  return finding(
    'manifest-field-unknown',
    { field },
    { where: place(node, field), ...(meant ? { expected: meant } : {}), found: name },
  );
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

export function kindOf(node: DocNode): string {
  return { text: 'text', list: 'a list', map: 'a mapping' }[node.kind];
}
