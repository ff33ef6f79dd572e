import { toUtf8 } from '../bytes/text.js';

/**
 * A YAML document before its schema is known: every scalar is text, as written. Both readers
 * (the line reader and the general one) give these nodes, so that nothing depends on which of them read.
 */
export type DocNode = TextNode | ListNode | MapNode;

export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
  /** Written without quotes. Only plain text can stand for a number or a truth value. */
  readonly plain: boolean;
  /** 1-based. */
  readonly line: number;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly DocNode[];
  readonly line: number;
}

export interface MapNode {
  readonly kind: 'map';
  /** In the order of the document. Keys are plain data, `__proto__` too. */
  readonly entries: ReadonlyMap<string, DocNode>;
  readonly line: number;
}

export type DocProblemKind =
  | 'too-large'
  | 'utf8'
  | 'bom'
  | 'character'
  | 'tab'
  | 'syntax'
  | 'anchor'
  | 'tag'
  | 'directive'
  | 'documents'
  | 'merge'
  | 'duplicate-key'
  | 'key'
  | 'depth'
  | 'scalar'
  | 'empty';

/** Why a document was refused before its schema was looked at. */
export interface DocProblem {
  readonly kind: DocProblemKind;
  /** 1-based. */
  readonly line: number;
  /** What stands there, attacker-controlled, when it helps: the repeated key, the anchor. */
  readonly found?: string;
}

export type DocRead = { readonly node: DocNode } | { readonly problem: DocProblem };

/** One plain English clause for each kind, for messages of any document. */
export const docProblemText: Readonly<Record<DocProblemKind, string>> = {
  'too-large': 'the document is larger than the limit',
  utf8: 'the bytes are not UTF-8',
  bom: 'the document starts with a byte order mark',
  character: 'a control character or another character that readers treat differently stands there',
  tab: 'a tab character stands there',
  syntax: 'the text is not YAML, or is YAML that readers understand differently',
  anchor: 'an anchor or alias (& or *) stands there',
  tag: 'a tag (!) stands there',
  directive: 'a directive (%) stands there',
  documents: 'more than one document, or an end mark, is in the file',
  merge: 'a merge key (<<) stands there',
  'duplicate-key': 'a key stands twice in one mapping',
  key: 'a key is not one plain or quoted text on one line',
  depth: 'lists or mappings nest too deeply',
  scalar: 'one text is longer than the limit',
  empty: 'the document is empty',
};

/** Characters that the strict readers refuse in the raw text: YAML 1.1 and 1.2 readers disagree about them, or nobody sees them. */
// eslint-disable-next-line no-control-regex
export const RAW_REFUSED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

/** Values that a YAML reader may take for "nothing". Nobody writes them for a text without quotes. */
export function isPlainNull(node: TextNode): boolean {
  return node.plain && /^(?:|~|null|Null|NULL)$/.test(node.text);
}

/** True when `text` takes more than `bytesMax` bytes of UTF-8. */
export function isLonger(text: string, bytesMax: number): boolean {
  return text.length > bytesMax || (text.length * 3 > bytesMax && toUtf8(text).length > bytesMax);
}
