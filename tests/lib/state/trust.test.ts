import 'fake-indexeddb/auto';
import { readActivity } from '../../../src/store/log.js';
import { describe, expect, it } from 'vitest';
import {
  previewTrust,
  replaceDocuments,
  trustState,
  useTrust,
  loadTrust,
} from '../../../src/lib/state/trust.svelte.js';

const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF6aNfBeWIboZRijGdIsMEid6o2BwpH8905qPIgKRNAT';
const list = `schema: "countersign.trust/v1"
id: "acme"
serial: 1
people:
  - id: "alice@example.org"
    keys:
      - ssh: "${KEY}"
        from: "2026-01-01T00:00:00Z"
        until: "2027-01-01T00:00:00Z"
        checked: "in person"
`;

describe('trust lists in use', () => {
  it('stay in use when a second one is taken while the first is being written', async () => {
    await loadTrust();
    const first = await previewTrust({ name: 'trust.yaml', bytes: utf8(list) }, 'trust');
    const second = await previewTrust(
      { name: 'allowed_signers', bytes: utf8(`bob@example.org ${KEY}\n`) },
      'allowed-signers',
    );
    expect([first.findings, second.findings]).toEqual([[], []]);
    // The store tells of the first change at some step of its writing; the second choice comes at each.
    for (let steps = 0; steps < 40; steps += 1) {
      await replaceDocuments([]);
      const used = useTrust(first);
      for (let step = 0; step < steps; step += 1) await macrotask();
      await Promise.all([used, useTrust(second)]);
      for (let step = 0; step < 40; step += 1) await macrotask();
      const names = trustState().documents.map(({ name }) => name);
      expect(names, `after ${steps} steps`).toEqual(['trust.yaml', 'allowed_signers']);
    }
  });

  it('leave a line in the activity log for every change and every undo', async () => {
    await loadTrust();
    await replaceDocuments([]);
    const before = (await readActivity()).links.length;
    const first = await previewTrust({ name: 'trust.yaml', bytes: utf8(list) }, 'trust');
    await useTrust(first);
    await replaceDocuments([]);
    const lines = (await readActivity()).links.slice(before);
    expect(lines.map(({ kind }) => kind)).toEqual(['trust-changed', 'trust-changed']);
    expect(lines.every(({ subject }) => /^[0-9a-f]{64}$/.test(subject))).toBe(true);
  });
});
