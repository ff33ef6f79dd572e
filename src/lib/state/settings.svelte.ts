import { limitsProfiles, type Limits, type LimitsProfile } from '../../core/limits';
import { locales, type Locale } from '$lib/strings/translate';
import { setLocale } from './locale.svelte';

/** What the reader chose on the settings page. */
export interface Settings {
  readonly theme: 'auto' | 'light' | 'dark';
  readonly density: 'comfortable' | 'compact';
  readonly shortcuts: boolean;
  readonly locale: Locale;
  readonly limitsProfile: LimitsProfile;
  /** Only the values that differ from the profile. */
  readonly limits: Partial<Limits>;
  /** Hides everything that signs, for people who only check. */
  readonly readOnly: boolean;
}

export const defaultSettings: Settings = {
  theme: 'auto',
  density: 'comfortable',
  shortcuts: true,
  locale: 'en',
  limitsProfile: 'default',
  limits: {},
  readOnly: false,
};

// Kept in localStorage and not in IndexedDB: the look has to be known before the first frame.
const KEY = 'countersign.settings';
let current = $state.raw<Settings>(defaultSettings);

export function settings(): Settings {
  return current;
}

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  apply();
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Private windows may refuse; the choice holds for this page.
  }
}

export function loadSettings(): void {
  try {
    current = readSettings(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    current = defaultSettings;
  }
  apply();
}

/** Reads stored settings; anything unknown or of another type falls back to its default. */
export function readSettings(stored: unknown): Settings {
  const from = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<
    Record<keyof Settings, unknown>
  >;
  const pick = <T>(value: unknown, allowed: readonly T[], fallback: T): T =>
    allowed.includes(value as T) ? (value as T) : fallback;
  return {
    theme: pick(from.theme, ['auto', 'light', 'dark'], defaultSettings.theme),
    density: pick(from.density, ['comfortable', 'compact'], defaultSettings.density),
    shortcuts: from.shortcuts !== false,
    locale: pick(from.locale, locales, defaultSettings.locale),
    limitsProfile: pick(from.limitsProfile, ['default', 'large'], defaultSettings.limitsProfile),
    limits: readLimits(from.limits),
    readOnly: from.readOnly === true,
  };
}

function readLimits(stored: unknown): Partial<Limits> {
  const entries = Object.entries((stored ?? {}) as Record<string, unknown>).filter(
    ([name, value]) => name in limitsProfiles.default && Number.isSafeInteger(value) && (value as number) > 0,
  );
  return Object.fromEntries(entries);
}

function apply(): void {
  const root = document.documentElement;
  if (current.theme === 'auto') delete root.dataset['theme'];
  else root.dataset['theme'] = current.theme;
  root.dataset['density'] = current.density;
  setLocale(current.locale);
}
