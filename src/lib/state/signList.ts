import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../core/bytes/hex';
import { formatTime } from '../../core/bytes/time';
import type { Finding } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import { diffTrust, type Difference } from '../../core/trust/diff';
import { readPack, TRUST_NAMESPACE } from '../../core/trust/pack';
import { readTrust } from '../../core/trust/readTrust';
import type { Trust } from '../../core/trust/trust';
import { SignerError, type KeyCard } from '../../engine/signer';
import { secondOpinion } from '../../platform/secondPath';
import { StorageError } from '../../store/database';
import { appendActivity, readActivity } from '../../store/log';
import { faultOf } from './approve.svelte';
import { keyring } from './keys.svelte';
import { people } from './people.svelte';

/** A list that stood before, to compare with. */
export interface Earlier {
  /** Id of the change of the history that made it. */
  readonly id: string;
  readonly at: string;
  readonly trust: Trust;
  /** The last one that was signed here. */
  readonly signed: boolean;
}

export interface SignedList {
  readonly bytes: Uint8Array;
  /** The armored SSH signature, for `trust.yaml.sig`. */
  readonly signature: Uint8Array;
  readonly keyId: string;
  /** Whom the list itself names for the key; null when it names nobody, so that others cannot tell who signed. */
  readonly signer: string | null;
  /** Why the key does not count although the list names somebody for it. */
  readonly doubt: Finding | null;
  readonly second: 'agrees' | 'lacks';
}

/** `sha256:<hex>` of the bytes of a list. */
export function listDigest(bytes: Uint8Array): string {
  return `sha256:${toHex(sha256(bytes))}`;
}

/** The lists that stood before the one in use, newest first; the one that was signed here last is marked. */
export async function earlierLists(): Promise<readonly Earlier[]> {
  const { bytes, history } = people();
  const { links } = await readActivity();
  const signed = links.findLast(({ kind }) => kind === 'list-signed')?.subject;
  const present = bytes === null ? '' : listDigest(bytes);
  const seen = new Set<string>();
  return history.toReversed().flatMap(({ id, at, name, document }) => {
    if (document === null) return [];
    const digest = listDigest(document);
    const { trust } = readTrust({ name, bytes: document });
    if (trust === null || seen.has(digest) || (digest === present && digest !== signed)) return [];
    seen.add(digest);
    return [{ id, at, trust, signed: digest === signed }];
  });
}

/** What the list changes, compared with one that stood before; with nothing, all of it is new. */
export function changesSince(before: Trust | null, list: Trust): readonly Difference[] {
  return diffTrust(before, list);
}

/** Why whoever has the list that was signed before would refuse this one; null when there is no reason. */
export function serialProblem(list: Trust, earlier: readonly Earlier[]): Finding | null {
  const last = earlier.find(({ signed }) => signed)?.trust;
  if (last === undefined || last.id !== list.id || (list.serial ?? 0) > (last.serial ?? 0)) return null;
  if (diffTrust(last, list).length === 0) return null;
  return finding('list-serial-not-higher', { serial: list.serial ?? 0, signed: last.serial ?? 0 });
}

/**
 * Lets a key sign the exact bytes of a list, under the namespace of lists and no other, and checks what comes back
 * twice. Needs the gesture of a person.
 */
export async function signList(
  bytes: Uint8Array,
  card: KeyCard,
  options: { readonly passphrase?: string; readonly signal?: AbortSignal },
): Promise<SignedList | { readonly findings: readonly Finding[] }> {
  try {
    const ring = await keyring();
    const message = Uint8Array.from(bytes);
    const made = await ring.sign({ keyId: card.id, namespace: TRUST_NAMESPACE, message, ...options });
    const now = formatTime(Math.floor(Date.now() / 1000) * 1000);
    // Whom it names is asked of the list itself: whoever has it already has nothing else to ask.
    const { trust } = readTrust({ name: 'trust.yaml', bytes });
    const pack = readPack({ name: 'trust.yaml', bytes, signature: made.bytes }, trust, now);
    if (pack.signature === 'false' || pack.signature === 'unsigned') return { findings: pack.findings };
    const second = await secondOpinion(made.bytes, bytes, TRUST_NAMESPACE);
    if (second === 'differs') return { findings: [finding('approve-paths-differ', {})] };
    await appendActivity({ kind: 'list-signed', subject: listDigest(bytes), at: now });
    const doubt = pack.findings.find(({ code }) => code === 'pack-signer-not-current') ?? null;
    return {
      ...{ bytes, signature: made.bytes, keyId: card.id },
      ...{ signer: pack.signedBy?.id ?? null, doubt, second },
    };
  } catch (error) {
    const known = error instanceof SignerError || error instanceof StorageError;
    return { findings: [known ? error.finding : faultOf(error)] };
  }
}
