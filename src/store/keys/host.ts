import { ed25519 } from '@noble/curves/ed25519.js';
import { concatBytes } from '../../core/bytes/bytes.js';
import { toUtf8, fromUtf8 } from '../../core/bytes/text.js';
import type { Finding } from '../../core/generated/report.js';
import { finding } from '../../core/messages/finding.js';
import { parsePublicKeyBlob } from '../../core/signature/publicKey.js';
import { armorSshsig, sshsigToBeSigned } from '../../core/signature/sshsigWrite.js';
import { WireReader, wireString } from '../../core/signature/wire.js';
import { random, seal, unseal, type Sealed, type SealedFor } from './seal.js';
import { publicKeyBlob, publicKeyLine, signatureBlob, type OwnAlgorithm } from './wire.js';

/** Errors lose their fields between threads, so refusals travel as values. */
export type Answer<T> = { readonly value: T } | { readonly findings: readonly Finding[] };

/** The public half of a key. */
export interface PublicHalf {
  /** A line as in a `.pub` file, or an armored certificate. */
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly algorithm: string;
}

/** Where the private half for one call comes from. */
export type PrivateHalf =
  | {
      readonly how: 'crypto-key';
      readonly key: CryptoKey;
      readonly blob: Uint8Array;
      readonly algorithm: OwnAlgorithm;
    }
  | {
      readonly how: 'sealed';
      readonly sealed: Sealed;
      readonly about: SealedFor;
      readonly passphrase: string;
      readonly label: string;
    }
  | { readonly how: 'session'; readonly id: string };

export interface Signed {
  readonly kind: 'sshsig' | 'openpgp';
  readonly bytes: Uint8Array;
}

/** A private key file that was opened. */
export interface OpenedFile extends PublicHalf {
  /** What the file says of itself; text of whoever made it. */
  readonly comment: string;
}

/** One kind of private key file: how it is recognised, opened, and used. */
export interface FileKind {
  readonly format: 'openssh' | 'openpgp';
  open(bytes: Uint8Array, passphrase: string | null): Promise<Answer<OpenedFile>>;
  sign(
    bytes: Uint8Array,
    passphrase: string | null,
    namespace: string,
    message: Uint8Array,
  ): Promise<Answer<Signed>>;
}

/** What the signing worker offers over comlink. Private halves come in, signatures and sealed halves go out. */
export interface SignHost {
  ping(): Promise<true>;
  /** A new Ed25519 key, sealed under the passphrase. */
  make(passphrase: string, id: string): Promise<{ readonly half: PublicHalf; readonly sealed: Sealed }>;
  sign(half: PrivateHalf, namespace: string, message: Uint8Array): Promise<Answer<Signed>>;
  /** Opens a file and keeps it under `id` for as long as this worker lives. */
  useFile(id: string, bytes: Uint8Array, passphrase: string | null): Promise<Answer<OpenedFile>>;
  /** The file under `id`, sealed under a passphrase of its own. */
  sealFile(id: string, about: SealedFor, passphrase: string): Promise<Sealed>;
  /** Which key a sealing holds. */
  inspect(sealed: Sealed, about: SealedFor, passphrase: string, label: string): Promise<Answer<PublicHalf>>;
}

/** What is inside a sealing: `ed25519` and a seed, or a key file with its passphrase (empty for none). */
interface Opened {
  readonly format: 'ed25519' | FileKind['format'];
  readonly secret: Uint8Array;
  readonly passphrase: Uint8Array;
}

const ED25519 = 'ssh-ed25519';
const HASH = 'sha512';

/** The worker's side. `files` are the kinds of key file that this worker reads. */
export function hostSigning(files: readonly FileKind[]): SignHost {
  const session = new Map<string, Opened>();
  return {
    ping: () => Promise.resolve(true),
    make: (passphrase, id) => makeSeed(passphrase, id),
    async sign(half, namespace, message) {
      if (half.how === 'crypto-key') return { value: await signNative(half, namespace, message) };
      const sign = (opened: Opened): Promise<Answer<Signed>> => signOpened(files, opened, namespace, message);
      if (half.how === 'sealed') return withOpened(half, sign);
      const opened = session.get(half.id);
      return opened === undefined ? refused(finding('key-missing', {})) : sign(opened);
    },
    async useFile(id, bytes, passphrase) {
      const refusals: Finding[] = [];
      for (const kind of files) {
        const read = await kind.open(bytes, passphrase);
        if ('findings' in read) {
          refusals.push(...read.findings);
          continue;
        }
        session.set(id, { format: kind.format, secret: bytes, passphrase: toUtf8(passphrase ?? '') });
        return read;
      }
      return { findings: refusals };
    },
    async sealFile(id, about, passphrase) {
      const opened = session.get(id);
      if (opened === undefined) throw new Error('no such file is open');
      return sealed(opened, passphrase, about);
    },
    inspect: (text, about, passphrase, label) =>
      withOpened({ how: 'sealed', sealed: text, about, passphrase, label }, (opened) =>
        halfOf(files, opened),
      ),
  };
}

