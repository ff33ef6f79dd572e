import type { Command } from '../generated/report.js';
import { APPROVAL_NAMESPACE, type JudgedApproval } from '../checks/approvals.js';
import type { Reading } from '../checks/reading.js';
import { say, saysOf, type Said } from '../messages/say.js';
import { toBase64 } from '../bytes/base64.js';
import type { PublicKey } from '../signature/signature.js';
import { opensslSteps } from './openssl.js';
import { quote } from './shell.js';

/** Repeat it by hand: shell commands with stock tools for this very file (docs/SPEC.md, "Repeating a verification"). */
export function repeatCommands(reading: Reading, approvals: readonly JudgedApproval[]): Command[] {
  const file = quote(reading.name);
  const archive = command('container', say('command-archive'), {
    run: `sha256sum ${file}`,
    expect: reading.archive.archiveSha256 ?? say('command-archive-none'),
  });
  if (!reading.archive.complete || reading.manifestSha256 === null) return [archive, gzipTest(file)];
  return [
    archive,
    gzipTest(file),
    command('manifest', say('command-manifest'), {
      run: `tar -xzOf ${file} manifest.yaml | sha256sum`,
      expect: reading.manifestSha256,
    }),
    ...integrity(reading, file),
    ...checksums(reading, file),
    ...approvals.flatMap((approval) =>
      approval.legacy === undefined
        ? [...sshKeygen(approval, file), ...gpg(approval, file)]
        : openssl(approval),
    ),
  ];
}

/** `expect` is what a tool prints, or a sentence of ours about it. */
function command(
  check: string,
  title: Said,
  { run, expect }: { readonly run: string; readonly expect: string | Said },
): Command {
  const isOurs = typeof expect === 'object';
  return {
    check,
    title: title.text,
    run,
    expect: isOurs ? expect.text : expect,
    says: saysOf({ title, expect: isOurs ? expect : undefined }),
  };
}

function gzipTest(file: string): Command {
  return command('container', say('command-gzip'), {
    run: `gzip -t < ${file} && echo complete`,
    expect: 'complete',
  });
}

/** The released CLI's rule: blank two values, drop one line, hash the text. */
function integrity(reading: Reading, file: string): Command[] {
  if (reading.manifest?.dialect !== 'specular-cli' || reading.integrityExpected === null) return [];
  const script = [
    '/^integrity:/,/^[^ ]/{',
    '/^ *manifest_digest:/d;',
    's/^\\( *algorithm:\\).*/\\1 ""/;',
    's/^\\( *digest:\\).*/\\1 ""/;',
    '}',
  ].join('');
  return [
    command('integrity', say('command-integrity'), {
      run: `tar -xzOf ${file} manifest.yaml | sed '${script}' | sha256sum`,
      expect: reading.integrityExpected.slice('sha256:'.length),
    }),
  ];
}

function checksums(reading: Reading, file: string): Command[] {
  if (reading.checksums === null) return [];
  return [
    command('checksums', say('command-checksums'), {
      run: `mkdir unpacked && tar -xzf ${file} -C unpacked && (cd unpacked && sha256sum --strict -c checksums.txt)`,
      expect: say('command-checksums-expect', { lines: reading.checksums.count }),
    }),
  ];
}

/** Works for every SSHSIG, passkeys included: stock OpenSSH reads them. */
function sshKeygen(approval: JudgedApproval, file: string): Command[] {
  if (approval.kind !== 'sshsig' || approval.key === null) return [];
  const person = approval.signer?.person.id ?? 'unknown';
  const line = `${person} namespaces="${APPROVAL_NAMESPACE}" ${approval.key.algorithm} ${toBase64(approval.key.blob)}`;
  const statement = quote(approval.file);
  const unpack =
    approval.origin === 'embedded'
      ? `tar -xzf ${file} ${statement} ${quote(`${approval.file}.sig`)} && `
      : '';
  return [
    command('signatures', say('command-signature', { file: approval.file }), {
      run: `${unpack}printf '%s\\n' ${quote(line)} > signer && ssh-keygen -Y verify -f signer -I ${quote(person)} -n ${APPROVAL_NAMESPACE} -s ${quote(`${approval.file}.sig`)} < ${statement}`,
      expect: `Good "${APPROVAL_NAMESPACE}" signature for ${person}`,
    }),
  ];
}

/** GnuPG reads keys of version 4 and Ed25519 in its own older form; the rest is left to tools that read RFC 9580. */
function isReadByGnupg({ fingerprint, algorithm }: PublicKey): boolean {
  return /^[0-9A-F]{40}$/.test(fingerprint) && !algorithm.includes('RFC 9580');
}

/**
 * A home folder of its own, so that nothing of the reader's keyring is asked or changed. What is printed is the
 * fingerprint of the primary key: "Good signature" alone would also be said of a key that nobody knows.
 */
function gpg(approval: JudgedApproval, file: string): Command[] {
  const { kind, key, certificate, signature } = approval;
  if (kind !== 'openpgp' || key === null || certificate === undefined || signature !== 'true') return [];
  if (!isReadByGnupg(key)) return [];
  const statement = quote(approval.file);
  const beside = quote(`${approval.file}.asc`);
  const unpack = approval.origin === 'embedded' ? `tar -xzf ${file} ${statement} ${beside} && ` : '';
  const steps = [
    `${unpack}home=$(mktemp -d)`,
    `printf %s ${toBase64(certificate)} | base64 -d | gpg --homedir "$home" --batch --quiet --import`,
    `gpg --homedir "$home" --batch --status-fd 1 --verify ${beside} ${statement} | awk '$2 == "VALIDSIG" { print $NF }'`,
  ];
  return [
    command('signatures', say('command-signature', { file: approval.file }), {
      run: steps.join(' && '),
      expect: key.fingerprint,
    }),
  ];
}

/** The released CLI's signature values are in no format that a tool reads as it is: OpenSSL checks them after three small steps. */
function openssl(approval: JudgedApproval): Command[] {
  if (approval.legacy === undefined || approval.signature === 'false') return [];
  const steps = opensslSteps(approval.legacy);
  if (steps === null) return [];
  return [command('signatures', say('command-signature', { file: approval.file }), steps)];
}
