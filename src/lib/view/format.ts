/** Sizes in powers of ten, as file managers show them: `48 kB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${units[unit] ?? 'B'}`;
}

/** Limits are powers of two: `1 GiB`, `100 MiB`. */
export function formatBinary(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** unit;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** Made at the first use and kept: to make one costs more than to use it a hundred times. */
let days: Intl.DateTimeFormat | undefined;
let local: Intl.DateTimeFormat | undefined;
let relative: Intl.RelativeTimeFormat | undefined;

/** `20 Nov 2026 21:40 UTC`. Times in reports are UTC; an unreadable time is returned as it is. */
export function formatTime(rfc3339: string): string {
  const time = new Date(rfc3339);
  if (Number.isNaN(time.getTime())) return rfc3339;
  return `${formatDate(rfc3339)} ${rfc3339Utc(time).slice(11, 16)} UTC`;
}

/** `20 Nov 2026`, in UTC. */
export function formatDate(rfc3339: string): string {
  const time = new Date(rfc3339);
  if (Number.isNaN(time.getTime())) return rfc3339;
  const format = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  days ??= new Intl.DateTimeFormat('en-GB', format);
  return days.format(time);
}

/** The same moment by the reader's own clock, with its zone: shown on hover. */
export function formatLocalTime(rfc3339: string): string {
  const time = new Date(rfc3339);
  if (Number.isNaN(time.getTime())) return rfc3339;
  local ??= new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
  return local.format(time);
}

/** `3 days ago`, `in 2 months`; whole units, the largest that fits. */
export function formatRelative(rfc3339: string, now: string): string {
  const seconds = (Date.parse(rfc3339) - Date.parse(now)) / 1000;
  if (Number.isNaN(seconds)) return '';
  const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_557_600],
    ['month', 2_629_800],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  relative ??= new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  if (step === undefined) return relative.format(0, 'minute');
  return relative.format(Math.trunc(seconds / step[1]), step[0]);
}

/** Whole days between two moments, never negative. */
export function daysBetween(earlier: string, later: string): number {
  return Math.max(0, Math.floor((Date.parse(later) - Date.parse(earlier)) / 86_400_000));
}

/** `sha256 3f9a1c7e…d204`: enough to compare by eye, the whole is copied. */
export function shortDigest(digest: string): string {
  const [algorithm, hex] = digest.includes(':') ? digest.split(':', 2) : ['', digest];
  if (hex === undefined || hex.length <= 20) return digest;
  return `${algorithm === '' ? '' : `${algorithm} `}${hex.slice(0, 8)}…${hex.slice(-4)}`;
}

/** Hex in groups of eight, for reading aloud. */
export function groupedHex(hex: string): string {
  return hex.replace(/(.{8})(?=.)/g, '$1 ');
}

function rfc3339Utc(time: Date): string {
  return time.toISOString();
}
