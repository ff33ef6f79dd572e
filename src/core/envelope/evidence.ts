import { equalBytes } from '../bytes/bytes.js';
import { fromUtf8 } from '../bytes/text.js';
import { parseJson, type JsonObject, type JsonValue } from '../canon/json.js';
import type { Finding, Place } from '../generated/report.js';
import { limitsProfiles, type Limits } from '../limits.js';
import { finding } from '../messages/finding.js';
import { looksLikeCertificate } from '../signature/openpgp/blocks.js';
import type {
  ApprovalStatement,
  Evidence,
  EvidenceSignature,
  LegacyApproval,
  NamedBytes,
} from './approval.js';
import { isPlannedApproval, readLegacyApproval } from './legacy.js';
import { readStatement } from './statement.js';
import { REQUEST_TYPE } from './kinds.js';
import { readWithdrawal, WITHDRAWAL_TYPE, type SignedWithdrawal } from './withdrawal.js';

/** What a set of files turned out to be. Every file given is in exactly one place, or named in a finding. */
export interface CollectedEvidence {
  readonly evidence: readonly Evidence[];
  readonly attestations: readonly NamedBytes[];
  /** Loose signatures that no name pairs: the caller tries them on the statements. Empty for embedded files. */
  readonly unpaired: readonly EvidenceSignature[];
  /** Loose files with OpenPGP public keys. Empty for embedded files: a bundle brings no keys. */
  readonly certificates: readonly NamedBytes[];
  /** Loose files that are nothing of ours. Empty for embedded files, where each becomes evidence that does not hold. */
  readonly unrecognised: readonly { readonly file: string; readonly findings: readonly Finding[] }[];
}

type ApprovalLimits = Pick<Limits, 'approvalsMax' | 'approvalBytesMax'>;

/** A signature file and the name of the statement that it should stand beside. */
interface NamedSignature extends EvidenceSignature {
  readonly beside: string;
}

type Sorted =
  | { readonly is: 'document'; readonly draft: Draft }
  | { readonly is: 'signature'; readonly signature: NamedSignature }
  | { readonly is: 'attestation' | 'certificate'; readonly file: NamedBytes }
  | { readonly is: 'unrecognised'; readonly file: string; readonly findings: readonly Finding[] };

interface Draft {
  /** The names under which these bytes were given. */
  readonly names: string[];
  readonly text: string;
  readonly statement: ApprovalStatement | null;
  readonly legacy: LegacyApproval | null;
  readonly withdrawal?: SignedWithdrawal;
  readonly signatures: EvidenceSignature[];
  readonly findings: readonly Finding[];
}

/**
 * Sorts files into approvals, signatures and attestations (docs/SPEC.md, "Approvals"). Everything here is
 * attacker-controlled; names only pair a statement with the signature beside it, they carry no meaning.
 * Equal bytes collapse. Nothing is dropped in silence: what is over a limit or not recognised is named.
 */
export function collectEvidence(
  files: readonly NamedBytes[],
  origin: Evidence['origin'],
  limits: ApprovalLimits = limitsProfiles.default,
): CollectedEvidence {
  const sorted = files.map((file) => sortFile(file, origin, limits));
  const drafts = collapse(sorted.flatMap((one) => (one.is === 'document' ? [one.draft] : [])));
  const signatures = sorted.flatMap((one) => (one.is === 'signature' ? [one.signature] : []));
  const unpaired = pair(drafts, dropRepeated(signatures), origin);
  const kept = drafts.slice(0, limits.approvalsMax);
  const over = drafts.slice(limits.approvalsMax);
  const unrecognised = [
    ...sorted.flatMap((one) =>
      one.is === 'unrecognised' ? [{ file: one.file, findings: one.findings }] : [],
    ),
    ...over.map((draft) => ({ file: draft.names[0]!, findings: [tooMany(over.length, limits)] })),
  ];
  const evidence = kept.map((draft) => evidenceOf(draft, origin));
  const attestations = sorted.flatMap((one) => (one.is === 'attestation' ? [one.file] : []));
  const certificates = sorted.flatMap((one) => (one.is === 'certificate' ? [one.file] : []));
  if (origin === 'loose') return { evidence, attestations, unpaired, certificates, unrecognised };
  const failed = [...unrecognised, ...unpaired.map((signature) => withoutStatement(signature))];
  return {
    evidence: [...evidence, ...failed.map(emptyEvidence)],
    attestations,
    unpaired: [],
    certificates: [],
    unrecognised: [],
  };
}

