import { sha256 } from '@noble/hashes/sha2.js';
import { APPROVAL_NAMESPACE, sealApproval, type NamedBytes } from '../../core/approve';
import { toHex } from '../../core/bytes/hex';
import { formatTime } from '../../core/bytes/time';
import { readStatement } from '../../core/envelope/statement';
import type { ApprovalReport, Finding } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import { verifySshsig } from '../../core/signature/sshsig';
import { fingerprintWords } from '../../core/signature/words';
import type { NamedDocument } from '../../engine/engine';
import { SignerError, type KeyCard } from '../../engine/signer';
import { newId } from '../../platform/newId';
import { secondOpinion } from '../../platform/secondPath';
import type { Draft, Receipt } from '../../store/approving';
import { StorageError } from '../../store/database';
import { appendActivity, readActivity } from '../../store/log';
import {
  approvingStore,
  attemptApproving,
  faultOf,
  keepJudged,
  refreshApproving,
  reread,
  written,
} from './approve.svelte';
import { signatureGiven } from '$lib/view/signatureFile';
import { keyring } from './keys.svelte';
import { libraryStore } from './library.svelte';

/** What came of signing. `moved`: the bundle is another one; the decision ends. */
export type SignOutcome = { readonly receipt: Receipt } | Refusal;

interface Refusal {
  readonly findings: readonly Finding[];
  readonly moved?: true;
}

/** Browsers let a click count for about five seconds. */
const GESTURE_MS = 3000;
/** The name under which a new approval is judged before it has one of its own. */
const TRIAL = 'this-approval.json';
/** Reads the bundle again, lets the key sign, checks the result twice, and keeps it. Needs the gesture of a person. */
export async function signDraft(
  draft: Draft,
  card: KeyCard,
  options: { readonly passphrase?: string; readonly signal?: AbortSignal },
): Promise<SignOutcome> {
  const { statement } = draft;
  if (statement === null) return { findings: [finding('approve-bundle-moved', {})], moved: true };
  try {
    if (!(await isOpen(draft))) return { findings: [finding('approve-already-done', {})] };
    if (!(await isUnchanged(draft))) return { findings: [finding('approve-bundle-moved', {})], moved: true };
    const ring = await keyring();
    const made = await ring.sign({
      keyId: card.id,
      namespace: APPROVAL_NAMESPACE,
      message: statement,
      ...options,
    });
    return await accept(draft, made, card);
  } catch (error) {
    return { findings: [reasonOf(error)] };
  }
}

/** Another tab may have signed the same decision, or given it up. */
async function isOpen({ id }: Draft): Promise<boolean> {
  await written();
  return (await (await approvingStore()).draft(id)) !== null;
}

/** The last reading that found a bundle unchanged: which decision, and when in milliseconds of this page. */
let lastRead: { readonly id: string; readonly at: number } | null = null;
/** A large bundle takes longer to read than a click lasts; the next click within this time signs at once. */
const READ_COUNTS_MS = 60_000;

async function isUnchanged({ id, about }: Draft): Promise<boolean> {
  if (lastRead?.id === id && performance.now() - lastRead.at < READ_COUNTS_MS) {
    lastRead = null;
    return true;
  }
  const began = performance.now();
  if ((await reread(about)) === 'moved') return false;
  const took = performance.now() - began;
  lastRead = took > GESTURE_MS ? { id, at: performance.now() } : null;
  return true;
}

/** Takes a signature that was made somewhere else. `bytes` is attacker-controlled. */
export async function takeSignature(draft: Draft, bytes: Uint8Array): Promise<SignOutcome> {
  const given = signatureGiven(bytes);
  if ('finding' in given) return { findings: [given.finding] };
  const { kind } = given;
  try {
    if (!(await isOpen(draft))) return { findings: [finding('approve-already-done', {})] };
    return await accept(draft, { kind, bytes }, null);
  } catch (error) {
    return { findings: [reasonOf(error)] };
  }
}

function reasonOf(error: unknown): Finding {
  return error instanceof SignerError || error instanceof StorageError ? error.finding : faultOf(error);
}

async function accept(
  draft: Draft,
  signature: Receipt['signature'],
  card: KeyCard | null,
): Promise<SignOutcome> {
  const statement = draft.statement ?? new Uint8Array();
  const sealed = sealApproval(statement, signature);
  if (sealed.files.length === 0) return { findings: sealed.findings };
  const opinion = await secondOpinion(signature.bytes, statement, APPROVAL_NAMESPACE);
  if (opinion === 'differs') return { findings: [finding('approve-paths-differ', {})] };
  const judged = await judgeOwn(draft, statement, signature, card);
  if ('findings' in judged) return judged;
  const receipt: Receipt = {
    id: newId(),
    about: draft.about,
    statement,
    signature,
    key: { ...judged.key, kind: card?.kind ?? 'elsewhere', label: card?.label ?? '' },
    own: judged.own,
    second: opinion,
    at: formatTime(Math.floor(Date.now() / 1000) * 1000),
    noted: { library: false, log: false },
  };
  await (await approvingStore()).finish(draft.id, receipt);
  await followUp(receipt.id);
  return { receipt };
}