async function makeSeed(passphrase: string, id: string): ReturnType<SignHost['make']> {
  const seed = random(32);
  try {
    const half = halfOfSeed(seed);
    const opened: Opened = { format: 'ed25519', secret: seed, passphrase: new Uint8Array(0) };
    const about = { id, kind: 'passphrase', publicKey: half.publicKey };
    return { half, sealed: await sealed(opened, passphrase, about) };
  } finally {
    seed.fill(0);
  }
}

async function sealed(opened: Opened, passphrase: string, about: SealedFor): Promise<Sealed> {
  const plain = writeOpened(opened);
  try {
    return await seal(plain, passphrase, about);
  } finally {
    plain.fill(0);
  }
}

async function withOpened<T>(
  { sealed: text, about, passphrase, label }: Extract<PrivateHalf, { how: 'sealed' }>,
  use: (opened: Opened) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  if (passphrase === '') return refused(finding('key-passphrase-needed', { label }));
  const plain = await unseal(text, passphrase, about);
  if (plain === null) return refused(finding('key-passphrase-wrong', { label }));
  try {
    const opened = readOpened(plain);
    return opened === null
      ? refused(finding('key-record-damaged', { problem: 'what was sealed has no known form' }))
      : await use(opened);
  } finally {
    plain.fill(0);
  }
}

async function signOpened(
  files: readonly FileKind[],
  { format, secret, passphrase }: Opened,
  namespace: string,
  message: Uint8Array,
): Promise<Answer<Signed>> {
  if (format === 'ed25519') return { value: signSeed(secret, namespace, message) };
  const kind = files.find((one) => one.format === format);
  return kind === undefined ? otherWorker() : kind.sign(secret, textOf(passphrase), namespace, message);
}

async function halfOf(
  files: readonly FileKind[],
  { format, secret, passphrase }: Opened,
): Promise<Answer<PublicHalf>> {
  if (format === 'ed25519') return { value: halfOfSeed(secret) };
  const kind = files.find((one) => one.format === format);
  return kind === undefined ? otherWorker() : kind.open(secret, textOf(passphrase));
}

function signSeed(seed: Uint8Array, namespace: string, message: Uint8Array): Signed {
  const signature = ed25519.sign(sshsigToBeSigned(message, namespace, HASH), seed);
  const blob = publicKeyBlob(ED25519, ed25519.getPublicKey(seed));
  return { kind: 'sshsig', bytes: armorSshsig(blob, namespace, HASH, signatureBlob(ED25519, signature)) };
}

/** The private half never becomes bytes: WebCrypto signs with it. */
async function signNative(
  { key, blob, algorithm }: Extract<PrivateHalf, { how: 'crypto-key' }>,
  namespace: string,
  message: Uint8Array,
): Promise<Signed> {
  const how = algorithm === ED25519 ? { name: 'Ed25519' } : { name: 'ECDSA', hash: 'SHA-256' };
  const signed = new Uint8Array(sshsigToBeSigned(message, namespace, HASH));
  const signature = new Uint8Array(await crypto.subtle.sign(how, key, signed));
  return { kind: 'sshsig', bytes: armorSshsig(blob, namespace, HASH, signatureBlob(algorithm, signature)) };
}

function halfOfSeed(seed: Uint8Array): PublicHalf {
  const blob = publicKeyBlob(ED25519, ed25519.getPublicKey(seed));
  const read = parsePublicKeyBlob(blob);
  if ('problem' in read) throw new Error(read.problem.message);
  return { publicKey: publicKeyLine(ED25519, blob), fingerprint: read.key.fingerprint, algorithm: ED25519 };
}

function writeOpened({ format, secret, passphrase }: Opened): Uint8Array {
  return concatBytes([wireString(format), wireString(secret), wireString(passphrase)]);
}

/** Views into `plain`: wiping that wipes them. */
function readOpened(plain: Uint8Array): Opened | null {
  const reader = new WireReader(plain);
  const format = reader.name();
  const secret = reader.string();
  const passphrase = reader.string();
  if (reader.failed || reader.rest > 0) return null;
  if (format === 'ed25519') return secret.length === 32 ? { format, secret, passphrase } : null;
  return format === 'openssh' || format === 'openpgp' ? { format, secret, passphrase } : null;
}

function textOf(passphrase: Uint8Array): string | null {
  return passphrase.length === 0 ? null : fromUtf8(passphrase);
}

function refused<T>(...findings: readonly Finding[]): Answer<T> {
  return { findings };
}

function otherWorker<T>(): Answer<T> {
  return refused(finding('key-record-damaged', { problem: 'it holds another kind of key than it says' }));
}
