import type { ApprovalReport, Axis, CheckStatus, RoleReport } from '../core/generated/report.js';
import { inert } from '../core/messages/inert.js';

export const axisNames: readonly (readonly [Axis, string])[] = [
  ['readable', 'Readable'],
  ['unchanged', 'Unchanged'],
  ['signers', 'Signers'],
  ['approvals', 'Approvals'],
  ['time', 'Time'],
];

export const statusWords: Readonly<Record<CheckStatus, string>> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'look at this',
  'not-checked': 'not checked',
  'could-not-check': 'could not check',
  'not-applicable': 'does not apply',
};

export const roleWords: Readonly<Record<RoleReport['state'], string>> = {
  met: 'given',
  missing: 'missing',
  'no-rule': 'missing: your rule does not speak of it',
  'false-signature': 'missing: false signature',
  withdrawn: 'missing: key withdrawn',
  expired: 'missing: out of date',
  weak: 'missing: weak signature',
  'unknown-signer': 'missing: signer not known',
  'could-not-check': 'missing: could not check',
};

export const signatureWords: Readonly<Record<ApprovalReport['signature'], string>> = {
  true: 'this key signed exactly this text',
  weak: 'signed by an algorithm that no longer proves anything',
  false: 'the signature does not fit',
  none: 'no signature',
  'could-not-check': 'the signature could not be checked here',
};

export const bindingWords: Readonly<Record<ApprovalReport['binding'], string>> = {
  bundle: 'for this bundle',
  file: 'for one file of this bundle',
  archive: 'for this very archive file',
  stale: 'for another state of this bundle',
  other: 'for another bundle',
  unknown: 'for something that could not be told',
};

const PICTURES = /\p{Extended_Pictographic}|[\u2713-\u2718\u2610-\u2612\u221a\u{1f100}-\u{1f2ff}]/gu;

/**
 * Text that a bundle, an approval or a file name claims: inert, short, and without ticks, locks, shields and other
 * pictures that could pass for a mark of ours. Attacker-controlled.
 */
export function claim(text: string, lengthMax = 200): string {
  return inert(text, lengthMax).replace(
    PICTURES,
    (picture) => `<U+${(picture.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  );
}

/** A sentence of our own, which may repeat such text: the same, with room for a long one. */
export function line(text: string): string {
  return claim(text, 2000);
}

export function quoted(text: string, lengthMax = 200): string {
  return `"${claim(text, lengthMax).replaceAll('"', "'")}"`;
}

/** Bytes for people, decimal units; exact below 1 kB. */
export function sizeWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
