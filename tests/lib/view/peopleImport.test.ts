import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { readTrust } from '../../../src/core/trust/readTrust.js';
import {
  candidateOf,
  changesOf,
  lookAgain,
  modesOf,
  readOffers,
  typedKey,
} from '../../../src/lib/view/peopleImport.js';
import { aliceKey, bobKey } from '../../core/trust/keys.js';

const NOW = '2026-11-20T10:00:00Z';
const text = (serial: number, line = aliceKey): Uint8Array =>
  toUtf8(
    `schema: "countersign.trust/v1"\nid: "acme"\nserial: ${serial}\npeople:\n  - id: "alice@acme.org"\n    keys: [{ssh: "${line}"}]\n`,
  );
const present = readTrust({ name: 'trust.yaml', bytes: text(3) }).trust;
const offer = (name: string, bytes: Uint8Array) => readOffers([{ name, bytes }], present, NOW)[0]!;

describe('what is offered', () => {
  it('a list of the same name may replace or be added, an older one may only be added', () => {
    expect(modesOf(offer('trust.yaml', text(4)))).toEqual(['replace', 'add']);
    expect(modesOf(offer('trust.yaml', text(2)))).toEqual(['add']);
    expect(modesOf(offer('x', toUtf8('hello')))).toEqual([]);
  });

  it('a signature finds its list by its name; one that does not fit leaves nothing to take over', () => {
    const files = [
      { name: 'trust.yaml.sig', bytes: toUtf8('no signature') },
      { name: 'trust.yaml', bytes: text(4) },
    ];
    const [signed, ...more] = readOffers(files, present, NOW);
    expect(more).toEqual([]);
    expect(signed?.pack?.signature).toBe('false');
    expect(modesOf(signed!)).toEqual([]);
    // Looked at again, it is still the signed list and no unsigned one.
    expect(lookAgain(signed!, present, NOW).pack?.signature).toBe('false');
  });

  it('replacing keeps the bytes as they came; adding changes only what is new', () => {
    const newer = offer('trust.yaml', text(4, bobKey));
    const replaced = candidateOf(newer, present, 'replace', [], {});
    expect(replaced?.bytes).toBe(newer.bytes);
    expect(changesOf(present, replaced).map(({ code }) => code)).toEqual(['key-replaced']);
    const added = candidateOf(newer, present, 'add', [], {});
    expect(changesOf(present, added).map(({ code }) => code)).toEqual(['key-new']);
  });

  it('a loose key needs an owner, and is one change with one serial', () => {
    const keys = offer('bob.pub', toUtf8(`${bobKey} bob@acme.org\n`));
    expect(candidateOf(keys, present, 'add', [{ id: 'two words', name: '' }], {})).toBeNull();
    const made = candidateOf(keys, present, 'add', [{ id: 'bob@acme.org', name: 'Bob' }], {
      checked: 'phone',
    });
    expect(made?.trust?.serial).toBe(4);
    expect(made?.trust?.people[1]).toMatchObject({
      id: 'bob@acme.org',
      name: 'Bob',
      keys: [{ checked: 'phone' }],
    });
  });
});

describe('a typed key', () => {
  it('is a line, a fingerprint, or hex digits in any grouping; anything else is none', () => {
    expect(typedKey(aliceKey, null)?.kind).toBe('ssh');
    expect(typedKey(' SHA256:4zbp4OQ801TzexN4HcB+YnDTVb82UQR6aG9JkzwuHGk\n', null)?.kind).toBe('fingerprint');
    const hex = '0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567';
    expect(typedKey(hex, null)).toEqual({
      kind: 'openpgp',
      fingerprint: hex.replaceAll(' ', '').toUpperCase(),
    });
    for (const none of ['', 'hello', 'SHA256:short', hex.slice(2), `${aliceKey}\n${bobKey}`])
      expect(typedKey(none, null)).toBeNull();
  });
});
