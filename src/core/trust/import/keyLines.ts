import { fromUtf8 } from '../../bytes/text.js';
import type { Finding, Place } from '../../generated/report.js';
import { finding } from '../../messages/finding.js';
import { parseAuthorizedKey, SK_ECDSA } from '../../signature/publicKey.js';
import type { PublicKey } from '../../signature/signature.js';
import type { TrustSource } from '../readTrust.js';
import type { TrustedKey } from '../trust.js';
import { isPersonId, type Imported, type LooseKey } from './imported.js';

export const KEY_TYPE = /^(?:ssh|ecdsa|sk|webauthn)-[a-z0-9@.-]+[ \t]/;
/** Options of a login in front of the key, as in `authorized_keys`: a quoted value may hold spaces. */
const LOGIN_OPTIONS = /^[a-z][a-z-]*(?:="(?:[^"\\]|\\.)*")?(?:,[a-z][a-z-]*(?:="(?:[^"\\]|\\.)*")?)*[ \t]+/;

/** More keys than anybody has, fewer than would keep a reader busy. */
const LINES_MAX = 1000;

/**
 * Reads public keys, one a line: a `.pub` file, `authorized_keys`, or the `.keys` page of a code host. Whose they are is for
 * the reader to say; a comment is only a proposal. `bytes` is attacker-controlled; never throws.
 */
export function readKeyLines({ name, bytes }: TrustSource): Imported {
  const lines = (fromUtf8(bytes) ?? '').split('\n').slice(0, LINES_MAX + 1);
  const keys = new Map<string, LooseKey>();
  const findings: Finding[] = [];
  if (lines.length > LINES_MAX)
    findings.push(finding('import-field', { file: name, problem: `it has more than ${LINES_MAX} lines` }));
  lines.forEach((line, i) => {
    const read = readLine(line.replace(/\r$/, ''), { file: name, line: i + 1 });
    findings.push(...read.findings);
    if (read.key !== null) keys.set(read.key.key.fingerprint, read.key);
  });
  const refused = findings.some(({ severity }) => severity === 'error');
  if (!refused && keys.size === 0) findings.push(finding('import-nothing', { file: name }));
  return { kind: 'key-lines', trust: null, keys: refused ? [] : [...keys.values()], findings };
}

/** A key as the list keeps it. A security key for a web domain is a passkey, one for `ssh:` is not. */
export function trustedKey({ algorithm, application, fingerprint, blob }: PublicKey): TrustedKey {
  const isPasskey = algorithm === SK_ECDSA && application !== undefined && !application.startsWith('ssh:');
  return { kind: isPasskey ? 'passkey' : 'ssh', fingerprint, blob };
}

function readLine(
  line: string,
  where: Place & { line: number },
): { key: LooseKey | null; findings: readonly Finding[] } {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return { key: null, findings: [] };
  const options = KEY_TYPE.test(text) ? null : LOGIN_OPTIONS.exec(text);
  const what = `Line ${where.line}`;
  const read = parseAuthorizedKey(options === null ? text : text.slice(options[0].length), where);
  if ('problem' in read) {
    const problem = `its key cannot be used: ${read.problem.message.replace(/\.$/, '')}`;
    return { key: null, findings: [finding('import-left-out', { what, problem }, { where })] };
  }
  if (options?.[0].includes('cert-authority') === true) {
    const problem = 'it names a certificate authority, which would let strangers in';
    return { key: null, findings: [finding('import-left-out', { what, problem }, { where })] };
  }
  const { comment } = read;
  const suggestedId = comment.includes('@') && isPersonId(comment) ? comment : null;
  return { key: { key: trustedKey(read.key), comment, suggestedId }, findings: [] };
}
