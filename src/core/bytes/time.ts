const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
const YEAR_MIN = 1970;
const YEAR_MAX = 9998;
const DAY_MS = 86_400_000;

/**
 * Strict RFC 3339 (docs/SPEC.md, "Time"): upper-case `T` and `Z`, seconds written, a zone always, real
 * calendar days. A leap second is refused because clocks disagree on it, years before 1970 and the year 9999
 * because they are placeholders and not times. Fractions beyond milliseconds are cut.
 *
 * @returns milliseconds since 1970-01-01T00:00:00Z, or null when `text` is anything else.
 */
export function parseTime(text: string): number | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six;
  if (year < YEAR_MIN || year > YEAR_MAX) return null;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const offset = offsetMinutes(match[8]!);
  if (offset === null) return null;
  const fraction = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  return Date.UTC(year, month - 1, day, hour, minute, second) + fraction - offset * 60_000;
}

type Six = [number, number, number, number, number, number];

/** Writes milliseconds since 1970 as RFC 3339 in UTC, without a fraction of zero. */
export function formatTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}

/** The same instant written in UTC; null when `text` is not a time for {@link parseTime}. */
export function toUtc(text: string): string | null {
  const epochMs = parseTime(text);
  return epochMs === null ? null : formatTime(epochMs);
}

/** Days as periods of 24 hours; the zone of the person never changes what counts. */
export function addDays(epochMs: number, days: number): number {
  return epochMs + days * DAY_MS;
}

function offsetMinutes(zone: string): number | null {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
