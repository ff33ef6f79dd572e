import { isDigest, isObject, isText, isTexts, isTimeText } from './approvingShape.js';
import { fromUtf8 } from '../core/bytes/text.js';
import { readStatement } from '../core/envelope/statement.js';
import type { Dialect } from '../core/generated/report.js';
import type { KeyKind } from '../engine/signer.js';

/** What must be read before an approval: who must approve, what rules, then files. */
export type Pane = 'request' | 'who' | 'rules' | 'files';

/** The bundle, or the one file of it, that an approval is about. Texts of a bundle are attacker-controlled. */
export interface About {
  /** Key of the library; null when this device has only the request. */
  readonly archiveDigest: string | null;
  readonly bundleDigest: string;
  readonly id: string;
  readonly version: string;
  readonly contentRoot: string;
  readonly dialect: Dialect;
  /** Name on somebody's disk. */
  readonly name: string;
  /** Approval of one file only. */
  readonly file?: { readonly path: string; readonly sha256: string };
  /** The request that is answered, as it was received. */
  readonly request?: Uint8Array;
}

/** What the person says so far. */
export interface Said {
  readonly role: string;
  readonly user: string;
  readonly decision: 'approved' | 'declined';
  readonly comment: string;
  /** Days from the signature on; null: no end. */
  readonly days: number | null;
}

export type DraftStep = 'review' | 'statement' | 'sign' | 'stopped';

/** A decision under way. It outlives the tab; nothing in it is signed. */
export interface Draft {
  readonly id: string;
  readonly step: DraftStep;
  readonly about: About;
  readonly required: readonly Pane[];
  readonly seen: readonly Pane[];
  /** Why panes stay unread; goes into the comment. */
  readonly because: string;
  readonly said: Said;
  /** The exact bytes to sign; from the step `sign` on. */
  readonly statement: Uint8Array | null;
  /** RFC 3339. */
  readonly changedAt: string;
}

/** What the second code path said: the browser's own cryptography, which shares nothing with ours. */
export type SecondPath = 'agrees' | 'lacks';

/** A signature that was made and checked. */
export interface Receipt {
  readonly id: string;
  readonly about: About;
  readonly statement: Uint8Array;
  readonly signature: { readonly kind: 'sshsig' | 'openpgp'; readonly bytes: Uint8Array };
  readonly key: {
    readonly fingerprint: string;
    readonly words: string;
    readonly kind: KeyKind | 'elsewhere';
    readonly label: string;
  };
  /** Ours: `could-not-check` only for an OpenPGP signature whose public key is not here. */
  readonly own: 'true' | 'could-not-check';
  readonly second: SecondPath;
  /** RFC 3339: when it was signed here, or taken in. */
  readonly at: string;
  /** What has to follow a signature; done once each, also when the tab dies between. */
  readonly noted: { readonly library: boolean; readonly log: boolean };
}

const PANES: readonly string[] = ['request', 'who', 'rules', 'files'];
const STEPS: readonly string[] = ['review', 'statement', 'sign', 'stopped'];
const KINDS: readonly string[] = ['passkey', 'browser', 'passphrase', 'openssh', 'openpgp', 'elsewhere'];
const DIALECTS: readonly string[] = ['countersign', 'specular-cli', 'specular-planned'];

/** Reads a draft back; null when it is not what this version writes, or shows one thing and would sign another. */
export function readDraft(key: string, value: unknown): Draft | null {
  if (!isObject(value)) return null;
  const draft = value as unknown as Draft;
  const whole =
    draft.id === key &&
    STEPS.includes(draft.step) &&
    isAbout(value['about']) &&
    isTexts(value['required']) &&
    draft.required.every((pane) => PANES.includes(pane)) &&
    isTexts(value['seen']) &&
    draft.seen.every((pane) => draft.required.includes(pane)) &&
    isText(draft.because) &&
    isSaid(value['said']) &&
    isTimeText(draft.changedAt) &&
    (draft.statement === null ? draft.step !== 'sign' : statementFits(draft.about, draft.statement));
  return whole ? draft : null;
}

export function readReceipt(key: string, value: unknown): Receipt | null {
  if (!isObject(value)) return null;
  const receipt = value as unknown as Receipt;
  const { signature, key: signer, noted } = value as Record<string, unknown>;
  const whole =
    receipt.id === key &&
    isAbout(value['about']) &&
    statementFits(receipt.about, receipt.statement) &&
    isObject(signature) &&
    (signature['kind'] === 'sshsig' || signature['kind'] === 'openpgp') &&
    signature['bytes'] instanceof Uint8Array &&
    fromUtf8(signature['bytes']) !== null &&
    isObject(signer) &&
    isText(signer['fingerprint']) &&
    isText(signer['words']) &&
    isText(signer['label']) &&
    KINDS.includes(String(signer['kind'])) &&
    (receipt.own === 'true' || receipt.own === 'could-not-check') &&
    (receipt.second === 'agrees' || receipt.second === 'lacks') &&
    isTimeText(receipt.at) &&
    isObject(noted) &&
    typeof noted['library'] === 'boolean' &&
    typeof noted['log'] === 'boolean';
  return whole ? receipt : null;
}

/** SHA-256 as it stands in `subject` of the statement: of manifest.yaml, or of the one file. */
export function subjectSha256({ bundleDigest, file }: About): string {
  return file?.sha256 ?? bundleDigest.replace('sha256:', '');
}

/** Whether a statement is about exactly this bundle, or this file of it. */
export function statementFits(about: About, bytes: unknown): bytes is Uint8Array {
  if (!(bytes instanceof Uint8Array)) return false;
  const read = readStatement(bytes);
  if ('findings' in read) return false;
  const { kind, subjectName, bundle, subjectSha256: subject } = read.statement;
  const { id, version, contentRoot, file } = about;
  return (
    kind === (file === undefined ? 'bundle' : 'file') &&
    (file === undefined || subjectName === file.path) &&
    subject === subjectSha256(about) &&
    bundle.id === id &&
    bundle.version === version &&
    bundle.contentRoot === contentRoot
  );
}

function isAbout(value: unknown): boolean {
  if (!isObject(value)) return false;
  const about = value as unknown as About;
  return (
    (about.archiveDigest === null || isDigest(about.archiveDigest)) &&
    isDigest(about.bundleDigest) &&
    isDigest(about.contentRoot) &&
    isText(about.id) &&
    isText(about.version) &&
    isText(about.name) &&
    DIALECTS.includes(about.dialect) &&
    (about.file === undefined || (isText(about.file.path) && /^[0-9a-f]{64}$/.test(about.file.sha256))) &&
    (about.request === undefined || about.request instanceof Uint8Array)
  );
}

function isSaid(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { role, user, decision, comment, days } = value;
  return (
    isText(role) &&
    isText(user) &&
    isText(comment) &&
    (decision === 'approved' || decision === 'declined') &&
    (days === null || (Number.isSafeInteger(days) && Number(days) > 0))
  );
}
