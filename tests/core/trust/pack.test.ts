import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/bytes/bytes.js';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { parseAuthorizedKey } from '../../../src/core/signature/publicKey.js';
import { armorSshsig, sshsigToBeSigned } from '../../../src/core/signature/sshsigWrite.js';
import { wireString } from '../../../src/core/signature/wire.js';
import { readWithdrawalFile } from '../../../src/core/trust/import/withdrawal.js';
import { readPack } from '../../../src/core/trust/pack.js';
import { prepareWithdrawal } from '../../../src/core/envelope/withdrawal.js';
import type { Trust, TrustedKey } from '../../../src/core/trust/trust.js';
import { writeTrust } from '../../../src/core/trust/writeTrust.js';
import { keyLine } from './keys.js';

const NOW = '2026-11-20T10:00:00Z';

function keyOf(seed: number): TrustedKey & { blob: Uint8Array } {
  const read = parseAuthorizedKey(keyLine(seed));
  if ('problem' in read) throw new Error(read.problem.message);
  return { kind: 'ssh', fingerprint: read.key.fingerprint, blob: read.key.blob };
}

function sign(seed: number, message: Uint8Array, namespace = 'trust@countersign'): Uint8Array {
  const signature = ed25519.sign(
    sshsigToBeSigned(message, namespace, 'sha512'),
    new Uint8Array(32).fill(seed),
  );
  const blob = concatBytes([wireString('ssh-ed25519'), wireString(signature)]);
  return armorSshsig(keyOf(seed).blob, namespace, 'sha512', blob);
}

const alice = { id: 'alice@acme.org', also: [], keys: [keyOf(1)] };
const bob = { id: 'bob@acme.org', also: [], keys: [keyOf(2)] };
const present: Trust = { id: 'acme', serial: 3, people: [alice], withdrawn: [], rules: [] };
const newer: Trust = { ...present, serial: 4, people: [alice, bob] };

function pack(trust: Trust, seed?: number, namespace?: string) {
  const bytes = writeTrust(trust);
  return {
    name: 'trust.yaml',
    bytes,
    ...(seed === undefined ? {} : { signature: sign(seed, bytes, namespace) }),
  };
}
const codes = ({ findings }: { findings: readonly { code: string }[] }) => findings.map(({ code }) => code);

