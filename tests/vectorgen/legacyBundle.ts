import type { Member } from './cast.js';
import type { Item } from './bundle.js';
import { naiveContentRoot } from './naive.js';
import { sha256Hex, utf8, type Octets } from './raw.js';
import type { NamedOctets } from './vector.js';

/** Bundles and detached approvals in the form of the released command line, and its planned layout. */

export interface LegacyOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly roles?: readonly string[];
  /** Replaces the digest that stands in `integrity`. */
  readonly digest?: string;
  readonly edit?: (yaml: string) => string;
}

export interface LegacyMade {
  readonly manifest: string;
  readonly root: string;
  readonly items: readonly Item[];
}

const FILES = { 'spec.yaml': 'product: healthcare-api\n', 'policies/policy_0.yaml': 'deny: []\n' };

export function legacyBundle(options: LegacyOptions = {}): LegacyMade {
  const files = Object.entries(options.files ?? FILES).map(([path, body]) => ({ path, bytes: utf8(body) }));
  const text = (algorithm: string, digest: string, more: string): string =>
    [
      'schema: specular.bundle/v1',
      'id: example/healthcare-api',
      'version: 1.3.0',
      'created: 2026-11-01T10:00:00.123456789+01:00',
      'integrity:',
      `    algorithm: ${algorithm}`,
      `    digest: ${digest}${more}`,
      'required_approvals:',
      ...(options.roles ?? ['pm']).map((role) => `    - ${role}`),
      'files:',
      ...files.flatMap(({ path, bytes }) => [
        `    - path: ${path}`,
        `      size: ${bytes.length}`,
        `      checksum: ${sha256Hex(bytes)}`,
        '      mode: 420',
      ]),
      '',
    ].join('\n');
  const hex = options.digest ?? sha256Hex(utf8(text('""', '""', '')));
  const whole = text('sha256', `sha256:${hex}`, `\n    manifest_digest: ${hex}`);
  const manifest = options.edit?.(whole) ?? whole;
  const sums = [...files].reverse().map(({ path, bytes }) => `${sha256Hex(bytes)}  ${path}\n`);
  return {
    manifest,
    root: naiveContentRoot(
      files.map(({ path, bytes }) => ({ path, size: bytes.length, sha256: sha256Hex(bytes) })),
    ),
    items: [
      { path: 'manifest.yaml', bytes: utf8(manifest) },
      ...files,
      { path: 'checksums.txt', bytes: utf8(sums.join('')) },
    ],
  };
}

export function plannedBundle(): LegacyMade {
  const files = Object.entries(FILES).map(([path, body]) => ({ path, bytes: utf8(body) }));
  const manifest = [
    'schema: specular.bundle/v1',
    'id: example/healthcare-api',
    'version: 1.3.0',
    'integrity:',
    '  algo: sha256',
    `  digest: "sha256:${'ab'.repeat(32)}"`,
    'content:',
    '  files:',
    ...files.map(({ path }) => `  - ${path}`),
    'approvals:',
    '  required_roles:',
    '  - pm',
    '',
  ].join('\n');
  const sums = files.map(({ path, bytes }) => `${sha256Hex(bytes)}  ${path}\n`).join('');
  return {
    manifest,
    root: '',
    items: [
      { path: 'manifest.yaml', bytes: utf8(manifest) },
      ...files,
      { path: 'checksums.txt', bytes: utf8(sums) },
    ],
  };
}

export interface LegacyApprovalOptions {
  readonly role?: string;
  readonly user?: string;
  readonly comment?: string;
  readonly type?: string;
  readonly fingerprint?: string;
  readonly signature?: string;
  readonly signedAt?: string;
  /** Fields beside the known ones. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** The approval file over the archive as a whole. */
export function legacyApproval(
  archive: Octets,
  by: Member,
  options: LegacyApprovalOptions = {},
): NamedOctets {
  const { role = 'pm', user = by.id, comment, type = 'ssh' } = options;
  const signedAt = options.signedAt ?? '2026-11-10T11:00:00.5+01:00';
  const message = [
    'SPECULAR BUNDLE APPROVAL',
    `Bundle Digest: sha256:${sha256Hex(archive)}`,
    `Role: ${role}`,
    `User: ${user}`,
    'Timestamp: 2026-11-10T11:00:00+01:00',
    ...(comment === undefined ? [] : [`Comment: ${comment}`]),
    '',
  ].join('\n');
  const document = {
    role,
    user,
    signed_at: signedAt,
    signature: options.signature ?? Buffer.from(rawSignature(by, utf8(message))).toString('base64'),
    signature_type: type,
    public_key: `${by.key.line}\n`,
    public_key_fingerprint: options.fingerprint ?? by.key.fingerprint,
    ...(comment === undefined ? {} : { comment }),
    ...options.extra,
  };
  return {
    name: `healthcare-api-1.3.0-${role}-approval.json`,
    bytes: utf8(JSON.stringify(document, null, 2)),
  };
}

/** Only the inner blob of the SSH signature: the type name in front is lost. */
function rawSignature({ key }: Member, message: Octets): Octets {
  const blob = key.sign(message);
  const nameLength = new DataView(blob.buffer, blob.byteOffset).getUint32(0);
  return blob.subarray(4 + nameLength + 4);
}
