import { readRaw, readTyped, type Plain } from '../documents/readDocument.js';
import type { DiffFile } from '../generated/diff.js';
import type { SpecDocument } from '../generated/spec.js';
import type { RoutingDocument } from '../generated/routing.js';
import { validate as validateRouting } from '../generated/routing.validate.js';
import { isMap, policyKindOf, readPolicy, type Policy } from '../policy/readPolicy.js';
import { recognise } from '../project/recognise.js';
import { readSpecWithPlaces } from '../spec/readSpec.js';
import { readTrust } from '../trust/readTrust.js';
import type { Trust } from '../trust/trust.js';
import { isDocument, isRulesFile } from './names.js';

/** A document by its content. `problem` says why one that is meant to be such a document cannot be used as one. */
export type Known =
  | { readonly kind: 'policy'; readonly policy: Policy | null; readonly problem: string }
  | { readonly kind: 'routing'; readonly routing: RoutingDocument | null; readonly problem: string }
  | { readonly kind: 'trust'; readonly trust: Trust | null; readonly problem: string }
  | { readonly kind: 'spec'; readonly known: KnownSpec | null; readonly problem: string }
  /** How it is built, not what is allowed: lock, plan. */
  | { readonly kind: 'plan' }
  | { readonly kind: 'other' };

/** A specification that can be used as one. */
export interface KnownSpec {
  readonly spec: SpecDocument;
  /** Line of an RFC 6901 pointer in its file; null where that is not known. */
  readonly lineOf: (pointer: string) => number | null;
}

/** Largest document that is looked into, in bytes. */
export const DOCUMENT_BYTES_MAX = 1_048_576;

/** A file that differs, with what both sides of it say. */
export interface DocumentPair {
  readonly file: DiffFile;
  readonly before: Known | null;
  readonly after: Known | null;
}

/** What a document is, by its content. Attacker-controlled; never throws. */
export function know(path: string, bytes: Uint8Array): Known {
  if (!isDocument(path) || bytes.length > DOCUMENT_BYTES_MAX) return { kind: 'other' };
  const raw = readRaw({ name: path, bytes });
  if ('findings' in raw) return { kind: 'other' };
  const { value } = raw;
  if (isMap(value) && value['schema'] === 'countersign.trust/v1') {
    const { trust, findings } = readTrust({ name: path, bytes });
    return { kind: 'trust', trust, problem: problemOf(findings) };
  }
  if (isRouting(value)) {
    const read = readTyped<RoutingDocument>({ name: path, bytes }, validateRouting);
    return 'findings' in read
      ? { kind: 'routing', routing: null, problem: problemOf(read.findings) }
      : { kind: 'routing', routing: read.document, problem: '' };
  }
  const { policy, findings } = readPolicy({ name: path, bytes });
  if (policy !== null) return { kind: 'policy', policy, problem: '' };
  const kind = recognise(path, bytes);
  if (kind === 'spec') return knowSpec(path, bytes);
  if (kind === 'lock' || kind === 'plan') return { kind: 'plan' };
  // Many documents have a field "version": only the name tells a policy with a mistake from something else.
  if (policyKindOf(value) === null || !isRulesFile(path)) return { kind: 'other' };
  return { kind: 'policy', policy, problem: problemOf(findings) };
}

function knowSpec(path: string, bytes: Uint8Array): Known {
  const { value, findings, placeOf } = readSpecWithPlaces({ name: path, bytes });
  if (value === null) return { kind: 'spec', known: null, problem: problemOf(findings) };
  const lineOf = (pointer: string): number | null => placeOf(pointer).line ?? null;
  return { kind: 'spec', known: { spec: value, lineOf }, problem: '' };
}

/** A list of providers that have models, whatever else stands beside it. */
function isRouting(value: Plain): boolean {
  if (!isMap(value) || !Array.isArray(value['providers'])) return false;
  return (value['providers'] as readonly Plain[]).some((one) => isMap(one) && Object.hasOwn(one, 'models'));
}

function problemOf(findings: readonly { readonly message: string }[]): string {
  return findings[0]?.message ?? '';
}