function evidenceOf(
  { names, statement, legacy, withdrawal, signatures, findings }: Draft,
  origin: Evidence['origin'],
): Evidence {
  const taken = withdrawal === undefined ? {} : { withdrawal };
  return { file: names[0]!, origin, statement, legacy, ...taken, signatures, findings };
}

function emptyEvidence({ file, findings }: { file: string; findings: readonly Finding[] }): Evidence {
  return { file, origin: 'embedded', statement: null, legacy: null, signatures: [], findings };
}

function withoutStatement({ file }: EvidenceSignature): { file: string; findings: Finding[] } {
  return { file, findings: [finding('signature-without-statement', {}, { where: { path: file } })] };
}

function tooMany(left: number, { approvalsMax }: ApprovalLimits): Finding {
  return finding('approvals-too-many', { approvalsMax, left });
}

// --- What one file is ----------------------------------------------------------------------------------------

const SIGNATURE_ENDINGS: readonly (readonly [string, EvidenceSignature['kind']])[] = [
  ['.sigstore.json', 'sigstore'],
  ['.sig', 'sshsig'],
  ['.asc', 'openpgp'],
  ['.tsr', 'timestamp'],
];

function sortFile(file: NamedBytes, origin: Evidence['origin'], limits: ApprovalLimits): Sorted {
  const { name, bytes } = file;
  const where: Place = origin === 'embedded' ? { path: name } : { file: name };
  // It has a limit of its own, and its name says nothing: `.asc` is used for keys and for signatures.
  if (origin === 'loose' && looksLikeCertificate(bytes)) return { is: 'certificate', file };
  if (bytes.length > limits.approvalBytesMax) {
    const findings = [finding('approval-too-large', { bytesMax: limits.approvalBytesMax }, { where })];
    return { is: 'unrecognised', file: name, findings };
  }
  if (name.startsWith('attestations/')) return { is: 'attestation', file };
  const signature = signatureByName(file);
  if (signature !== null) return { is: 'signature', signature };
  return sortByContent(file, where, origin);
}

/** `X.json.sig` and its siblings. A Sigstore bundle that stands beside no statement is an attestation. */
function signatureByName({ name, bytes }: NamedBytes): NamedSignature | null {
  for (const [ending, kind] of SIGNATURE_ENDINGS) {
    if (!name.endsWith(ending)) continue;
    const beside = name.slice(0, -ending.length);
    if (kind === 'sigstore' && !beside.endsWith('.json')) return null;
    return { file: name, kind, bytes, beside };
  }
  return null;
}

function sortByContent(file: NamedBytes, where: Place, origin: Evidence['origin']): Sorted {
  const { name, bytes } = file;
  const text = fromUtf8(bytes) ?? '';
  const armor = /^\s*-----BEGIN (SSH|PGP) SIGNATURE-----/.exec(text)?.[1];
  if (armor !== undefined) {
    const kind = armor === 'SSH' ? 'sshsig' : 'openpgp';
    return { is: 'signature', signature: { file: name, kind, bytes, beside: '' } };
  }
  const read = parseJson(bytes);
  const value = 'value' in read && isObject(read.value) ? read.value : null;
  if (value !== null && isAttestation(value)) return { is: 'attestation', file };
  if (/^(?:approved_by|approved_at):/m.test(text) || /^Approved at: /.test(text)) {
    return document(file, text, null, null, [finding('approval-unsigned-record', {}, { where })]);
  }
  if (value?.['_type'] === REQUEST_TYPE && origin === 'loose')
    return {
      is: 'unrecognised',
      file: name,
      findings: [finding('loose-request', { file: name }, { where })],
    };
  if (value?.['_type'] === WITHDRAWAL_TYPE) return withdrawalDocument(file, text, where);
  if (looksLikeStatement(value, text)) {
    const statement = readStatement(bytes, where);
    return 'statement' in statement
      ? document(file, text, statement.statement, null, [])
      : document(file, text, null, null, statement.findings);
  }
  if (value !== null && isPlannedApproval(value)) {
    return document(file, text, null, null, [finding('approval-planned-layout', {}, { where })]);
  }
  if (looksLikeLegacy(value, text)) {
    const { approval, findings } = readLegacyApproval(bytes, where);
    return document(file, text, null, approval, findings);
  }
  const findings = [finding('approval-not-recognised', {}, { where })];
  return origin === 'embedded'
    ? document(file, text, null, null, findings)
    : { is: 'unrecognised', file: name, findings };
}