interface Own {
  readonly own: Receipt['own'];
  readonly key: { readonly fingerprint: string; readonly words: string };
}

/** The check by the engine that judges bundles; without a bundle, by the same code on its own. */
async function judgeOwn(
  draft: Draft,
  statement: Uint8Array,
  signature: Receipt['signature'],
  card: KeyCard | null,
): Promise<Own | Refusal> {
  const sshsig =
    signature.kind === 'sshsig' ? verifySshsig(signature.bytes, statement, APPROVAL_NAMESPACE) : null;
  const fingerprint = sshsig?.key?.fingerprint ?? card?.fingerprint ?? '';
  const key = { fingerprint, words: fingerprintWords(fingerprint) };
  if (draft.about.archiveDigest === null)
    return { own: sshsig?.outcome === 'true' ? 'true' : 'could-not-check', key };
  const ending = signature.kind === 'sshsig' ? '.sig' : '.asc';
  const loose: NamedDocument[] = [
    { name: TRIAL, bytes: statement },
    { name: TRIAL + ending, bytes: signature.bytes },
  ];
  if (card?.kind === 'openpgp')
    loose.push({ name: 'this-key.asc', bytes: new TextEncoder().encode(card.publicKey) });
  const judged = await reread(draft.about, loose);
  if (judged === 'moved' || judged === null)
    return { findings: [finding('approve-bundle-moved', {})], moved: true };
  const approval = judged.input.approvals.find(({ file }) => file === TRIAL);
  const problem = problemOf(approval, draft, signature.kind);
  if (problem !== null || approval === undefined)
    return { findings: [finding('approve-recheck-failed', { problem: problem ?? 'it was not found' })] };
  const named =
    approval.key === null ? key : { fingerprint: approval.key.fingerprint, words: approval.key.words };
  return { own: approval.signature === 'true' ? 'true' : 'could-not-check', key: named };
}

function problemOf(
  approval: ApprovalReport | undefined,
  draft: Draft,
  kind: Receipt['signature']['kind'],
): string | null {
  if (approval === undefined) return 'it was not found among the approvals of this bundle';
  const wanted = draft.about.file === undefined ? 'bundle' : 'file';
  if (approval.binding !== wanted) return approval.because;
  if (approval.signature === 'true') return null;
  return approval.signature === 'could-not-check' && kind === 'openpgp' ? null : approval.because;
}

/** What has to follow a signature: the mark in the library and the line in the log. Each is done once. */
export async function followUp(id: string): Promise<void> {
  await attemptApproving(async (store) => {
    await store.noteOnce(id, 'library', markInLibrary);
    await store.noteOnce(id, 'log', writeLog);
  });
}

/** Does what a tab that died after signing could not do any more. */
export async function followUpAll(receipts: readonly Receipt[]): Promise<void> {
  for (const { id, noted } of receipts) if (!noted.library || !noted.log) await followUp(id);
  await refreshApproving();
}

async function markInLibrary({ about, statement, signature, at }: Receipt): Promise<void> {
  const { archiveDigest } = about;
  const read = readStatement(statement);
  if (archiveDigest === null || 'findings' in read) return;
  const library = await libraryStore();
  // Removed from the library meanwhile: there is nothing to mark.
  if ((await library.get(archiveDigest)) === null) return;
  const judged = await reread(about, approvalFiles({ statement, signature }));
  if (judged === null || judged === 'moved') return;
  await keepJudged(judged);
  const { role, user, decision, kind } = read.statement;
  if (decision === 'approved' && kind === 'bundle')
    await library.markApproved(archiveDigest, { role, user, at });
}

/** Puts a withdrawal of one's own beside the bundle in the library, so that this device judges by it too. */
export async function keepWithdrawal(receipt: Receipt, files: readonly NamedBytes[]): Promise<void> {
  const judged = await reread(receipt.about, [...approvalFiles(receipt), ...files]);
  if (judged !== null && judged !== 'moved') await keepJudged(judged);
  await refreshApproving();
}

async function writeLog({ statement, at }: Receipt): Promise<void> {
  const read = readStatement(statement);
  const kind = !('findings' in read) && read.statement.decision === 'declined' ? 'declined' : 'approval-made';
  const subject = statementDigest(statement);
  const { links } = await readActivity();
  if (links.some((link) => link.kind === kind && link.subject === subject && link.at === at)) return;
  await appendActivity({ kind, subject, at });
}

/** The loose pair, named after its statement so that two approvals of one role have two names. */
export function approvalFiles({
  statement,
  signature,
}: Pick<Receipt, 'statement' | 'signature'>): readonly NamedBytes[] {
  const sealed = sealApproval(statement, signature);
  const mark = statementDigest(statement).slice(7, 15);
  return sealed.files.map(({ name, bytes }) => ({ name: name.replace('-1.json', `-${mark}.json`), bytes }));
}

/** `sha256:<hex>` of the bytes that are signed. */
export function statementDigest(statement: Uint8Array): string {
  return `sha256:${toHex(sha256(statement))}`;
}
