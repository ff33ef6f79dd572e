import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { readTrust } from '../../../src/core/trust/readTrust.js';
import type { Person } from '../../../src/core/trust/trust.js';
import type { KeyCard } from '../../../src/engine/signer.js';
import { endsSoon, qrPath, standingOf, trustEntry } from '../../../src/lib/view/keys.js';
import { gpgCommand, sshCommand } from '../../../src/lib/view/signCommand.js';
import { ed25519Key, passkey } from '../../vectorgen/keys.js';

const now = '2026-11-21T10:00:00Z';
const key = ed25519Key('view');
const card: KeyCard = {
  id: '0'.repeat(32),
  kind: 'passphrase',
  label: 'Desk',
  user: 'alice@acme.org',
  publicKey: key.line,
  fingerprint: key.fingerprint,
  words: '',
  algorithm: 'ssh-ed25519',
  createdAt: '2026-11-21T09:00:00.123Z',
  lastUsedAt: null,
  endsAt: '2028-11-21T00:00:00Z',
  backedUpAt: null,
  withdrawnAt: null,
  lives: 'device',
  wrapped: 'passphrase',
  gate: 'open',
};

/** The list that somebody gets who pastes the entry. */
function listWith(entry: string): readonly Person[] {
  const text = `schema: "countersign.trust/v1"\nid: "acme"\nserial: 1\npeople:\n${entry}`;
  const { trust, findings } = readTrust({ name: 'trust.yaml', bytes: toUtf8(text) });
  expect(findings).toEqual([]);
  return trust?.people ?? [];
}

describe('the entry for a trust list', () => {
  it('is read back as this key of this person, with its window', () => {
    const [alice] = listWith(trustEntry(card));
    expect(alice?.id).toBe('alice@acme.org');
    expect(alice?.keys[0]).toMatchObject({
      kind: 'ssh',
      fingerprint: key.fingerprint,
      from: '2026-11-21T09:00:00Z',
      until: '2028-11-21T00:00:00Z',
    });
  });

  it('names the origin of a passkey', () => {
    const made = passkey('view', { rpId: 'sign.acme.org' });
    const entry = trustEntry({
      ...card,
      kind: 'passkey',
      publicKey: made.line,
      rpId: 'sign.acme.org',
      origin: 'https://sign.acme.org:8443',
    });
    const [alice] = listWith(entry);
    expect(alice?.keys[0]).toMatchObject({ kind: 'passkey', origins: ['https://sign.acme.org:8443'] });
  });

  it('takes a name that tries to leave its place for what it is', () => {
    const user = 'a"\n  - id: "mallory';
    const list = `schema: "countersign.trust/v1"\nid: "acme"\nserial: 1\npeople:\n${trustEntry({ ...card, user })}`;
    const { trust } = readTrust({ name: 'trust.yaml', bytes: toUtf8(list) });
    expect(trust?.people.some(({ id }) => id === 'mallory') ?? false).toBe(false);
  });
});

describe('what a card says of its key', () => {
  it('puts withdrawal before end, and end before the gate', () => {
    expect(standingOf(card, now)).toBe('open');
    expect(standingOf({ ...card, gate: 'needs-second-key-or-backup' }, now)).toBe('closed');
    expect(standingOf({ ...card, endsAt: now }, now)).toBe('ended');
    expect(standingOf({ ...card, endsAt: now, withdrawnAt: now }, now)).toBe('withdrawn');
  });

  it('warns 30 days before the end, louder 7 days before, and not after it', () => {
    const at = (endsAt: string | null) => endsSoon({ ...card, endsAt }, now);
    expect(at(null)).toBeNull();
    expect(at('2026-12-23T10:00:00Z')).toBeNull();
    expect(at('2026-12-21T10:00:00Z')).toEqual({ days: 30, urgent: false });
    expect(at('2026-11-28T10:00:00Z')).toEqual({ days: 7, urgent: true });
    expect(at('2026-11-21T09:59:59Z')).toBeNull();
  });
});

it('draws each dark square of a code once', () => {
  expect(
    qrPath([
      [true, false],
      [false, true],
    ]),
  ).toBe('M0 0h1v1h-1zM1 1h1v1h-1z');
});

it('quotes a name that a shell would take apart', () => {
  expect(sshCommand('pm-1.json', 'approval@countersign')).toBe(
    'ssh-keygen -Y sign -n approval@countersign -f KEY pm-1.json',
  );
  expect(gpgCommand("a b'; rm -rf ~")).toBe("gpg --detach-sign --armor 'a b'\\''; rm -rf ~'");
  expect(gpgCommand('--output')).toBe('gpg --detach-sign --armor ./--output');
});
