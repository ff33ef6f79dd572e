/**
 * A note outside the database of which keys there were. Browsers that delete a database often leave this, so the page
 * can say what was lost instead of looking new. It holds nothing that a card does not show.
 */
export interface KeyNote {
  readonly fingerprint: string;
  readonly label: string;
  readonly kind: string;
  /** Of a passkey: what it is found again by. */
  readonly publicKey?: string;
}

const NAME = 'countersign.keys-here';
const NOTES_MAX = 100;
const TEXT_MAX = 1000;

export function readNotes(): readonly KeyNote[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(NAME) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.slice(0, NOTES_MAX).filter(isNote);
  } catch {
    return [];
  }
}

export function writeNotes(notes: readonly KeyNote[]): void {
  try {
    if (notes.length === 0) localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, JSON.stringify(notes.slice(0, NOTES_MAX)));
  } catch {
    // Without the note nothing is lost but the hint.
  }
}

function isNote(value: unknown): value is KeyNote {
  if (typeof value !== 'object' || value === null) return false;
  const { fingerprint, label, kind, publicKey = '' } = value as Partial<Record<keyof KeyNote, unknown>>;
  return [fingerprint, label, kind, publicKey].every(
    (one) => typeof one === 'string' && one.length <= TEXT_MAX,
  );
}

export function noteOf({ fingerprint, label, kind, publicKey }: Required<KeyNote>): KeyNote {
  return { fingerprint, label, kind, ...(kind === 'passkey' ? { publicKey } : {}) };
}
