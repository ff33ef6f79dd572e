/** What a dropped file is taken for. The engine judges bundles; this only decides which door a file goes through. */
export type FileKind = 'bundle' | 'trust' | 'allowed-signers' | 'loose' | 'wrong' | 'other';

/** Files that people drop by mistake and that we can name. */
export type WrongKind = 'pdf' | 'zip' | 'image' | 'office';

export interface Classified {
  readonly kind: FileKind;
  readonly wrong?: WrongKind;
}

/** Bytes that {@link classify} wants from the beginning of a file. */
export const HEAD_BYTES = 4096;

const BUNDLE_NAME = /\.(sbundle|tgz|tar\.gz|sbundle\.tgz)$/i;
/** `.asc` and `.gpg` are OpenPGP signatures and public keys alike; the engine tells them apart by what they hold. */
const LOOSE_NAME = /\.(json|sig|asc|gpg|tsr)$/i;
const TRUST_NAME = /(^|[/\\.-])trust\.ya?ml$/i;
const SIGNERS_NAME = /(^|[/\\])allowed_signers(\.txt)?$|\.allowed_signers$/i;
const SIGNERS_LINE =
  /^[^\s#{}[\]:]+(\s+[a-z-]+(="[^"]*")?)*\s+(sk-)?(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d{3})(@openssh\.com)?\s+AAAA/m;

/**
 * Decides by content first and by name second. A trust list that is called one but is not (an older form, say) goes
 * to the reader of trust lists all the same: it says what is wrong, and refuses it.
 */
export function classify(name: string, head: Uint8Array): Classified {
  if (head[0] === 0x1f && head[1] === 0x8b) return { kind: 'bundle' };
  const wrong = wrongKind(name, head);
  if (wrong !== null) return { kind: 'wrong', wrong };
  const text = new TextDecoder().decode(head);
  if (/^\s*["']?schema["']?\s*:\s*["']?countersign\.trust\//m.test(text)) return { kind: 'trust' };
  if (BUNDLE_NAME.test(name)) return { kind: 'bundle' };
  if (TRUST_NAME.test(name)) return { kind: 'trust' };
  if (SIGNERS_NAME.test(name) || SIGNERS_LINE.test(text)) return { kind: 'allowed-signers' };
  if (LOOSE_NAME.test(name) || looksSigned(text)) return { kind: 'loose' };
  return { kind: 'other' };
}

/** A name for pasted text, so that a statement and the signature pasted after it pair up. */
export function pastedName(text: string, count: number): string {
  if (/^\s*-----BEGIN SSH SIGNATURE-----/.test(text)) return `pasted-${count}.json.sig`;
  if (/^\s*-----BEGIN PGP SIGNATURE-----/.test(text)) return `pasted-${count}.json.asc`;
  if (/^\s*-----BEGIN PGP PUBLIC KEY BLOCK-----/.test(text)) return `pasted-${count}.asc`;
  return /^\s*\{/.test(text) ? `pasted-${count}.json` : `pasted-${count}.txt`;
}

function looksSigned(text: string): boolean {
  return /^\s*(\{|-----BEGIN (SSH SIGNATURE|PGP (SIGNATURE|PUBLIC KEY BLOCK))-----)/.test(text);
}

function wrongKind(name: string, head: Uint8Array): WrongKind | null {
  if (startsWith(head, [0x25, 0x50, 0x44, 0x46])) return 'pdf';
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]))
    return /\.(docx|xlsx|pptx|odt|ods)$/i.test(name) ? 'office' : 'zip';
  const image = [
    [0x89, 0x50, 0x4e, 0x47],
    [0xff, 0xd8, 0xff],
    [0x47, 0x49, 0x46, 0x38],
  ];
  return image.some((magic) => startsWith(head, magic)) ? 'image' : null;
}

function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}
