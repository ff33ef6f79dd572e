import { toBase64 } from '../bytes/base64.js';
import { concatBytes } from '../bytes/bytes.js';
import { fromHex, toHex } from '../bytes/hex.js';
import { fromUtf8, toUtf8 } from '../bytes/text.js';
import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { dearmorSshsig } from '../signature/armor.js';
import { dearmorOpenPgp } from '../signature/openpgp/armor.js';
import { armorBlob } from '../signature/sshsigWrite.js';
import type { ApprovalStatement } from './approval.js';
import { readRequest, type ApprovalRequest } from './request.js';
import { draftStatement, readStatement, type StatementFields } from './statement.js';

/** What one code holds at the lowest level of correction (version 40-L), in bytes. */
export const CAMERA_BYTES_MAX = 2953;

/** An approval that crosses the air gap: the statement, and the signature file over it. */
export interface CameraAnswer {
  readonly statement: ApprovalStatement;
  readonly signature: { readonly kind: 'sshsig' | 'openpgp'; readonly bytes: Uint8Array };
}

export type CameraRead =
  | { readonly kind: 'request'; readonly request: ApprovalRequest & { readonly bytes: Uint8Array } }
  | { readonly kind: 'answer'; readonly answer: CameraAnswer }
  | { readonly findings: readonly Finding[] };

const MAGIC = toUtf8('CSA1');
const KINDS = ['sshsig', 'openpgp'] as const;
const FLAG = { declined: 1, comment: 2, expires: 4, key: 8, file: 16 } as const;
const FLAGS_KNOWN = 31;
const DIGEST_BYTES = 32;

/**
 * An approval in the fewest bytes (docs/SPEC.md, "Codes"): only what the statement cannot be rebuilt without. The
 * statement has one form (RFC 8785), so its fields give its bytes back; the armor of a signature does, too.
 */
export function writeAnswer(
  statementBytes: Uint8Array,
  signature: CameraAnswer['signature'],
): { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly findings: readonly Finding[] } {
  const read = readStatement(statementBytes);
  if ('findings' in read) return read;
  const { statement } = read;
  const packets = dearmored(signature);
  if (packets === null) return refused('its signature is not framed as it should be');
  const { bundle, comment, expires, key } = statement;
  const flags =
    (statement.decision === 'declined' ? FLAG.declined : 0) |
    (comment === undefined ? 0 : FLAG.comment) |
    (expires === undefined ? 0 : FLAG.expires) |
    (key === undefined ? 0 : FLAG.key) |
    (statement.kind === 'file' ? FLAG.file : 0);
  const texts = [bundle.id, bundle.version, statement.role, statement.user, statement.signedAt];
  if (statement.kind === 'file') texts.push(statement.subjectName);
  for (const one of [comment, expires, key]) if (one !== undefined) texts.push(one);
  const bytes = concatBytes([
    MAGIC,
    Uint8Array.of(flags, KINDS.indexOf(signature.kind)),
    fromHex(statement.subjectSha256)!,
    fromHex(bundle.contentRoot.replace('sha256:', ''))!,
    ...texts.map((text) => counted(toUtf8(text))),
    counted(packets),
  ]);
  if (bytes.length <= CAMERA_BYTES_MAX) return { bytes };
  const params = { bytes: bytes.length, bytesMax: CAMERA_BYTES_MAX };
  return { findings: [finding('camera-answer-too-large', params)] };
}

/** What a code holds. `bytes` is attacker-controlled: anybody can print a code. Says nothing about who signed. */
export function readCamera(bytes: Uint8Array): CameraRead {
  if (bytes.length > CAMERA_BYTES_MAX) return refused('it is longer than one code can be');
  if (bytes[0] === 0x7b) {
    const read = readRequest(bytes);
    return 'findings' in read ? read : { kind: 'request', request: read.request };
  }
  return readAnswer(bytes);
}

function readAnswer(bytes: Uint8Array): CameraRead {
  const reader = new Reader(bytes);
  if (toHex(reader.raw(MAGIC.length)) !== toHex(MAGIC)) return refused('it does not begin like one');
  const flags = reader.raw(1)[0] ?? 0;
  const kind = KINDS[reader.raw(1)[0] ?? KINDS.length];
  if (kind === undefined || flags > FLAGS_KNOWN)
    return refused('it is of a kind that this version does not know');
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const subjectSha256 = toHex(reader.raw(DIGEST_BYTES));
  const contentRoot = `sha256:${toHex(reader.raw(DIGEST_BYTES))}`;
  const [id, version, role, user, signedAt] = [0, 0, 0, 0, 0].map(() => reader.text());
  const subjectName = has(FLAG.file) ? reader.text() : 'manifest.yaml';
  const optional = (flag: number): string | undefined => (has(flag) ? reader.text() : undefined);
  const [comment, expires, key] = [optional(FLAG.comment), optional(FLAG.expires), optional(FLAG.key)];
  const packets = reader.counted();
  if (reader.failed) return refused('it is cut short, or a text in it is not UTF-8');
  if (reader.rest > 0) return refused('something follows its end');
  // An empty comment is left out of a statement, so there would be two codes for one approval.
  if (comment === '') return refused('it has an empty comment');
  if (packets.length === 0) return refused('it has no signature');
  const fields: StatementFields = {
    kind: has(FLAG.file) ? 'file' : 'bundle',
    subjectSha256,
    subjectName,
    bundle: { id: id!, version: version!, contentRoot },
    decision: has(FLAG.declined) ? 'declined' : 'approved',
    role: role!,
    user: user!,
    signedAt: signedAt!,
    ...(comment === undefined ? {} : { comment }),
    ...(expires === undefined ? {} : { expires }),
    ...(key === undefined ? {} : { key }),
  };
  const draft = draftStatement(fields);
  if ('findings' in draft) return draft;
  const read = readStatement(draft.bytes);
  if ('findings' in read) return read;
  const signature = { kind, bytes: kind === 'sshsig' ? armorBlob(packets) : armorOpenPgp(packets) };
  return { kind: 'answer', answer: { statement: read.statement, signature } };
}

function refused(problem: string): { readonly findings: readonly Finding[] } {
  return { findings: [finding('camera-code-refused', { problem })] };
}

function dearmored({ kind, bytes }: CameraAnswer['signature']): Uint8Array | null {
  if (kind === 'sshsig') {
    const read = dearmorSshsig(bytes);
    return 'blob' in read ? read.blob : null;
  }
  const read = dearmorOpenPgp(bytes, 'SIGNATURE');
  return 'blocks' in read ? (read.blocks[0] ?? null) : null;
}

/** RFC 9580 section 6.2; the checksum is optional and left out. */
function armorOpenPgp(packets: Uint8Array): Uint8Array {
  const lines = toBase64(packets).match(/.{1,64}/g) ?? [];
  const frame = ['-----BEGIN PGP SIGNATURE-----', '', ...lines, '-----END PGP SIGNATURE-----', ''];
  return toUtf8(frame.join('\n'));
}

function counted(bytes: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** Reads one field after the other; the first that is not there makes it fail for good. */
class Reader {
  private at = 0;
  failed = false;

  constructor(private readonly bytes: Uint8Array) {}

  get rest(): number {
    return this.bytes.length - this.at;
  }

  raw(length: number): Uint8Array {
    if (this.failed || length > this.rest) {
      this.failed = true;
      return new Uint8Array();
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  counted(): Uint8Array {
    const [high = 0, low = 0] = this.raw(2);
    return this.raw(high * 256 + low);
  }

  text(): string {
    const text = fromUtf8(this.counted());
    if (text === null) this.failed = true;
    return text ?? '';
  }
}
