import { finding } from '../../messages/finding.js';
import type { Finding } from '../../generated/report.js';
import type { DocNode, MapNode } from '../../manifest/node.js';
import { parseAuthorizedKey } from '../../signature/publicKey.js';
import type { Person, RoleRule, Trust, TrustedKey } from '../trust.js';
import { refusedImport, type Imported, type ImportKind } from './imported.js';
import { trustedKey } from './keyLines.js';

/** Name of the rule that is made from a table of roles. */
export const IMPORTED_RULE = 'imported';

interface Entry {
  readonly role: string;
  readonly person: string;
  readonly keys: readonly TrustedKey[];
}

/** Gathers a table of roles; the first thing that has another form than expected ends it. */
export class RoleTable {
  readonly entries: Entry[] = [];
  readonly ages = new Map<string, number>();
  readonly findings: Finding[] = [];

  constructor(
    readonly file: string,
    readonly kind: ImportKind,
  ) {}

  fail(problem: string, line: number): void {
    const where = { file: this.file, line };
    this.findings.push(finding('import-field', { file: this.file, problem }, { where }));
  }

  leaveOut(what: string, problem: string, line: number): void {
    const where = { file: this.file, line };
    this.findings.push(finding('import-left-out', { what, problem }, { where }));
  }

  map(node: DocNode | undefined, what: string): MapNode | null {
    if (node?.kind === 'map') return node;
    this.fail(`${what} should be a table`, node?.line ?? 1);
    return null;
  }

  /** Texts of a list; a single text counts as a list of one. */
  texts(node: DocNode | undefined, what: string): readonly { text: string; line: number }[] {
    if (node?.kind === 'text') return [node];
    if (node?.kind !== 'list' || node.items.some((item) => item.kind !== 'text')) {
      this.fail(`${what} should be a list of texts`, node?.line ?? 1);
      return [];
    }
    return node.items.flatMap((item) => (item.kind === 'text' ? [item] : []));
  }

  /** A user as a plain address, or with keys: what the file declares of a key is calculated again (row A042). */
  user(role: string, node: DocNode): void {
    if (node.kind === 'text') {
      this.entries.push({ role, person: node.text, keys: [] });
      return;
    }
    const map = this.map(node, `a user of ${role}`);
    if (map === null) return;
    const text = (...names: readonly string[]) => {
      const found = names.map((name) => map.entries.get(name)).find((one) => one !== undefined);
      return found?.kind === 'text' ? found : undefined;
    };
    const person = text('email', 'user', 'id', 'name');
    if (person === undefined) {
      this.fail(`a user of ${role} has no address`, map.line);
      return;
    }
    const declared = text('fingerprint');
    const line = text('public_key', 'key');
    const keys = this.keyOf(person.text, line, declared);
    this.entries.push({ role, person: person.text, keys });
  }

  private keyOf(
    person: string,
    line: { text: string; line: number } | undefined,
    declared: { text: string; line: number } | undefined,
  ): TrustedKey[] {
    if (line === undefined) return declared === undefined ? [] : [this.fingerprint(declared.text)];
    const read = parseAuthorizedKey(line.text);
    if ('problem' in read) {
      this.leaveOut(`The key of ${person}`, read.problem.message.replace(/\.$/, ''), line.line);
      return [];
    }
    const measured = read.key.fingerprint;
    if (declared !== undefined && declared.text !== measured) {
      const where = { file: this.file, line: declared.line };
      const detail = { where, expected: measured, found: declared.text };
      this.findings.push(finding('import-fingerprint-differs', { person }, detail));
      return [];
    }
    return [trustedKey(read.key)];
  }

  fingerprint(text: string): TrustedKey {
    if (/^[0-9A-Fa-f]{40}(?:[0-9A-Fa-f]{24})?$/.test(text))
      return { kind: 'openpgp', fingerprint: text.toUpperCase() };
    return { kind: 'fingerprint', fingerprint: text };
  }

  done(): Imported {
    if (this.entries.length === 0 && this.findings.length === 0)
      this.findings.push(finding('import-nothing', { file: this.file }));
    if (this.findings.some(({ severity }) => severity === 'error'))
      return refusedImport(this.kind, ...this.findings);
    const told = finding('import-older-shape', { file: this.file, rule: IMPORTED_RULE });
    return { kind: this.kind, trust: this.trust(), keys: [], findings: [told, ...this.findings] };
  }

  private trust(): Trust {
    const people = new Map<string, Map<string, TrustedKey>>();
    const roles = new Map<string, Set<string>>();
    for (const { role, person, keys } of this.entries) {
      const known = people.get(person) ?? new Map<string, TrustedKey>();
      for (const key of keys)
        if (known.get(key.fingerprint)?.blob === undefined) known.set(key.fingerprint, key);
      people.set(person, known);
      roles.set(role, (roles.get(role) ?? new Set()).add(person));
    }
    const listed = [...people].map(([id, keys]): Person => ({ id, also: [], keys: [...keys.values()] }));
    const rules = [...roles].map(([role, givers]): RoleRule => {
      const maxAgeDays = this.ages.get(role);
      const people = [...givers];
      return { role, people, threshold: 1, ...(maxAgeDays === undefined ? {} : { maxAgeDays }) };
    });
    const rule = {
      name: IMPORTED_RULE,
      roles: rules,
      differentPeople: true,
      legacyDialects: false,
      attestations: [],
    };
    return { people: listed, withdrawn: [], rules: [rule] };
  }
}
