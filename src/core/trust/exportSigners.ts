import { toUtf8 } from '../bytes/text.js';
import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { mayUseNamespace } from './lookup.js';
import { parseTime } from './time.js';
import type { Person, Trust, TrustedKey } from './trust.js';
import { sshLine } from './writeTrust.js';

const NAMESPACE = 'approval@countersign';

/** A file for `ssh-keygen -Y verify -f`, and what of the list it cannot say. */
export interface SignersFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Lines that name a key. */
  readonly keys: number;
  readonly findings: readonly Finding[];
}

/**
 * The people of a list in OpenSSH's ALLOWED SIGNERS format (docs/SPEC.md, "Trust list"). Nothing in it lets more in than the
 * list does: withdrawn keys end at their withdrawal, and a key for something else than approvals is left out.
 */
export function exportSigners(trust: Trust): SignersFile {
  const findings: Finding[] = [];
  const lines = trust.people.flatMap((person) =>
    person.keys.flatMap((key) => {
      const line = signerLine(trust, person, key);
      if ('line' in line) return [line.line];
      const what = `The key ${key.fingerprint} of ${person.id}`;
      findings.push(finding('export-left-out', { what, problem: line.problem }));
      return [];
    }),
  );
  const rules = trust.rules.map(({ name }) =>
    finding('export-left-out', { what: `The rule ${name}`, problem: 'the format has no roles' }),
  );
  return { bytes: toUtf8(lines.join('')), keys: lines.length, findings: [...findings, ...rules] };
}

function signerLine(trust: Trust, person: Person, key: TrustedKey): { line: string } | { problem: string } {
  if (key.kind === 'openpgp') return { problem: 'it is an OpenPGP key' };
  if (key.kind === 'sigstore') return { problem: 'it is an identity and no key' };
  if (key.blob === undefined) return { problem: 'only its fingerprint is known' };
  if (!mayUseNamespace(key)) return { problem: 'it is not for approvals' };
  const end = endOf(trust, key);
  if (end !== undefined && key.from !== undefined && parseTime(key.from)! >= parseTime(end)!)
    return { problem: 'it was withdrawn before it began to count' };
  const names = [person.id, ...person.also].join(',');
  const options = [
    `namespaces="${NAMESPACE}"`,
    ...(key.from === undefined ? [] : [`valid-after="${signersTime(key.from, 'up')}"`]),
    ...(end === undefined ? [] : [`valid-before="${signersTime(end, 'down')}"`]),
  ].join(',');
  return { line: `${names} ${options} ${sshLine(key.blob)}\n` };
}

/** The end of a key, or its withdrawal when that is earlier. */
function endOf({ withdrawn }: Trust, key: TrustedKey): string | undefined {
  return [
    ...(key.until === undefined ? [] : [key.until]),
    ...withdrawn.filter(({ fingerprint }) => fingerprint === key.fingerprint).map(({ at }) => at),
  ].toSorted((a, b) => parseTime(a)! - parseTime(b)!)[0];
}

/**
 * `YYYYMMDDHHMMSSZ`. OpenSSH counts the last second in, our end is the first moment that does not count; part of a second is
 * rounded so that the key counts for less time, never more.
 */
function signersTime(time: string, round: 'up' | 'down'): string {
  const epochMs = parseTime(time)!;
  const seconds = round === 'up' ? Math.ceil(epochMs / 1000) : Math.ceil(epochMs / 1000) - 1;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
