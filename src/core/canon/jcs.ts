import { equalBytes } from '../bytes/bytes.js';
import { hasLoneSurrogate, toUtf8 } from '../bytes/text.js';
import { parseJson, type JsonLimits, type JsonValue } from './json.js';

/**
 * The canonical form of RFC 8785, as UTF-8. The value must come from {@link parseJson} or be built by us:
 * a lone surrogate or a number that is not finite throws, because nothing signed may hold one.
 */
export function canonicalJson(value: JsonValue): Uint8Array<ArrayBuffer> {
  return toUtf8(canonicalText(value));
}

/** True when `bytes` are strict JSON and already exactly their own canonical form. */
export function isCanonicalJson(bytes: Uint8Array, limits: JsonLimits = {}): boolean {
  const read = parseJson(bytes, limits);
  return 'value' in read && equalBytes(canonicalJson(read.value), bytes);
}

/** A JSON string as RFC 8785 writes it, quotes included. */
export function canonicalString(text: string): string {
  if (hasLoneSurrogate(text)) throw new TypeError('a lone surrogate has no canonical form');
  return JSON.stringify(text);
}

function canonicalText(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.keys(value)
    .sort(byUtf16)
    .map((key) => `${canonicalString(key)}:${canonicalText(value[key]!)}`);
  return `{${members.join(',')}}`;
}

/** ECMAScript's shortest form, which RFC 8785 section 3.2.2.3 prescribes; minus zero is written 0. */
function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('a number that is not finite has no canonical form');
  return String(value);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function byUtf16(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
