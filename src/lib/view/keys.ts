import { parseTime } from '../../core/bytes/time';
import type { KeyCard } from '../../engine/signer';
import { daysBetween } from './format';

export type KeyStanding = 'open' | 'closed' | 'withdrawn' | 'ended';

/** What a key can do now. `now` is RFC 3339. */
export function standingOf({ withdrawnAt, endsAt, gate }: KeyCard, now: string): KeyStanding {
  if (withdrawnAt !== null) return 'withdrawn';
  if (endsAt !== null && (parseTime(endsAt) ?? 0) <= (parseTime(now) ?? 0)) return 'ended';
  return gate === 'open' ? 'open' : 'closed';
}

const SOON_DAYS = 30;
const VERY_SOON_DAYS = 7;

/** Days to the end when it is near; null otherwise. */
export function endsSoon(card: KeyCard, now: string): { days: number; urgent: boolean } | null {
  if (card.endsAt === null || standingOf(card, now) === 'ended' || card.withdrawnAt !== null) return null;
  const days = daysBetween(now, card.endsAt);
  return days <= SOON_DAYS ? { days, urgent: days <= VERY_SOON_DAYS } : null;
}

/** The lines for `people:` in a trust list, to be pasted there (docs/SPEC.md, "Rule and trust"). */
export function trustEntry(card: KeyCard): string {
  const text = (value: string): string => JSON.stringify(value);
  const key =
    card.kind === 'openpgp'
      ? `openpgp: ${text(card.fingerprint)}\n        certificate: ${text(card.publicKey)}`
      : card.kind === 'passkey'
        ? `passkey: ${text(card.publicKey)}`
        : `ssh: ${text(card.publicKey)}`;
  const lines = [
    `  - id: ${text(card.user ?? 'somebody@example.org')}`,
    '    keys:',
    `      - ${key}`,
    ...(card.origin === undefined ? [] : [`        origins: [${text(card.origin)}]`]),
    `        from: ${text(wholeSecond(card.createdAt))}`,
    ...(card.endsAt === null ? [] : [`        until: ${text(card.endsAt)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Statements give their time in whole seconds; a key must not begin in the middle of the one that it signs in. */
function wholeSecond(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** One path for all dark squares of a QR code. */
export function qrPath(rows: readonly (readonly boolean[])[]): string {
  return rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
}
