import { fromUtf8 } from '../../bytes/text.js';
import { fixedLimits } from '../../limits.js';
import type { MapNode } from '../../manifest/node.js';
import { readYaml } from '../../manifest/yaml.js';
import { finding } from '../../messages/finding.js';
import { looksLikeCertificate } from '../../signature/openpgp/blocks.js';
import { readAllowedSigners } from '../allowedSigners.js';
import { readTrust, type TrustSource } from '../readTrust.js';
import type { Trust } from '../trust.js';
import { readApprovalPolicy, readOlderRoles, readSpecularConfig } from './approvers.js';
import { refusedImport, type Imported } from './imported.js';
import { KEY_TYPE, readKeyLines } from './keyLines.js';
import { readOpenPgpKeys } from './openpgp.js';

/**
 * Reads any file that people and keys can be taken from (docs/SPEC.md, "Trust list"). What it is, is decided by what stands in
 * it. `source.bytes` is attacker-controlled; never throws, and changes nothing.
 *
 * @param present - the list in use, where a file names keys and no people.
 */
export function readImport(source: TrustSource, present: Trust | null): Imported {
  const { name: file, bytes } = source;
  if (bytes.length > fixedLimits.trustBytesMax)
    return refusedImport('unknown', finding('trust-too-large', { bytesMax: fixedLimits.trustBytesMax }));
  if (looksLikeCertificate(bytes)) return readOpenPgpKeys(source);
  const text = fromUtf8(bytes);
  if (text === null) return refusedImport('unknown', finding('import-not-known', { file }));
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----/.test(text))
    return refusedImport('unknown', finding('import-private-key', { file }));
  const first = text.split('\n').find((line) => !/^\s*(?:#|$)/.test(line)) ?? '';
  if (holdsKey(first)) {
    if (KEY_TYPE.test(first.trim()) || isLogin(first)) return readKeyLines(source);
    const { trust, findings } = readAllowedSigners(source);
    return { kind: 'allowed-signers', trust, keys: [], findings };
  }
  return readDocument(source, present);
}

function holdsKey(line: string): boolean {
  return /(?:^|\s)(?:ssh|ecdsa|sk|webauthn)-[a-z0-9@.-]+[ \t]+AAAA/.test(line);
}

/** `authorized_keys` puts options of a login where allowed_signers has names. */
function isLogin(line: string): boolean {
  return /^\s*(?:[a-z-]+="|restrict\b|cert-authority\b|no-[a-z0-9-]+\b|pty\b|agent-forwarding\b)/.test(line);
}

function readDocument(source: TrustSource, present: Trust | null): Imported {
  const { name: file, bytes } = source;
  const read = readYaml(bytes, { bytesMax: fixedLimits.trustBytesMax, crlf: true });
  const unknown = refusedImport('unknown', finding('import-not-known', { file }));
  if ('problem' in read || read.node.kind !== 'map') {
    // A list of ours with a fault in its syntax says which line, not that it is unknown.
    return /^schema:\s*"?countersign\.trust/m.test(fromUtf8(bytes) ?? '') ? readList(source) : unknown;
  }
  const root: MapNode = read.node;
  if (root.entries.has('schema')) return readList(source);
  if (root.entries.has('approval_policy')) return readApprovalPolicy(root, file, present);
  if (root.entries.has('bundle')) return readSpecularConfig(root, file);
  return root.entries.has('roles') ? readOlderRoles(root, file) : unknown;
}

function readList(source: TrustSource): Imported {
  const { trust, findings } = readTrust(source);
  return { kind: 'trust', trust, keys: [], findings };
}
