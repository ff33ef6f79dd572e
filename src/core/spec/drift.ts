import type { Finding } from '../generated/report.js';
import type { SpecDocument } from '../generated/spec.js';
import type { SpecLockDocument } from '../generated/spec-lock.js';
import { finding } from '../messages/finding.js';
import { lockedBytes, type Blake3 } from './lock.js';

export interface FeatureDrift {
  readonly feature: string;
  readonly state: 'same' | 'changed' | 'added' | 'removed';
  /** Hash in the lock; null when it is not there. */
  readonly locked: string | null;
  /** Hash of the feature as it stands; null when it is not there. */
  readonly now: string | null;
}

/** Compares each feature with its lock, by id. */
export function compareWithLock(
  spec: SpecDocument,
  lock: SpecLockDocument,
  blake3: Blake3,
): readonly FeatureDrift[] {
  const now = new Map(spec.features.map((feature) => [feature.id, blake3(lockedBytes(feature))]));
  const locked = new Map(Object.entries(lock.features).map(([id, { hash }]) => [id, hash]));
  const ids = [...new Set([...now.keys(), ...locked.keys()])].sort();
  return ids.map((feature) => {
    const before = locked.get(feature) ?? null;
    const after = now.get(feature) ?? null;
    return { feature, state: stateOf(before, after), locked: before, now: after };
  });
}

function stateOf(locked: string | null, now: string | null): FeatureDrift['state'] {
  if (locked === null) return 'added';
  if (now === null) return 'removed';
  return locked === now ? 'same' : 'changed';
}

/** One finding for each feature that is not as locked. `file`: name of the specification. */
export function driftFindings(drift: readonly FeatureDrift[], file: string): readonly Finding[] {
  return drift.flatMap(({ feature, state, locked, now }) => {
    if (state === 'same') return [];
    const code = ({ changed: 'drift-changed', added: 'drift-added', removed: 'drift-removed' } as const)[
      state
    ];
    const digests = {
      ...(locked === null ? {} : { expected: locked }),
      ...(now === null ? {} : { found: now }),
    };
    return [finding(code, { feature }, { where: { file, field: feature }, ...digests })];
  });
}
