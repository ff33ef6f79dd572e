import { finding } from '../../messages/finding.js';
import { certify, exportCertificate, type OpenPgpCertificate } from '../../signature/openpgp/certificate.js';
import { readNamedBlocks } from '../../signature/openpgp/named.js';
import type { TrustSource } from '../readTrust.js';
import { isPersonId, type Imported, type LooseKey } from './imported.js';

/** Public OpenPGP keys: the list keeps the fingerprint of the primary key and the key itself, without foreign certifications. `bytes` is attacker-controlled; never throws. */
export function readOpenPgpKeys({ name, bytes }: TrustSource): Imported {
  const read = readNamedBlocks(bytes, name);
  if ('findings' in read) return { kind: 'openpgp', trust: null, keys: [], findings: read.findings };
  const keys = read.blocks.flatMap(({ block }) => {
    const certificate = certify(block);
    if (certificate === null || certificate === 'flooded') return [];
    return [looseKey(certificate)];
  });
  const findings = keys.length === 0 ? [finding('import-nothing', { file: name })] : [];
  return { kind: 'openpgp', trust: null, keys, findings };
}

/** A user id is the certificate's own word: it proposes a name, the reader decides. */
function looseKey(certificate: OpenPgpCertificate): LooseKey {
  const { primary, users } = certificate;
  const names = users.flatMap(({ name }) => (name === null ? [] : [name]));
  const address = names
    .map((name) => /<([^<>]+)>\s*$/.exec(name)?.[1] ?? name)
    .find((one) => one.includes('@') && isPersonId(one));
  return {
    key: {
      kind: 'openpgp',
      fingerprint: primary.fingerprint,
      certificate: exportCertificate(certificate),
    },
    comment: names[0] ?? '',
    suggestedId: address ?? null,
  };
}
