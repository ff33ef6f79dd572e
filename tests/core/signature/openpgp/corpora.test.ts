import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CertificateBook } from '../../../../src/core/signature/openpgp/book.js';
import { readCertificates } from '../../../../src/core/signature/openpgp/certificate.js';
import { readCertificate } from '../../../../src/core/signature/openpgp/import.js';
import { readNamedBlocks } from '../../../../src/core/signature/openpgp/named.js';
import { standingOf } from '../../../../src/core/signature/openpgp/standing.js';
import { verifyOpenPgp } from '../../../../src/core/signature/openpgp/verify.js';
import { describeShared, sharedPath } from '../../../shared.js';
import { armored } from '../../../vectorgen/openpgp.js';

/** The published corpora (tests read them where they lie). Our profile is stricter than theirs and never laxer. */

const NOW = Date.parse('2026-11-20T12:00:00Z');

interface Row {
  readonly data: string;
  readonly sig: string;
  readonly as_detached_signature: string;
}

const read = (...parts: readonly string[]): Uint8Array =>
  new Uint8Array(readFileSync(sharedPath('corpora', 'openpgp', ...parts)));

function keyring(): CertificateBook {
  const book = new CertificateBook();
  for (const file of [['keyring.pgp'], ['files', 'valid_armored_public.pgp']]) {
    const blocks = readNamedBlocks(read(...file), file.join('/'));
    if ('blocks' in blocks) for (const block of blocks.blocks) book.add(block);
  }
  return book;
}

/** An approval is always armored; binary signatures of the corpus get the frame that they lack. */
function framedFile(bytes: Uint8Array): Uint8Array {
  return (bytes[0] ?? 0) >= 0x80 ? armored('SIGNATURE', bytes) : bytes;
}

/** Why a signature that others accept is refused here: rules of docs/SPEC.md, "OpenPGP approvals". */
const STRICTER: Readonly<Record<string, string>> = {
  'test_stream_signatures/source.txt.text.sig': 'openpgp-class',
};

/**
 * Where readers disagree and ours says yes. This key renewed its self-signature after it had signed; keys are judged
 * at `now`, so what it said of itself at a claimed earlier time plays no part (GnuPG and RNP agree, OpenPGP.js does not).
 */
const ACCEPTED_BY_POLICY: readonly string[] = ['test_stream_signatures/source.txt.sig'];

describeShared('corpora/openpgp', () => {
  it('detached: nothing that must be rejected is accepted, and what must be accepted is, or a rule of ours says why not', () => {
    const rows = JSON.parse(new TextDecoder().decode(read('detached.json'))) as readonly Row[];
    const book = keyring();
    expect(book.size).toBeGreaterThan(0);
    const counts = { rejected: 0, accepted: 0, stricter: 0, policy: 0 };
    for (const row of rows) {
      const file = framedFile(read('files', row.sig));
      const { outcome, findings } = verifyOpenPgp(file, read('files', row.data), book, NOW);
      const codes = findings.map(({ code }) => code).join(' ');
      const name = `${row.sig} over ${row.data}: ${outcome} ${codes}`;
      if (row.as_detached_signature === 'must_reject') {
        expect(outcome, name).not.toBe('true');
        counts.rejected += 1;
      } else if (row.as_detached_signature === 'must_accept' && STRICTER[row.sig] === undefined) {
        expect(outcome, name).toBe('true');
        counts.accepted += 1;
      } else if (row.as_detached_signature === 'must_accept') {
        expect(`${outcome} ${codes}`, name).toBe(`false ${STRICTER[row.sig]}`);
        counts.stricter += 1;
      } else {
        // The others: RSA of 1,024 bits, SHA-1, text mode, several signatures, inline data. Refused, each by its rule.
        expect(outcome === 'true', name).toBe(ACCEPTED_BY_POLICY.includes(row.sig));
        counts.policy += 1;
      }
    }
    console.log(`corpora/openpgp detached: ${JSON.stringify(counts)} of ${rows.length}`);
    expect(rows.length).toBe(24);
  });

  it('messages and clear-signed texts are never taken for signatures over a file', () => {
    const names = readdirSync(sharedPath('corpora', 'openpgp', 'not-detached-must-reject'));
    const book = keyring();
    const message = read('files', 'test_messages', 'message.txt');
    for (const name of names) {
      const bytes = read('not-detached-must-reject', name);
      for (const file of [bytes, framedFile(bytes)]) {
        expect(verifyOpenPgp(file, message, book, NOW).outcome, name).not.toBe('true');
      }
    }
    for (const name of readdirSync(sharedPath('corpora', 'openpgp', 'rpgp')).filter(
      (one) => !one.includes('.pub.'),
    )) {
      const bytes = read('rpgp', name);
      const alice = new CertificateBook();
      const blocks = readNamedBlocks(read('rpgp', 'alice.pub.asc'), 'alice');
      if ('blocks' in blocks) for (const block of blocks.blocks) alice.add(block);
      expect(verifyOpenPgp(bytes, message, alice, NOW).outcome, name).not.toBe('true');
    }
    expect(names.length).toBe(27);
  });

  it('forged, unbound, expired and future keys sign nothing', () => {
    const names = readdirSync(sharedPath('corpora', 'openpgp', 'forged-keys'));
    const seen: string[] = [];
    for (const name of names) {
      const bytes = read('forged-keys', name);
      const cards = readCertificate(bytes, NOW, name);
      const usable = 'certificates' in cards && cards.certificates.some(({ canSign }) => canSign);
      seen.push(`${name} ${usable}`);
      if (/forged-key|forged-material|-no-|expired|future|md5|dsa/.test(name))
        expect(usable, name).toBe(false);
      if (name.includes('forged-subkey')) expect(subkeysThatSign(bytes, name), name).toBe(0);
    }
    expect(seen).toContain('ecc-p256-pub.pgp true');
    expect(names.length).toBe(15);
  });
});

function subkeysThatSign(bytes: Uint8Array, name: string): number {
  const keys = readCertificates(bytes, name);
  if ('findings' in keys) return 0;
  return keys.certificates
    .flatMap((certificate) => certificate.subkeys.map(({ key }) => standingOf(certificate, key, NOW / 1000)))
    .filter(({ refusal }) => refusal === null).length;
}
