import { finding } from '../../messages/finding.js';
import { readNamedBlocks } from '../../signature/openpgp/named.js';
import { certify } from '../../signature/openpgp/certificate.js';
import type { TrustSource } from '../readTrust.js';
import { isPersonId, type Imported, type LooseKey } from './imported.js';

/** Public OpenPGP keys: the list keeps the whole fingerprint of the primary key. `bytes` is attacker-controlled; never throws. */
export function readOpenPgpKeys({ name, bytes }: TrustSource): Imported {
  const read = readNamedBlocks(bytes, name);
  if ('findings' in read) return { kind: 'openpgp', trust: null, keys: [], findings: read.findings };
  const keys = read.blocks.flatMap(({ block }) => {
    const certificate = certify(block);
    if (certificate === null || certificate === 'flooded') return [];
    return [looseKey(certificate.primary.fingerprint, certificate.users)];
  });
  const findings = keys.length === 0 ? [finding('import-nothing', { file: name })] : [];
  return { kind: 'openpgp', trust: null, keys, findings };
}

/** A user id is the certificate's own word: it proposes a name, the reader decides. */
function looseKey(fingerprint: string, users: readonly { readonly name: string | null }[]): LooseKey {
  const names = users.flatMap(({ name }) => (name === null ? [] : [name]));
  const address = names
    .map((name) => /<([^<>]+)>\s*$/.exec(name)?.[1] ?? name)
    .find((one) => one.includes('@') && isPersonId(one));
  return {
    key: { kind: 'openpgp', fingerprint: fingerprint.toUpperCase() },
    comment: names[0] ?? '',
    suggestedId: address ?? null,
  };
}
