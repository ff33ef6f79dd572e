import { concatBytes } from '../bytes/bytes.js';
import type { Finding, Place } from '../generated/report.js';
import { fixedLimits, type Limits } from '../limits.js';
import { finding } from '../messages/finding.js';
import { NameSpace } from './namespace.js';
import { notUtf8Finding, pathFindings } from './path.js';
import { readPax, type PaxProblem, type PaxRecords } from './pax.js';
import { describeFormat } from './sniff.js';
import { BLOCK, isZeroBlock, readHeader, type HeaderProblem, type TarHeader } from './tarHeader.js';

/** Receives what the reader has judged to be in order. All paths are attacker-controlled but checked. */
export interface TarSink {
  /** A regular file begins; `body` follows until `size` bytes are given, then `endFile`. */
  startFile(path: string, size: number): void;
  body(bytes: Uint8Array): void;
  endFile(): void;
  directory(path: string): void;
  report(finding: Finding): void;
}

/** `reading`: more may come. `ended`: both end blocks seen. `lost`: the next entry cannot be found. `stopped`: over a limit. */
export type TarState = 'reading' | 'ended' | 'lost' | 'stopped';

/** Zeros allowed after the two end blocks: tar fills its output up to records, at most 1 MiB in practice. */
export const TAR_END_PADDING_MAX = 1024 * 1024;
/** From this size on a file's plain header holds 0 and a PAX record its size. 8 GiB. */
export const PAX_SIZE_MIN = 8 * 1024 ** 3;

const TYPES: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
  '7': 'a contiguous file',
  A: 'a Solaris access list',
  D: 'a GNU directory dump',
  E: 'a Solaris attribute file',
  K: 'a GNU long link name',
  L: 'a GNU long name',
  M: 'a continuation from another volume',
  N: 'an old GNU long name',
  S: 'a sparse file',
  V: 'a volume label',
  X: 'a Solaris extended header',
  g: 'a global extended header',
};
/** Types whose bytes no two readers count alike. */
const NO_BODY = '12346';

type Body = 'file' | 'pax' | 'skip';

/**
 * Strict streaming tar reader (docs/SPEC.md, "Container"): regular files and empty directories in USTAR,
 * PAX `path` and `size`, nothing else. Reports everything that it can know, and stops following the
 * archive where its structure is in doubt. Attacker-controlled bytes.
 */
export class TarReader {
  state: TarState = 'reading';
  /** Unpacked bytes seen. */
  bytes = 0;
  entries = 0;
  private readonly names = new NameSpace();
  private readonly block = new Uint8Array(BLOCK);
  private blockFill = 0;
  private body: Body | null = null;
  private bodyLeft = 0;
  private paddingLeft = 0;
  private path = '';
  private paxParts: Uint8Array[] = [];
  private paxAt = 0;
  private pax: PaxRecords | null = null;
  /** After a GNU long name the next header carries only a part of it. */
  private nameUnknown = false;
  private zeroBlocks = 0;
  private endByte = 0;

  constructor(
    private readonly limits: Limits,
    private readonly sink: TarSink,
  ) {}

  /** Takes the next unpacked bytes. Once `lost` it only counts them, once `stopped` it does nothing. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && (this.state === 'reading' || this.state === 'ended')) {
      const taken = this.take(chunk, at);
      at += taken;
      this.bytes += taken;
    }
    if (this.state === 'stopped') return;
    this.bytes += chunk.length - at;
    if (this.bytes <= this.limits.unpackedBytesMax) return;
    // Where chunks end is up to the platform: what is told must not depend on it.
    this.bytes = this.limits.unpackedBytesMax;
    this.tooBig();
  }

  /** The input ended, as far as gzip knows, correctly. */
  finish(): void {
    if (this.state === 'ended') {
      if (this.blockFill > 0) this.lose(finding('tar-data-after-end', {}, { where: this.place() }));
    } else if (this.state === 'reading') this.lose(this.earlyEnd());
  }

  private earlyEnd(): Finding {
    if (this.bytes < BLOCK) {
      const what = this.bytes === 0 ? 'nothing' : describeFormat(this.block.subarray(0, this.blockFill));
      return finding('tar-not-tar', { what }, { where: { byte: 0 } });
    }
    const inside = this.body !== null || this.paddingLeft > 0 || this.blockFill > 0;
    if (inside)
      return finding(
        'tar-ends-early',
        {},
        { where: { ...this.place(), ...(this.path ? { path: this.path } : {}) } },
      );
    if (this.pax) return this.paxFinding('it stands alone at the end of the archive', this.paxAt);
    return finding('tar-no-end', {}, { where: this.place() });
  }

