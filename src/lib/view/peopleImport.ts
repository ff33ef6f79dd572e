import type { Finding } from '../../core/generated/report';
import { diffTrust, type Difference } from '../../core/trust/diff';
import { addImport, addKey, type Candidate, type KeyTerms } from '../../core/trust/import/addImport';
import { isPersonId, type Imported, type ImportKind } from '../../core/trust/import/imported';
import { fromUtf8 } from '../../core/bytes/text';
import { looksLikeWithdrawal, readWithdrawalFile } from '../../core/trust/import/withdrawal';
import { readImport } from '../../core/trust/import/readImport';
import { readPack, type PackRead } from '../../core/trust/pack';
import type { Trust, TrustedKey } from '../../core/trust/trust';

export interface GivenBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file that was looked at and waits for the reader's word. */
export interface Offer {
  readonly name: string;
  readonly kind: ImportKind;
  readonly bytes: Uint8Array;
  /** The signature that came along. */
  readonly signature?: Uint8Array;
  readonly imported: Imported;
  /** Only of trust lists: who signed it, and whether it may take the place of the present list. */
  readonly pack: PackRead | null;
}

/** Who gets a loose key, as typed by the reader. */
export interface Owner {
  readonly id: string;
  readonly name: string;
}

/** Reads files given together; a list finds its signature by its name. */
export function readOffers(files: readonly GivenBytes[], present: Trust | null, now: string): Offer[] {
  const signatureOf = (name: string) => files.find((file) => file.name === `${name}.sig`)?.bytes;
  const isUsed = ({ name }: GivenBytes) =>
    name.endsWith('.sig') && files.some((file) => `${file.name}.sig` === name);
  return files
    .filter((file) => !isUsed(file))
    .map(({ name, bytes }) => {
      const signature = signatureOf(name);
      const imported = looksLikeWithdrawal(fromUtf8(bytes.subarray(0, 8192)) ?? '')
        ? readWithdrawalFile({ name, bytes }, signature, present, now)
        : readImport({ name, bytes }, present);
      const pack =
        imported.kind === 'trust'
          ? readPack({ name, bytes, ...(signature === undefined ? {} : { signature }) }, present, now)
          : null;
      const beside = signature === undefined ? {} : { signature };
      return { name, kind: imported.kind, bytes, ...beside, imported, pack };
    });
}

/** What waits was compared with a list that has changed since. A typed key is no file and stays as it is. */
export function lookAgain(offer: Offer, present: Trust | null, now: string): Offer {
  const { name, bytes, signature } = offer;
  if (bytes.length === 0) return offer;
  const beside = signature === undefined ? [] : [{ name: `${name}.sig`, bytes: signature }];
  return readOffers([{ name, bytes }, ...beside], present, now)[0] ?? offer;
}

export type Mode = 'replace' | 'add';

/** Ways in which an offer may be taken over; none when it is refused. */
export function modesOf({ imported, pack }: Offer): readonly Mode[] {
  if (imported.keys.length > 0) return ['add'];
  if (imported.trust === null || pack?.signature === 'false') return [];
  return pack !== null && pack.trust !== null ? ['replace', 'add'] : ['add'];
}

/** What of the file has to be said; with a pack, what its signature and serial say, too. */
export function findingsOf({ imported, pack }: Offer): readonly Finding[] {
  return pack === null ? imported.findings : pack.findings;
}

/** The list as it would be. `owners` and `terms` belong to loose keys, in their order. */
export function candidateOf(
  offer: Offer,
  present: Trust | null,
  mode: Mode,
  owners: readonly Owner[],
  terms: KeyTerms,
): Candidate | null {
  const { imported, pack, bytes } = offer;
  if (imported.keys.length > 0)
    return withKeys(
      imported.keys.map(({ key }) => key),
      present,
      owners,
      terms,
    );
  if (imported.trust === null) return null;
  if (mode === 'replace' && pack !== null && pack.trust !== null)
    return { bytes, trust: pack.trust, findings: [] };
  return addImport(present, imported.trust);
}

/** Every key in turn; the whole is one change with one serial. */
function withKeys(
  keys: readonly TrustedKey[],
  present: Trust | null,
  owners: readonly Owner[],
  terms: KeyTerms,
): Candidate | null {
  let list = present;
  let last: Candidate | null = null;
  for (const [i, key] of keys.entries()) {
    const { id, name } = owners[i] ?? { id: '', name: '' };
    if (!isPersonId(id)) return null;
    const { origins, ...others } = terms;
    const forKey = key.kind === 'passkey' && origins !== undefined ? { ...others, origins } : others;
    last = addKey(list, { id, ...(name === '' ? {} : { name }) }, key, forKey);
    if (last.trust === null) return last;
    // The serial of the whole change is one above the present one.
    const serial = present === null ? 0 : (present.serial ?? 0);
    list = { ...last.trust, serial };
  }
  return last;
}

/** What the reader is asked to agree to; the next serial goes without saying. */
export function changesOf(present: Trust | null, candidate: Candidate | null): readonly Difference[] {
  if (candidate === null || candidate.trust === null) return [];
  return diffTrust(present, candidate.trust).filter(({ code }) => code !== 'serial-forward');
}

/** A key typed as a line, a fingerprint or 40 or 64 hex digits; null when it is none of these. */
export function typedKey(text: string, present: Trust | null): TrustedKey | null {
  const line = text.trim();
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(line)) return { kind: 'fingerprint', fingerprint: line };
  const hex = line.replaceAll(/[\s:]/g, '');
  if (/^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/.test(hex))
    return { kind: 'openpgp', fingerprint: hex.toUpperCase() };
  const { keys } = readImport({ name: 'typed', bytes: new TextEncoder().encode(line) }, present);
  return keys.length === 1 ? (keys[0]?.key ?? null) : null;
}
