import { NameSpace } from '../archive/namespace.js';
import { checkPath, pathFindings } from '../archive/path.js';
import { compareUtf8 } from '../bytes/text.js';
import { finding } from '../messages/finding.js';
import { checkBoolean, checkInteger, checkText, place, unknownField, type FindingList } from './fields.js';
import type { RowSink } from './lines.js';
import type { ManifestFile } from './manifest.js';
import { isReservedPath } from './names.js';
import { isPlainNull, type DocNode, type MapNode } from './node.js';

/** Of a plain row, but for its path and its size. */
const PLAIN_ROW_BYTES = '  - path: ""\n    size: \n    checksum: ""\n'.length + 64;
const SIZE_MAX = Number.MAX_SAFE_INTEGER;
const MODE_MAX = 0xffffffff;
const FIELDS = ['path', 'size', 'checksum', 'mode', 'content_type', 'external', 'salt'];

/** A row that may be written in several ways. */
export interface OtherRow {
  /** Counted from 0. */
  readonly index: number;
  /** Of the plain rows before it. */
  readonly plainBytes: number;
}

/** Reads the rows of `files[]` one by one: for the dialects that have sizes and digests. */
export class FileRows implements RowSink {
  readonly key = 'files';
  readonly files: ManifestFile[] = [];
  /** Rows met, also those that were refused or are over the limit. */
  count = 0;
  /** The first row with a field that only our dialect has. */
  ours: { readonly line: number; readonly field: string; readonly name: string } | null = null;
  /** The first row that does not follow its predecessor in the order of UTF-8 bytes. */
  unsorted: { readonly line: number; readonly path: string } | null = null;
  /** Bytes of all plain rows: each is as our writer writes it. */
  plainBytes = 0;
  /** The other rows. */
  readonly others: OtherRow[] = [];
  private names: FileNames;
  private last: string | null = null;

  constructor(
    private readonly findings: FindingList,
    private readonly countMax: number,
  ) {
    this.names = new FileNames(findings);
  }

  /** Forgets everything, for a second reading by another reader. */
  reset(): void {
    this.files.length = 0;
    this.count = 0;
    this.ours = null;
    this.unsorted = null;
    this.plainBytes = 0;
    this.others.length = 0;
    this.last = null;
    this.names = new FileNames(this.findings);
    this.findings.all.length = 0;
  }

  row(node: DocNode): void {
    const index = this.count++;
    if (index >= this.countMax) return;
    this.others.push({ index, plainBytes: this.plainBytes });
    if (node.kind !== 'map') {
      const field = `files[${index}]`;
      const params = { field, wanted: 'a mapping' };
      this.findings.add(
        finding('manifest-field-type', params, { where: place(node, field), expected: 'a mapping' }),
      );
      return;
    }
    const file = this.read(node, index);
    if (file !== null) this.add(file, node.line, index);
  }

  plainRow(path: string, size: string, checksum: string, line: number): void {
    const index = this.count++;
    if (index >= this.countMax) return;
    this.plainBytes += path.length + size.length + PLAIN_ROW_BYTES;
    this.add({ path, size: Number(size), sha256: checksum, external: false }, line, index);
  }

  private add(file: ManifestFile, line: number, index: number): void {
    this.names.add(file.path, line, index);
    if (this.unsorted === null && this.last !== null && compareUtf8(this.last, file.path) >= 0) {
      this.unsorted = { line, path: file.path };
    }
    this.last = file.path;
    this.files.push(file);
  }

  private read(node: MapNode, index: number): ManifestFile | null {
    const raw: Partial<Mutable> = {};
    for (const [name, value] of node.entries) {
      if (!readPlainly(raw, name, value)) this.readField(raw, name, value, `files[${index}].${name}`);
    }
    const { path, size, sha256 } = raw;
    if (path !== undefined && size !== undefined && sha256 !== undefined) {
      const file: Mutable = { path, size, sha256, external: raw.external ?? false };
      if (raw.salt !== undefined) file.salt = raw.salt;
      if (raw.mode !== undefined) file.mode = raw.mode;
      if (raw.contentType !== undefined) file.contentType = raw.contentType;
      return file;
    }
    for (const name of ['path', 'size', 'checksum'].filter((required) => !node.entries.has(required))) {
      const field = `files[${index}].${name}`;
      this.findings.add(finding('manifest-field-missing', { field }, { where: place(node, field) }));
    }
    return null;
  }

