import { describe, expect, it } from 'vitest';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { alice, bob, carol, dan, erin, mallory, type Member } from '../vectorgen/cast.js';
import { naiveCanonical } from '../vectorgen/naive.js';
import { sshsig } from '../vectorgen/keys.js';
import { utf8 } from '../vectorgen/raw.js';
import { NOW, type NamedOctets, type Vector } from '../vectorgen/vector.js';
import { allVectors } from '../vectorgen/vectors.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

/** Small ones that reach people at all and where Mallory is a stranger; every fourth, to stay quick. */
const vectors = allVectors()
  .filter(
    ({ family, input, expect: { code }, trust, allowedSigners, limitsProfile, limits }) =>
      (family === 'valid' || family === 'forged') &&
      input.length < 8_000 &&
      !['B-UNREADABLE', 'B-NEWER', 'B-CHANGED'].includes(code) &&
      !new TextDecoder().decode(trust ?? new Uint8Array(0)).includes(mallory.key.line) &&
      allowedSigners === undefined &&
      limitsProfile === undefined &&
      limits === undefined,
  )
  .filter((_, i) => i % 4 === 0);

function withdrawal(by: Member, of: Member): NamedOctets[] {
  const fields = {
    _type: 'urn:countersign:withdrawal:v1',
    at: '2026-01-01T00:00:00Z',
    key: of.key.fingerprint,
  };
  const bytes = utf8(naiveCanonical({ ...fields, user: of.id }));
  const name = `${by.name}-${of.name}.json`;
  const signature = sshsig(by.key, bytes, { namespace: 'withdrawal@countersign' });
  return [
    { name, bytes },
    { name: `${name}.sig`, bytes: signature },
  ];
}

async function codeOf(vector: Vector, more: readonly NamedOctets[]): Promise<string> {
  const { input, loose, trust, ruleName, now } = vector;
  const report = await engine.verify({
    inputs: [{ name: 'a', source: input }],
    loose: [...(loose ?? []), ...more],
    ...(trust === undefined || trust === null ? {} : { trust: { name: 'trust.yaml', bytes: trust } }),
    ...(ruleName === undefined ? {} : { ruleName }),
    now: now ?? NOW,
  });
  return report.inputs[0]!.verdict.code;
}

describe('withdrawals', () => {
  it('by strangers change no verdict; by owners never make one better', async () => {
    const people = [alice, bob, carol, dan, erin];
    const byStrangers = people.flatMap((one) => withdrawal(mallory, one));
    const byOwners = people.flatMap((one) => withdrawal(one, one));
    let ended = 0;
    for (const vector of vectors) {
      const before = await codeOf(vector, []);
      expect(await codeOf(vector, byStrangers), vector.name).toBe(before);
      const after = await codeOf(vector, byOwners);
      if (before !== 'B-OK') expect(after, vector.name).not.toBe('B-OK');
      else if (after !== 'B-OK') ended += 1;
    }
    expect(vectors.length).toBeGreaterThan(40);
    expect(ended).toBeGreaterThan(8);
  }, 180_000);
});