  /** Takes some bytes of `chunk` from `at` on, and says how many. */
  private take(chunk: Uint8Array, at: number): number {
    if (this.body) return this.takeBody(chunk, at);
    if (this.paddingLeft > 0) return this.takePadding(chunk, at);
    return this.takeBlock(chunk, at);
  }

  private takeBody(chunk: Uint8Array, at: number): number {
    const length = Math.min(this.bodyLeft, chunk.length - at);
    if (this.body === 'file') this.sink.body(chunk.subarray(at, at + length));
    else if (this.body === 'pax') this.paxParts.push(chunk.slice(at, at + length));
    this.bodyLeft -= length;
    if (this.bodyLeft === 0) this.endBody();
    return length;
  }

  private startBody(body: Body, size: number): void {
    this.body = body;
    this.bodyLeft = size;
    this.paddingLeft = (BLOCK - (size % BLOCK)) % BLOCK;
    if (size === 0) this.endBody();
  }

  private endBody(): void {
    const body = this.body;
    this.body = null;
    if (body === 'file') this.sink.endFile();
    if (body === 'pax') this.endPax();
  }

  private takePadding(chunk: Uint8Array, at: number): number {
    const length = Math.min(this.paddingLeft, chunk.length - at);
    for (let i = 0; i < length; i++) {
      if (chunk[at + i] === 0) continue;
      this.lose(
        finding('tar-padding', { path: this.path }, { where: { path: this.path, byte: this.bytes + i } }),
      );
      return length;
    }
    this.paddingLeft -= length;
    return length;
  }

  private takeBlock(chunk: Uint8Array, at: number): number {
    if (this.blockFill === 0 && chunk.length - at >= BLOCK) {
      this.takeHeader(chunk, at, this.bytes);
      return BLOCK;
    }
    const length = Math.min(BLOCK - this.blockFill, chunk.length - at);
    this.block.set(chunk.subarray(at, at + length), this.blockFill);
    this.blockFill += length;
    if (this.blockFill === BLOCK) {
      this.blockFill = 0;
      this.takeHeader(this.block, 0, this.bytes + length - BLOCK);
    }
    return length;
  }

  private takeHeader(bytes: Uint8Array, base: number, byte: number): void {
    const zero = bytes[base] === 0 && isZeroBlock(bytes, base);
    if (this.state === 'ended') return this.takeAfterEnd(zero, byte);
    if (zero) return this.takeZeroBlock(byte);
    if (this.zeroBlocks > 0) return this.lose(finding('tar-no-end', {}, { where: { byte } }));
    const header = readHeader(bytes, base);
    if ('problem' in header) return this.badHeader(header, bytes.subarray(base, base + BLOCK), byte);
    const pax = this.pax;
    const nameUnknown = this.nameUnknown;
    this.pax = null;
    this.path = pax?.shown ?? header.shown;
    if (header.type === 'x') return this.startPax(header, pax, byte);
    this.nameUnknown = false;
    this.takeEntry(header, pax, nameUnknown, byte);
  }

  private takeZeroBlock(byte: number): void {
    if (this.pax) return this.lose(this.paxFinding('it stands alone at the end of the archive', this.paxAt));
    this.path = '';
    this.zeroBlocks++;
    if (this.zeroBlocks === 2) {
      this.state = 'ended';
      this.endByte = byte + BLOCK;
    }
  }

  private takeAfterEnd(zero: boolean, byte: number): void {
    const tooLong = byte + BLOCK - this.endByte > TAR_END_PADDING_MAX;
    if (!zero || tooLong) this.lose(finding('tar-data-after-end', {}, { where: { byte } }));
  }

  private badHeader(header: HeaderProblem, block: Uint8Array, byte: number): void {
    const where: Place = { byte: byte + header.at };
    if (header.problem === 'number')
      return this.lose(finding('tar-number', { field: header.field }, { where }));
    const known = header.problem === 'checksum' || header.problem === 'format';
    if (byte === 0 && known) {
      const what = describeFormat(block);
      if (!what.includes('tar archive'))
        return this.lose(finding('tar-not-tar', { what }, { where: { byte: 0 } }));
    }
    if (header.problem === 'checksum') return this.lose(finding('tar-header-checksum', {}, { where }));
    this.lose(finding('tar-format', { field: header.field }, { where }));
  }

  private startPax(header: TarHeader, before: PaxRecords | null, byte: number): void {
    if (before) return this.lose(this.paxFinding('it follows another one', byte));
    if (header.size > fixedLimits.paxBytesMax) {
      const params = { size: header.size, limit: fixedLimits.paxBytesMax };
      return this.stop(finding('tar-header-too-big', params, { where: { byte } }));
    }
    this.paxParts = [];
    this.paxAt = byte;
    this.startBody('pax', header.size);
  }

