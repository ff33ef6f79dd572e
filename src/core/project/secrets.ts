import { fromUtf8 } from '../bytes/text.js';

export type SecretKind =
  | 'aws-access-key'
  | 'aws-secret-key'
  | 'github-token'
  | 'slack-token'
  | 'private-key'
  | 'password'
  | 'json-web-token'
  | 'database-address'
  | 'api-key';

export interface SecretFinding {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly kind: SecretKind;
  /** The first characters and the length: enough to find it, too little to use it. */
  readonly excerpt: string;
}

interface Pattern {
  readonly kind: SecretKind;
  /** Global; the first group is the secret, the whole match where there is none. */
  readonly expression: RegExp;
}

/** Values in an assignment: quoted or bare, at least 8 characters; what stands for another place is no value. */
const VALUE = String.raw`["']?([^\s"'#,;}{]{8,512})`;
const IS = String.raw`["']?[ \t]{0,8}(?:=>|:=|[:=])[ \t]{0,8}`;

/** In this order: a place that several match is told by the first. */
const PATTERNS: readonly Pattern[] = [
  {
    kind: 'private-key',
    expression: /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g,
  },
  { kind: 'aws-access-key', expression: /\b((?:AKIA|ASIA)[A-Z0-9]{16})\b/g },
  { kind: 'github-token', expression: /\b(gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})/g },
  { kind: 'slack-token', expression: /\b(xox[abeoprs]-[A-Za-z0-9-]{10,255})/g },
  { kind: 'json-web-token', expression: /\b(eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.[\w-]{8,4096})/g },
  { kind: 'database-address', expression: /\b[a-z][a-z0-9+]{2,20}:\/\/[^\s:@/]{1,128}:([^\s:@/]{3,256})@/gi },
  { kind: 'api-key', expression: /\b(sk-[A-Za-z0-9-]{20,255}|AIza[\w-]{35})/g },
  { kind: 'aws-secret-key', expression: assigned('aws[a-z_.-]{0,20}secret[a-z_.-]{0,20}') },
  { kind: 'password', expression: assigned('(?:password|passwd|passphrase)') },
  {
    kind: 'api-key',
    expression: assigned('(?:api[_-]?key|apikey|secret(?:[_-]?key)?|access[_-]?token|auth[_-]?token)'),
  },
];

const PLACEHOLDER = /^(?:\$\{[^}]*\}?|\$[A-Za-z_]\w*|<[^>]*>?|%[A-Za-z_]\w*%|\*+|x{8,})$/;
const BLOCK_BYTES = 256 * 1024;
const OVERLAP_BYTES = 16 * 1024;
const FINDINGS_MAX = 100;
const SHOWN = 4;

function assigned(name: string): RegExp {
  return new RegExp(`(?:^|[^A-Za-z0-9])[A-Za-z0-9_.-]{0,40}?${name}${IS}${VALUE}`, 'gim');
}

/**
 * Looks for secrets in one file, in pieces: memory does not grow with the file. Text of the file is never in the
 * result, only its first {@link SHOWN} characters. Feed it with `push`, end it with `finish`.
 */
export class SecretScanner {
  private rest = '';
  private line = 1;
  private readonly seen = new Set<string>();
  private readonly found: SecretFinding[] = [];
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;

  constructor(private readonly path: string) {}

  push(bytes: Uint8Array): void {
    this.waiting.push(bytes.slice());
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= BLOCK_BYTES) this.take(false);
  }

  finish(): readonly SecretFinding[] {
    this.take(true);
    return this.found.toSorted((a, b) => a.line - b.line);
  }

  /** What may have been cut at the end of a block is looked at again with the next one. */
  private take(last: boolean): void {
    const text = this.rest + this.waiting.map(latin).join('');
    this.waiting = [];
    this.waitingBytes = 0;
    this.look(text, last);
    const keepFrom = Math.max(0, text.length - OVERLAP_BYTES);
    const lineStart = text.lastIndexOf('\n', keepFrom) + 1;
    const cut = keepFrom - lineStart > OVERLAP_BYTES ? keepFrom : lineStart;
    this.line += count(text, cut);
    this.rest = text.slice(cut);
  }

  private look(text: string, last: boolean): void {
    for (const { kind, expression } of PATTERNS) {
      expression.lastIndex = 0;
      for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
        if (this.found.length >= FINDINGS_MAX) return;
        const cut = !last && expression.lastIndex === text.length;
        const secret = match[1] ?? match[0];
        if (cut || PLACEHOLDER.test(secret)) continue;
        this.note(kind, secret, this.line + count(text, match.index + match[0].lastIndexOf(secret)));
      }
    }
  }

  private note(kind: SecretKind, secret: string, line: number): void {
    const key = `${line} ${secret.slice(0, 64)}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.found.push({ path: this.path, line, kind, excerpt: masked(secret) });
  }
}

/** `sk-a… (53 characters)` */
function masked(secret: string): string {
  const start = secret.startsWith('-----') ? secret : secret.slice(0, SHOWN).replace(/[^!-~]/g, '?');
  return start === secret ? secret : `${start}… (${secret.length} characters)`;
}

function count(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Text where it is text, else one character a byte: the patterns are ASCII. */
function latin(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text !== null) return text;
  let out = '';
  for (let at = 0; at < bytes.length; at += 4096)
    out += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  return out;
}
