/** A document as data, written by hand: neither the reader nor the writer of the product has a part in it. */
export type Doc = null | boolean | number | string | readonly Doc[] | DocMap;
export interface DocMap {
  readonly [name: string]: Doc;
}
export type Form = 'yaml' | 'json' | 'canonical';

export interface Emitted {
  readonly text: string;
  /** 1-based line of each value by JSON pointer (RFC 6901); a block in YAML begins with its first entry. */
  readonly lines: ReadonlyMap<string, number>;
}

export function isDocMap(value: Doc | undefined): value is DocMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function step(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function emit(value: Doc, form: Form): Emitted {
  const writer = new Writer();
  if (form === 'canonical') return { text: canonical(value), lines: new Map() };
  if (form === 'json') writer.json(value, '', 0, '');
  else writer.yaml(value, '', 0);
  return { text: `${writer.rows.join('\n')}\n`, lines: writer.lines };
}

class Writer {
  readonly rows: string[] = [];
  readonly lines = new Map<string, number>();

  json(value: Doc, pointer: string, depth: number, before: string): void {
    const pad = '  '.repeat(depth);
    this.lines.set(pointer, this.rows.length + 1);
    const entries = entriesOf(value);
    if (entries === null || entries.length === 0) {
      this.rows.push(`${pad}${before}${flat(value)}`);
      return;
    }
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
    this.rows.push(`${pad}${before}${open}`);
    entries.forEach(([name, item], at) => {
      const key = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `;
      this.json(item, pointer + step(name), depth + 1, key);
      if (at < entries.length - 1) this.rows.push(`${this.rows.pop() ?? ''},`);
    });
    this.rows.push(`${pad}${close}`);
  }

  /** Block style with two spaces; every text in double quotes. */
  yaml(value: Doc, pointer: string, depth: number, first = ''): void {
    const entries = entriesOf(value) ?? [];
    this.lines.set(pointer, this.rows.length + 1);
    if (entries.length === 0) this.rows.push(`${'  '.repeat(depth)}${first}${flat(value)}`);
    entries.forEach(([name, item], at) => {
      const pad = at === 0 && first !== '' ? '  '.repeat(depth - 1) + first : '  '.repeat(depth);
      const at_ = pointer + step(name);
      const inner = entriesOf(item) ?? [];
      if (Array.isArray(value)) {
        if (inner.length > 0 && !Array.isArray(item)) this.yaml(item, at_, depth + 1, '- ');
        else {
          this.lines.set(at_, this.rows.length + 1);
          this.rows.push(`${pad}- ${flat(item)}`);
        }
      } else if (inner.length === 0) {
        this.lines.set(at_, this.rows.length + 1);
        this.rows.push(`${pad}${keyText(name)}: ${flat(item)}`);
      } else {
        this.rows.push(`${pad}${keyText(name)}:`);
        this.yaml(item, at_, depth + 1);
      }
    });
  }
}

function entriesOf(value: Doc): readonly (readonly [string, Doc])[] | null {
  if (Array.isArray(value)) return (value as readonly Doc[]).map((item, at) => [String(at), item] as const);
  return isDocMap(value) ? Object.entries(value) : null;
}

function flat(value: Doc): string {
  return JSON.stringify(value);
}

function keyText(name: string): string {
  return /^[a-zA-Z_][\w-]*$/.test(name) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(name)
    ? name
    : JSON.stringify(name);
}

/** Sorted names, no spaces: enough of RFC 8785 for texts and small whole numbers. */
function canonical(value: Doc): string {
  if (Array.isArray(value)) return `[${(value as readonly Doc[]).map(canonical).join(',')}]`;
  if (!isDocMap(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`;
}