function withdrawalDocument({ name, bytes }: NamedBytes, text: string, where: Place): Sorted {
  const read = readWithdrawal(bytes, where);
  const base = { names: [name], text, statement: null, legacy: null, signatures: [] };
  const draft: Draft =
    'findings' in read
      ? { ...base, findings: read.findings }
      : { ...base, withdrawal: read.withdrawal, findings: [] };
  return { is: 'document', draft };
}

function document(
  { name }: NamedBytes,
  text: string,
  statement: ApprovalStatement | null,
  legacy: LegacyApproval | null,
  findings: readonly Finding[],
): Sorted {
  return { is: 'document', draft: { names: [name], text, statement, legacy, signatures: [], findings } };
}

/** Also when it is damaged: the reason for refusing it should be the one for its kind. */
function looksLikeStatement(value: JsonObject | null, text: string): boolean {
  return value === null ? text.includes('"predicateType"') : 'predicateType' in value || '_type' in value;
}

function looksLikeLegacy(value: JsonObject | null, text: string): boolean {
  if (value === null) return /"role"\s*:/.test(text);
  return 'signature_type' in value || 'public_key' in value || ('role' in value && 'signature' in value);
}

function isAttestation(value: JsonObject): boolean {
  const { mediaType } = value;
  return (
    (typeof mediaType === 'string' && mediaType.startsWith('application/vnd.dev.sigstore')) ||
    'payloadType' in value
  );
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// --- Collapsing and pairing ----------------------------------------------------------------------------------

/** The same bytes under several names are one approval. */
function collapse(drafts: readonly Draft[]): Draft[] {
  const byText = new Map<string, Draft>();
  for (const draft of drafts) {
    // Bytes that are not UTF-8 have no text to compare; each stands alone.
    const key = draft.text === '' ? `\u0000${draft.names[0]!}` : draft.text;
    const before = byText.get(key);
    if (before === undefined) byText.set(key, draft);
    else before.names.push(...draft.names);
  }
  return [...byText.values()];
}

function dropRepeated(signatures: readonly NamedSignature[]): NamedSignature[] {
  const kept = new Map<string, NamedSignature[]>();
  for (const signature of signatures) {
    const name = `${signature.kind} ${signature.beside}`;
    const same = kept.get(name) ?? [];
    if (!same.some(({ bytes }) => equalBytes(bytes, signature.bytes))) kept.set(name, [...same, signature]);
  }
  return [...kept.values()].flat();
}

/** Puts signatures beside their statements by name; returns those without one. A name that stands for two documents pairs none. */
function pair(
  drafts: readonly Draft[],
  signatures: readonly NamedSignature[],
  origin: Evidence['origin'],
): EvidenceSignature[] {
  const owners = new Map<string, Draft | null>();
  for (const draft of drafts) {
    for (const name of draft.names)
      owners.set(name, owners.has(name) && owners.get(name) !== draft ? null : draft);
  }
  const unpaired: EvidenceSignature[] = [];
  for (const { beside, ...signature } of signatures) {
    const owner = owners.get(beside);
    if (owner?.statement || owner?.withdrawal) addSignature(owner, signature);
    else if (origin === 'loose' || !isRefused(owner)) unpaired.push(signature);
  }
  return unpaired;
}

/** A document that cannot be read has said so; the signature beside it needs no second complaint. */
function isRefused(owner: Draft | null | undefined): boolean {
  return (
    owner !== null &&
    owner !== undefined &&
    owner.statement === null &&
    owner.legacy === null &&
    !owner.withdrawal
  );
}

function addSignature({ signatures }: Draft, signature: EvidenceSignature): void {
  const twice = signatures.some(
    ({ kind, bytes }) => kind === signature.kind && equalBytes(bytes, signature.bytes),
  );
  if (!twice) signatures.push(signature);
}
