import { readFileSync } from 'node:fs';
import { p256 } from '@noble/curves/nist.js';
import { describe, expect, it } from 'vitest';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../../../src/core/bytes/bytes.js';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import {
  passkeyFields,
  verifyAssertionSignature,
  verifyPasskey,
  type Assertion,
} from '../../../src/core/signature/passkey.js';
import { verifySshsig } from '../../../src/core/signature/sshsig.js';
import { describeShared, sharedPath } from '../../shared.js';
import { passkey, skEd25519Key, sshsig, type PasskeyFields, type TestKey } from '../../vectorgen/keys.js';

const NAMESPACE = 'approval@countersign';
const message = new TextEncoder().encode('{"what":"is signed"}');

interface Vector {
  readonly id: string;
  readonly registration: { readonly credential_private_key?: string };
  readonly authentication: {
    readonly challenge: string;
    readonly authenticatorData: string;
    readonly clientDataJSON: string;
    readonly signature: string;
  };
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function vectors(): readonly Vector[] {
  const text = readFileSync(sharedPath('corpora', 'webauthn', 'webauthn-l3.json'), 'utf8');
  return (JSON.parse(text) as { vectors: readonly Vector[] }).vectors;
}

function es256(): readonly {
  vector: Vector;
  point: Uint8Array;
  assertion: Assertion;
  challenge: Uint8Array;
}[] {
  return vectors()
    .filter(({ id }) => id.includes('es256'))
    .map((vector) => ({
      vector,
      point: p256.getPublicKey(hex(vector.registration.credential_private_key ?? ''), false),
      challenge: hex(vector.authentication.challenge),
      assertion: {
        authenticatorData: hex(vector.authentication.authenticatorData),
        clientDataJson: hex(vector.authentication.clientDataJSON),
        signature: hex(vector.authentication.signature),
      },
    }));
}

/** What the published assertion must be refused for, read from its own bytes. */
function expectedCodes({ authenticatorData, clientDataJson }: Assertion): string[] {
  const { crossOrigin } = JSON.parse(Buffer.from(clientDataJson).toString()) as { crossOrigin?: boolean };
  return [
    ...(crossOrigin === true ? ['passkey-framed'] : []),
    ...((authenticatorData[32]! & 4) === 0 ? ['passkey-user-verification-missing'] : []),
  ];
}

function codes(assertion: Assertion, point: Uint8Array, challenge: Uint8Array): string[] {
  const fields = passkeyFields(assertion, 'example.org');
  if (fields === null) return ['malformed'];
  return verifyPasskey(point, 'example.org', challenge, fields).map(({ code }) => code);
}

describeShared('assertions published by the W3C', () => {
  it('calculates every ES256 signature right, and refuses exactly what our rules refuse', () => {
    const cases = es256();
    expect(cases.length).toBe(7);
    for (const { vector, point, assertion, challenge } of cases) {
      expect([vector.id, verifyAssertionSignature(point, assertion)]).toEqual([vector.id, true]);
      expect([vector.id, codes(assertion, point, challenge)]).toEqual([vector.id, expectedCodes(assertion)]);
    }
    expect(cases.filter(({ assertion }) => expectedCodes(assertion).length === 0).length).toBe(2);
  });

  it('never confirms a signature of another algorithm', () => {
    const others = vectors().filter(({ id }) => !id.includes('es256'));
    expect(others.length).toBe(3);
    const { point } = es256()[0]!;
    for (const { authentication } of others) {
      const assertion = {
        authenticatorData: hex(authentication.authenticatorData),
        clientDataJson: hex(authentication.clientDataJSON),
        signature: hex(authentication.signature),
      };
      expect(verifyAssertionSignature(point, assertion)).toBe(false);
    }
  });

  it('refuses each changed part (S27)', () => {
    const { point, assertion, challenge } = es256().find(({ vector }) => vector.id.endsWith('packed-es256'))!;
    const text = Buffer.from(assertion.clientDataJson).toString();
    const withText = (clientData: string): Assertion => ({
      ...assertion,
      clientDataJson: toUtf8(clientData),
    });
    const withData = (change: (data: Uint8Array) => void): Assertion => {
      const authenticatorData = assertion.authenticatorData.slice();
      change(authenticatorData);
      return { ...assertion, authenticatorData };
    };
    expect(codes(assertion, point, challenge)).toEqual([]);
    expect(codes(assertion, point, Uint8Array.of(1))).toEqual(['passkey-challenge']);
    expect(codes(withText(text.replace('webauthn.get', 'webauthn.create')), point, challenge)).toEqual([
      'passkey-type',
      'signature-false',
    ]);
    expect(codes(withText(text.replace('example.org', 'example.com')), point, challenge)).toEqual([
      'signature-false',
    ]);
    expect(
      codes(
        withData((data) => (data[0]! ^= 1)),
        point,
        challenge,
      ),
    ).toEqual(['malformed']);
    expect(
      codes(
        withData((data) => (data[36]! ^= 1)),
        point,
        challenge,
      ),
    ).toEqual(['signature-false']);
    expect(
      codes(
        withData((data) => (data[32]! &= ~1)),
        point,
        challenge,
      ),
    ).toEqual(['passkey-user-presence-missing', 'signature-false']);
    expect(
      codes(
        { ...assertion, signature: concatBytes([assertion.signature, Uint8Array.of(0)]) },
        point,
        challenge,
      ),
    ).toEqual(['malformed']);
    expect(
      codes({ ...assertion, authenticatorData: assertion.authenticatorData.slice(0, 36) }, point, challenge),
    ).toEqual(['malformed']);
  });
});

function codesOf(fields: PasskeyFields): string[] {
  const check = verifySshsig(sshsig(passkey('alice', fields), message), message, NAMESPACE);
  expect(check.outcome).toBe(check.findings.length === 0 ? 'true' : 'false');
  return check.findings.map(({ code }) => code);
}

describe('passkeys as SSH signatures', () => {
  const cases: readonly (readonly [string, PasskeyFields, readonly string[]])[] = [
    ['the ordinary form', {}, []],
    ['a record without crossOrigin', { rest: '}' }, []],
    ['further fields behind', { rest: ',"crossOrigin":false,"other":{"deep":[1]}}' }, []],
    ['a backed-up key', { flags: 0x1d }, []],
    ['another origin, which the caller judges', { origin: 'https://evil.example' }, []],
    ['no user presence', { flags: 4 }, ['passkey-user-presence-missing']],
    ['no user verification', { flags: 1 }, ['passkey-user-verification-missing']],
    ['neither', { flags: 0 }, ['passkey-user-presence-missing', 'passkey-user-verification-missing']],
    ['registration data announced', { flags: 0x45 }, ['passkey-flags']],
    ['extensions announced but absent', { flags: 0x85 }, ['passkey-flags']],
    ['backed up but not eligible', { flags: 0x15 }, ['passkey-flags']],
    ['crossOrigin', { rest: ',"crossOrigin":true}' }, ['passkey-framed']],
    ['crossOrigin as text', { rest: ',"crossOrigin":"false"}' }, ['passkey-framed']],
    [
      'topOrigin',
      { rest: ',"crossOrigin":false,"topOrigin":"https://sign.example.org"}' },
      ['passkey-framed'],
    ],
    ['registration', { type: 'webauthn.create' }, ['passkey-type']],
    ['payment', { type: 'payment.get' }, ['passkey-type']],
    ['another challenge', { challenge: Uint8Array.of(1, 2, 3) }, ['passkey-challenge']],
    ['an origin beside that of the record', { saidOrigin: 'https://other.example' }, ['passkey-client-data']],
    ['a key standing twice', { rest: ',"origin":"https://sign.example.org"}' }, ['passkey-client-data']],
    ['a type standing twice', { rest: ',"type":"webauthn.get"}' }, ['passkey-client-data']],
    ['text behind the record', { rest: '} ,' }, ['passkey-client-data']],
    ['an unfinished record', { rest: '' }, ['passkey-client-data']],
    ['an origin with a line break', { origin: 'https://sign.example.org\n' }, ['passkey-client-data']],
    ['an application of OpenSSH', { rpId: 'ssh:' }, ['sk-application']],
  ];

  it.each(cases)('%s', (_, fields, codes) => {
    expect(codesOf(fields)).toEqual(codes);
  });

  it('refuses a record in another order, as OpenSSH does', () => {
    const { point, sign } = byHand();
    const check = verifyPasskey(
      point,
      'example.org',
      Uint8Array.of(1),
      sign('{"challenge":"AQ","type":"webauthn.get","origin":"https://example.org"}'),
    );
    expect(check.map(({ code }) => code)).toEqual(['passkey-client-data']);
    const spaced = sign('{ "type":"webauthn.get","challenge":"AQ","origin":"https://example.org"}');
    expect(verifyPasskey(point, 'example.org', Uint8Array.of(1), spaced).map(({ code }) => code)).toEqual([
      'passkey-client-data',
    ]);
  });

  it('takes extensions that are announced, and only a CBOR map', () => {
    const { point, sign } = byHand();
    const record = '{"type":"webauthn.get","challenge":"AQ","origin":"https://example.org"}';
    const map = Uint8Array.of(0xa1, 0x61, 0x61, 0xf5);
    expect(verifyPasskey(point, 'example.org', Uint8Array.of(1), sign(record, 0x85, map))).toEqual([]);
    const found = (fields: ReturnType<typeof sign>): string[] =>
      verifyPasskey(point, 'example.org', Uint8Array.of(1), fields).map(({ code }) => code);
    expect(found(sign(record, 0x05, map))).toEqual(['passkey-flags']);
    expect(found(sign(record, 0x85, Uint8Array.of(0x01)))).toEqual(['passkey-flags']);
    expect(found({ ...sign(record, 0x85, map), extensions: Uint8Array.of(0xa0) })).toEqual([
      'signature-false',
    ]);
  });

  it('does not let a passkey stand for a security key, or the other way round', () => {
    const crossed: TestKey = { ...passkey('alice'), sign: skEd25519Key('alice').sign };
    const check = verifySshsig(sshsig(crossed, message), message, NAMESPACE);
    expect(check.findings.map(({ code }) => code)).toEqual(['signature-algorithm-mismatch']);
  });
});

/** Signs any record for the relying party example.org. */
function byHand() {
  const secret = new Uint8Array(32).fill(7);
  const sign = (record: string, flags = 5, extensions: Uint8Array = new Uint8Array(0)) => {
    const clientData = toUtf8(record);
    const data = concatBytes([sha256(toUtf8('example.org')), Uint8Array.of(flags, 0, 0, 0, 9), extensions]);
    const signature = p256.sign(concatBytes([data, sha256(clientData)]), secret, { format: 'der' });
    const fields = passkeyFields(
      { authenticatorData: data, clientDataJson: clientData, signature },
      'example.org',
    );
    if (fields === null) throw new Error('the record made here must be readable');
    return fields;
  };
  return { point: p256.getPublicKey(secret, false), sign };
}
