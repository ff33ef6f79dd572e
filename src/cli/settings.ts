import { toUtc } from '../core/bytes/time.js';
import { limitsProfiles, type Limits, type LimitsProfile } from '../core/limits.js';
import { nearest, UsageError } from './usage.js';

export interface LimitsWanted {
  readonly limitsProfile: LimitsProfile;
  readonly limits: Partial<Limits>;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `large`, `default,entriesMax=20000`, `entryBytesMax=2GiB`. Throws {@link UsageError}. */
export function parseLimits(text: string | null, command: string): LimitsWanted {
  let limitsProfile: LimitsProfile = 'default';
  const limits: { -readonly [Name in keyof Limits]?: number } = {};
  for (const part of text === null ? [] : text.split(',')) {
    const [name = '', value] = part.trim().split('=');
    if (value === undefined) limitsProfile = profileNamed(name, command);
    else limits[limitNamed(name, command)] = parseAmount(name, value, command);
  }
  return { limitsProfile, limits };
}

/** RFC 3339 with a zone, answered in UTC. Throws {@link UsageError}. */
export function parseNow(text: string, command: string): string {
  const now = toUtc(text);
  if (now === null)
    throw new UsageError(`--now ${text} is not a time. Write it as 2026-11-20T10:00:00Z.`, command);
  return now;
}

function profileNamed(name: string, command: string): LimitsProfile {
  if (name === 'default' || name === 'large') return name;
  throw new UsageError(
    `There is no limits profile "${name}". There are: ${Object.keys(limitsProfiles).join(', ')}.`,
    command,
  );
}

function limitNamed(name: string, command: string): keyof Limits {
  const names = Object.keys(limitsProfiles.default) as (keyof Limits)[];
  const found = names.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const near = nearest(name, names);
  throw new UsageError(
    `There is no limit "${name}". ${near === null ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"?`}`,
    command,
  );
}

function parseAmount(name: string, value: string, command: string): number {
  const match = /^([1-9]\d{0,14})(KiB|MiB|GiB|)$/.exec(value);
  const amount = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? NaN);
  if (Number.isSafeInteger(amount)) return amount;
  throw new UsageError(
    `${name}=${value} is not an amount. Write a whole number, with KiB, MiB or GiB for bytes.`,
    command,
  );
}