  private readField(raw: Partial<Mutable>, name: string, node: DocNode, field: string): void {
    switch (name) {
      case 'path':
        return assign(raw, 'path', pathText(node, field, this.findings));
      case 'size':
        return assign(raw, 'size', checkInteger(node, field, SIZE_MAX, this.findings));
      case 'checksum':
        return assign(raw, 'sha256', checkHex(node, field, 64, this.findings));
      case 'mode':
        return assign(raw, 'mode', checkInteger(node, field, MODE_MAX, this.findings));
      case 'content_type':
        return assign(raw, 'contentType', checkText(node, field, {}, this.findings));
      case 'external':
        this.ours ??= { line: node.line, field, name };
        return assign(raw, 'external', checkBoolean(node, field, this.findings));
      case 'salt':
        this.ours ??= { line: node.line, field, name };
        return assign(raw, 'salt', checkHex(node, field, 32, this.findings));
      default:
        this.findings.add(unknownField(field, name, FIELDS, node));
    }
  }
}

const HEX_64 = /^[0-9a-f]{64}$/;
const SMALL_INTEGER = /^(?:0|[1-9][0-9]{0,8})$/;

/** The fields of nearly every row of nearly every manifest, without the names that a finding would need. */
function readPlainly(raw: Partial<Mutable>, name: string, node: DocNode): boolean {
  if (node.kind !== 'text') return false;
  const { text } = node;
  if (name === 'path' && text.length > 4) raw.path = text;
  else if (name === 'checksum' && HEX_64.test(text)) raw.sha256 = text;
  else if (name === 'size' && node.plain && SMALL_INTEGER.test(text)) raw.size = Number(text);
  else if (name === 'mode' && node.plain && SMALL_INTEGER.test(text)) raw.mode = Number(text);
  else return false;
  return true;
}

type Mutable = { -readonly [K in keyof ManifestFile]: ManifestFile[K] };

function assign<K extends keyof Mutable>(
  raw: Partial<Mutable>,
  name: K,
  value: Mutable[K] | undefined,
): void {
  if (value !== undefined) raw[name] = value;
}

const PLAIN_PATH = /^[\x21-\x7e]+$/;

/** Paths of one manifest: each safe, none reserved, none that could be the same file as another. */
export class FileNames {
  private readonly space = new NameSpace();

  constructor(private readonly findings: FindingList) {}

  /** `field`: its name, or its row in files[]: a name for each of a million rows would be for nothing. */
  add(path: string, line: number, field: string | number): void {
    if (PLAIN_PATH.test(path) && !isReservedPath(path) && checkPath(path) === null)
      this.unique(path, line, field);
    else this.judge(path, line, field);
  }

  private judge(path: string, line: number, field: string | number): void {
    const where = place({ line }, nameOf(field));
    if (isReservedPath(path)) {
      this.findings.add(finding('manifest-path-reserved', { path }, { where }));
      return;
    }
    const problems = pathFindings(path, where);
    for (const one of problems) this.findings.add(one);
    if (!problems.some(({ severity }) => severity === 'error')) this.unique(path, line, field);
  }

  private unique(path: string, line: number, field: string | number): void {
    const clash = this.space.add(path, 'file');
    if (!clash) return;
    this.findings.add(
      finding('manifest-path-twice', { path, other: clash.other }, { where: place({ line }, nameOf(field)) }),
    );
  }
}

function nameOf(field: string | number): string {
  return typeof field === 'string' ? field : `files[${field}].path`;
}

/** Text of a path as it stands there; the path rules judge it afterwards. */
export function pathText(node: DocNode, field: string, findings: FindingList): string | undefined {
  if (node.kind === 'text' && !isPlainNull(node)) return node.text;
  findings.add(
    finding(
      'manifest-field-type',
      { field, wanted: 'text' },
      { where: place(node, field), expected: 'text' },
    ),
  );
  return undefined;
}

function checkHex(node: DocNode, field: string, digits: 32 | 64, findings: FindingList): string | undefined {
  const form = digits === 64 ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{32}$/;
  if (node.kind === 'text' && form.test(node.text)) return node.text;
  const expected = `${digits} lower-case hex digits`;
  const found = node.kind === 'text' ? node.text : 'not text';
  findings.add(finding('manifest-hex', { field, digits }, { where: place(node, field), expected, found }));
  return undefined;
}