  private endPax(): void {
    const records = readPax(concatBytes(this.paxParts));
    this.paxParts = [];
    if ('problem' in records)
      return this.lose(this.paxFinding(paxReason(records), this.paxAt + BLOCK + records.at));
    this.pax = records;
  }

  private paxFinding(reason: string, byte: number): Finding {
    return finding('tar-pax-record', { reason }, { where: { byte } });
  }

  private takeEntry(header: TarHeader, pax: PaxRecords | null, nameUnknown: boolean, byte: number): void {
    const { type } = header;
    this.entries++;
    if (this.entries > this.limits.entriesMax) {
      return this.stop(
        finding('archive-too-many-entries', { limit: this.limits.entriesMax }, { where: { byte } }),
      );
    }
    if (
      pax?.size !== undefined &&
      pax.size !== header.size &&
      !(header.size === 0 && pax.size >= PAX_SIZE_MIN)
    ) {
      return this.contradiction(header, pax.size, byte);
    }
    const size = pax?.size ?? header.size;
    if (size > this.limits.entryBytesMax) {
      const params = { path: this.path, size, limit: this.limits.entryBytesMax };
      return this.stop(finding('entry-too-big', params, { where: { path: this.path, byte } }));
    }
    if (this.bytes + size > this.limits.unpackedBytesMax) return this.tooBig();
    for (const key of pax?.unsupported ?? [])
      this.sink.report(unsupported(`the extended attribute ${key}`, this.path, this.paxAt));
    if (type !== '0' && type !== '5') return this.otherType(type, size, byte);
    if (type === '5' && size > 0) {
      return this.lose(
        finding('tar-directory-size', { path: this.path }, { where: { path: this.path, byte } }),
      );
    }
    const path = pax?.path === undefined ? header.path : pax.path;
    const usable = !nameUnknown && !pax?.unsupported.length && this.judgeName(path, type, byte);
    this.takeUsable(usable ? path : null, type, size);
  }

  private takeUsable(path: string | null, type: string, size: number): void {
    if (path === null) return this.startBody('skip', size);
    if (type === '5') return this.sink.directory(withoutFinalSlash(path));
    this.sink.startFile(path, size);
    this.startBody('file', size);
  }

  private contradiction(header: TarHeader, paxSize: number, byte: number): void {
    const detail = {
      where: { path: this.path, byte },
      expected: String(paxSize),
      found: String(header.size),
    };
    this.lose(finding('tar-size-contradiction', { path: this.path }, detail));
  }

  private otherType(type: string, size: number, byte: number): void {
    const what = TYPES[type] ?? `an entry of the unknown type "${type}"`;
    this.sink.report(unsupported(what, this.path, byte));
    if (type === 'S' || (size > 0 && NO_BODY.includes(type))) {
      this.state = 'lost';
      return;
    }
    this.nameUnknown = type === 'L' || type === 'K';
    this.startBody('skip', size);
  }

  /** Reports what is wrong with a name; true when the entry may be listed. */
  private judgeName(path: string | null, type: string, byte: number): boolean {
    if (path === null) {
      this.sink.report(notUtf8Finding(this.path, { byte }));
      return false;
    }
    const bare = type === '5' ? withoutFinalSlash(path) : path;
    const findings = pathFindings(bare, { byte });
    findings.forEach((one) => this.sink.report(one));
    if (findings.some((one) => one.severity === 'error')) return false;
    const clash = this.names.add(bare, type === '5' ? 'directory' : 'file');
    if (!clash) return true;
    const { other, kind } = clash;
    const where: Place = { path: bare, byte };
    if (kind === 'duplicate') this.sink.report(finding('entry-duplicate', { path: bare }, { where }));
    else if (kind === 'collision')
      this.sink.report(finding('entry-name-collision', { path: bare, other }, { where }));
    else this.sink.report(finding('entry-file-and-folder', { path: bare, other }, { where }));
    return false;
  }

  private tooBig(): void {
    this.stop(finding('archive-too-big', { limit: this.limits.unpackedBytesMax }, { where: this.place() }));
  }

  private place(): Place {
    return { byte: this.bytes };
  }

  private lose(why: Finding): void {
    this.state = 'lost';
    this.sink.report(why);
  }

  private stop(why: Finding): void {
    this.state = 'stopped';
    this.sink.report(why);
  }
}

function unsupported(what: string, path: string, byte: number): Finding {
  return finding('entry-unsupported-type', { what, path }, { where: { path, byte } });
}

function withoutFinalSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function paxReason(problem: PaxProblem): string {
  if (problem.problem === 'duplicate') return `it gives "${problem.key}" twice`;
  if (problem.problem === 'empty-path') return 'its path is empty';
  if (problem.problem === 'size') return 'its length is not a plain decimal number';
  return 'a record in it is not in the form "<length> <key>=<value>"';
}
