/**
 * A second opinion on an SSH signature file: read by a few lines of its own and calculated by the browser's (or
 * Node's) WebCrypto. It shares no line with the code that judges bundles, so that a fault in one of them shows.
 * It says nothing on whose key it is, nor what else the format forbids.
 */
export type SecondOpinion = 'agrees' | 'differs' | 'lacks';

interface Parts {
  readonly key: readonly Uint8Array[];
  readonly hash: 'SHA-256' | 'SHA-512';
  readonly namespace: Uint8Array;
  readonly signature: Rest;
}

const CURVES: Readonly<Record<string, readonly [string, string, number]>> = {
  'ecdsa-sha2-nistp256': ['P-256', 'SHA-256', 32],
  'ecdsa-sha2-nistp384': ['P-384', 'SHA-384', 48],
  'ecdsa-sha2-nistp521': ['P-521', 'SHA-512', 66],
};

/** Never throws; whatever this engine cannot do, and every other kind of file, is `lacks`. */
export async function secondOpinion(
  file: Uint8Array,
  message: Uint8Array,
  namespace: string,
): Promise<SecondOpinion> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined || !ascii(file).startsWith('-----BEGIN SSH SIGNATURE-----')) return 'lacks';
  try {
    const parts = partsOf(file);
    if (ascii(parts.namespace) !== namespace) return 'differs';
    const signed = join([
      bytesOf('SSHSIG'),
      ...[
        parts.namespace,
        new Uint8Array(),
        bytesOf(parts.hash === 'SHA-256' ? 'sha256' : 'sha512'),
        new Uint8Array(await subtle.digest(parts.hash, plain(message))),
      ].map(framed),
    ]);
    const right = await calculate(subtle, parts, signed);
    return right === null ? 'lacks' : right ? 'agrees' : 'differs';
  } catch (error) {
    return (error as Error | undefined)?.name === 'NotSupportedError' ? 'lacks' : 'differs';
  }
}

/** True or false for the signature; null for a kind of key that WebCrypto has no algorithm for. */
async function calculate(subtle: SubtleCrypto, parts: Parts, signed: Uint8Array): Promise<boolean | null> {
  const [type = new Uint8Array(), first = new Uint8Array(), second = new Uint8Array()] = parts.key;
  const keyType = ascii(type);
  const algorithm = ascii(parts.signature.string());
  if (keyType === 'ssh-ed25519' && algorithm === keyType) {
    const key = await subtle.importKey('raw', plain(first), 'Ed25519', false, ['verify']);
    return subtle.verify('Ed25519', key, plain(parts.signature.string()), plain(signed));
  }
  const curve = CURVES[keyType];
  if (curve !== undefined && algorithm === keyType)
    return ecdsa(subtle, curve, second, parts.signature.string(), signed);
  if (keyType === 'ssh-rsa') return rsa(subtle, algorithm, first, second, parts.signature.string(), signed);
  if (algorithm === 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com') return passkey(subtle, parts, signed);
  return null;
}

async function ecdsa(
  subtle: SubtleCrypto,
  [namedCurve, hash, width]: readonly [string, string, number],
  point: Uint8Array,
  blob: Uint8Array,
  signed: Uint8Array,
): Promise<boolean> {
  const key = await subtle.importKey('raw', plain(point), { name: 'ECDSA', namedCurve }, false, ['verify']);
  const numbers = new Rest(blob);
  const pair = join([wide(numbers.string(), width), wide(numbers.string(), width)]);
  return subtle.verify({ name: 'ECDSA', hash }, key, plain(pair), plain(signed));
}

async function rsa(
  subtle: SubtleCrypto,
  algorithm: string,
  exponent: Uint8Array,
  modulus: Uint8Array,
  blob: Uint8Array,
  signed: Uint8Array,
): Promise<boolean> {
  const hash = { 'rsa-sha2-256': 'SHA-256', 'rsa-sha2-512': 'SHA-512' }[algorithm];
  if (hash === undefined) return false;
  const name = 'RSASSA-PKCS1-v1_5';
  const jwk = { kty: 'RSA', e: url64(wide(exponent, 0)), n: url64(wide(modulus, 0)) };
  const key = await subtle.importKey('jwk', jwk, { name, hash }, false, ['verify']);
  return subtle.verify(name, key, plain(blob), plain(signed));
}

/** The authenticator signed its data and the SHA-256 of what the browser wrote; that must name our challenge. */
async function passkey(
  subtle: SubtleCrypto,
  { key, signature }: Parts,
  challenge: Uint8Array,
): Promise<boolean> {
  const [, , point = new Uint8Array(), application = new Uint8Array()] = key;
  const blob = signature.string();
  const flagsAndCounter = signature.take(5);
  signature.string();
  const clientData = signature.string();
  const extensions = signature.string();
  const said = JSON.parse(ascii(clientData)) as { type?: unknown; challenge?: unknown };
  if (said.type !== 'webauthn.get' || said.challenge !== url64(challenge)) return false;
  const digest = async (bytes: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await subtle.digest('SHA-256', plain(bytes)));
  const data = join([await digest(application), flagsAndCounter, extensions, await digest(clientData)]);
  return ecdsa(subtle, ['P-256', 'SHA-256', 32], point, blob, data);
}

function partsOf(file: Uint8Array): Parts {
  const rows = ascii(file).trim().split('\n').slice(1, -1);
  const rest = new Rest(bytesOf(atob(rows.join(''))));
  rest.take('SSHSIG'.length + 4);
  const keyRest = new Rest(rest.string());
  const key: Uint8Array[] = [];
  while (keyRest.left > 0) key.push(keyRest.string());
  const namespace = rest.string();
  rest.string();
  const hash = ascii(rest.string()) === 'sha256' ? 'SHA-256' : 'SHA-512';
  return { key, namespace, hash, signature: new Rest(rest.string()) };
}

class Rest {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new RangeError('cut short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  string(): Uint8Array {
    const size = this.take(4);
    return this.take(new DataView(size.buffer, size.byteOffset).getUint32(0));
  }
}

/** A number without its leading zeros, or in a fixed width. */
function wide(number: Uint8Array, width: number): Uint8Array {
  let start = 0;
  while (start < number.length && number[start] === 0) start++;
  const digits = number.subarray(start);
  if (width === 0) return digits;
  if (digits.length > width) throw new RangeError('too large a number');
  return join([new Uint8Array(width - digits.length), digits]);
}

function framed(bytes: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, bytes.length);
  return join([size, bytes]);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
const ascii = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const url64 = (bytes: Uint8Array): string =>
  btoa(ascii(bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