describe('readPack', () => {
  it('a newer list signed by a known person is known, with what it changes', () => {
    const read = readPack(pack(newer, 1), present, NOW);
    expect(read.signature).toBe('known');
    expect(read.signedBy?.id).toBe('alice@acme.org');
    expect(read.trust).toEqual(newer);
    expect(read.differences.map(({ code }) => code)).toEqual(['serial-forward', 'person-new']);
    expect(read.findings).toEqual([]);
  });

  it('who signed is asked of the present list: a list cannot make its own signer known (T14)', () => {
    const read = readPack(pack(newer, 2), present, NOW);
    expect([read.signature, read.signedBy]).toEqual(['unknown', null]);
    expect(codes(read)).toEqual(['pack-signer-unknown']);
    expect(readPack(pack(newer, 1), null, NOW).signature).toBe('unknown');
  });

  it('the serial never goes back, by whomever it is signed', () => {
    for (const seed of [1, 2, undefined]) {
      const read = readPack(pack({ ...newer, serial: 2 }, seed), present, NOW);
      expect(codes(read)).toContain('trust-serial-back');
      expect([read.trust, read.differences]).toEqual([null, []]);
    }
  });

  it('one serial is one list', () => {
    expect(codes(readPack(pack({ ...newer, serial: 3 }, 1), present, NOW))).toEqual(['trust-serial-same']);
    expect(readPack(pack(present, 1), present, NOW).trust).toEqual(present);
    const unsigned = readPack(pack({ ...newer, serial: 3 }), present, NOW);
    expect(unsigned.trust).not.toBeNull();
    expect(unsigned.differences.map(({ code }) => code)).toContain('serial-same');
  });

  it('another list has its own serials, and is named as another one', () => {
    const read = readPack(pack({ ...newer, id: 'other', serial: 1 }, 1), present, NOW);
    expect(read.differences[0]).toMatchObject({ code: 'list-other', effect: 'weaker' });
  });

  it('a changed list, another signature and another purpose are refused whole', () => {
    const good = pack(newer, 1);
    const changed = { ...good, bytes: concatBytes([good.bytes, toUtf8('# x\n')]) };
    for (const faulty of [
      changed,
      { ...good, signature: sign(1, toUtf8('x')) },
      pack(newer, 1, 'approval@countersign'),
      { ...good, signature: toUtf8('no signature') },
      { ...good, signature: new Uint8Array(0) },
    ]) {
      const read = readPack(faulty, present, NOW);
      expect(read.signature).toBe('false');
      expect(codes(read)[0]).toBe('pack-signature-false');
      expect(read.trust).toBeNull();
    }
  });

  it('a key that does not count today makes nobody known', () => {
    const withKey = (more: Partial<TrustedKey>): Trust => ({
      ...present,
      people: [{ ...alice, keys: [{ ...keyOf(1), ...more }] }],
    });
    const cases: Trust[] = [
      withKey({ until: NOW }),
      withKey({ from: '2026-11-20T10:00:01Z' }),
      withKey({ namespaces: ['approval@countersign'] }),
      { ...present, withdrawn: [{ fingerprint: keyOf(1).fingerprint, at: NOW }] },
    ];
    for (const list of cases) {
      const read = readPack(pack(newer, 1), list, NOW);
      expect([read.signature, read.signedBy]).toEqual(['unknown', null]);
      expect(codes(read)).toEqual(['pack-signer-not-current']);
    }
    expect(readPack(pack(newer, 1), present, 'yesterday').signature).toBe('unknown');
  });
});

describe('readWithdrawalFile', () => {
  const fingerprint = keyOf(1).fingerprint;
  const both: Trust = { ...present, people: [{ ...alice, keys: [keyOf(1), keyOf(4)] }, bob] };
  const draft = (user = 'alice@acme.org', key = fingerprint): Uint8Array => {
    const made = prepareWithdrawal({
      what: { is: 'key', fingerprint: key },
      at: '2026-11-01T00:00:00Z',
      user,
      reason: 'lost',
    });
    if ('findings' in made) throw new Error(made.findings[0]?.message);
    return made.bytes;
  };
  const readFile = (bytes: Uint8Array, seed: number | null, list: Trust | null = both) =>
    readWithdrawalFile(
      { name: 'w.json', bytes },
      seed === null ? undefined : sign(seed, bytes, 'withdrawal@countersign'),
      list,
      NOW,
    );

  it('is taken from the owner, by the key itself or another one of theirs', () => {
    for (const seed of [1, 4])
      expect(readFile(draft(), seed).trust?.withdrawn).toEqual([
        { fingerprint, at: '2026-11-01T00:00:00Z', reason: 'lost' },
      ]);
  });

  it('is refused from anybody else, without a signature, for another person and for an unknown key', () => {
    const refused = [
      readFile(draft(), 2),
      readFile(draft(), 9),
      readFile(draft(), null),
      readFile(draft('bob@acme.org'), 1),
      readFile(draft(), 1, null),
      readFile(draft('alice@acme.org', keyOf(9).fingerprint), 1),
      readWithdrawalFile(
        { name: 'w.json', bytes: draft() },
        sign(1, draft(), 'approval@countersign'),
        both,
        NOW,
      ),
    ];
    for (const read of refused) {
      expect(read.trust).toBeNull();
      expect(codes(read)).toEqual(['withdrawal-not-by-owner']);
    }
  });

  it('a key that was withdrawn before cannot withdraw another one', () => {
    const list = { ...both, withdrawn: [{ fingerprint: keyOf(4).fingerprint, at: '2026-01-01T00:00:00Z' }] };
    expect(readFile(draft(), 4, list).trust).toBeNull();
    expect(readFile(draft(), 1, list).trust).not.toBeNull();
  });
});
