import { fromUtf8 } from '../bytes/text.js';
import { formatTime, parseTime } from '../bytes/time.js';
import type { Finding, Place } from '../generated/report.js';
import { fixedLimits } from '../limits.js';
import { finding } from '../messages/finding.js';
import { parseAuthorizedKey } from '../signature/publicKey.js';
import { mayUseNamespace } from './lookup.js';
import { isWildcard } from './names.js';
import { checkPeople } from './people.js';
import type { TrustSource } from './readTrust.js';
import type { Person, TrustedKey, TrustRead } from './trust.js';

/** Twice as many lines as a trust list may have people: room for comments. */
const LINES_MAX = 2 * fixedLimits.peopleMax;

/** One line that names people: principals, and the key with its conditions. */
interface SignerLine {
  readonly names: readonly string[];
  readonly key: TrustedKey;
}

type LineRead =
  | { readonly line: SignerLine; readonly findings: readonly Finding[] }
  | { readonly line: null; readonly findings: readonly Finding[] };

/**
 * Reads the ALLOWED SIGNERS format of `ssh-keygen` (docs/SPEC.md, "Rule and trust"): identities, never
 * roles. A line that names a pattern, an authority or a key that proves nothing is left out with a warning,
 * which can only make fewer people known. Anything that might mean two things refuses the file.
 */
export function readAllowedSigners(source: TrustSource): TrustRead {
  const file = source.name;
  if (source.bytes.length > fixedLimits.trustBytesMax) {
    return refused([
      finding('trust-too-large', { bytesMax: fixedLimits.trustBytesMax }, { where: { file } }),
    ]);
  }
  const text = fromUtf8(source.bytes);
  if (text === null || text.startsWith('\ufeff')) {
    return refused([
      finding(
        'allowed-signers-line',
        { line: 1, problem: 'the file is not plain UTF-8' },
        { where: { file, line: 1 } },
      ),
    ]);
  }
  const lines = text.split('\n');
  if (lines.length > LINES_MAX) {
    return refused([finding('allowed-signers-too-long', { linesMax: LINES_MAX }, { where: { file } })]);
  }
  const read = lines.map((line, i) => readLine(line, { file, line: i + 1 }));
  const gathered = gather(read, file);
  const empty =
    gathered.people.length === 0 ? [finding('allowed-signers-empty', {}, { where: { file } })] : [];
  const people = checkPeople(gathered.people, { file });
  const findings = [...read.flatMap((one) => one.findings), ...gathered.findings, ...people, ...empty];
  if (findings.some(({ severity }) => severity === 'error')) return refused(findings);
  return { trust: { people: gathered.people, withdrawn: [], rules: [] }, findings };
}

function refused(findings: readonly Finding[]): TrustRead {
  return { trust: null, findings };
}

/** Lines with exactly the same names are one person; lines that share only some of them are refused. */
function gather(read: readonly LineRead[], file: string): { people: Person[]; findings: Finding[] } {
  const people = new Map<string, { id: string; also: string[]; keys: TrustedKey[] }>();
  const findings: Finding[] = [];
  read.forEach(({ line }, i) => {
    if (line === null) return;
    const known = new Set(line.names.map((name) => people.get(name)));
    const [person] = known;
    if (known.size === 1 && person === undefined) {
      const [id, ...also] = line.names as [string, ...string[]];
      const fresh = { id, also, keys: [line.key] };
      for (const name of line.names) people.set(name, fresh);
    } else if (known.size === 1 && person !== undefined && person.also.length + 1 === line.names.length) {
      person.keys.push(line.key);
    } else {
      const names = line.names.join(', ');
      findings.push(
        finding('allowed-signers-overlap', { line: i + 1, names }, { where: { file, line: i + 1 } }),
      );
    }
  });
  return { people: [...new Set(people.values())], findings };
}

// --- One line ------------------------------------------------------------------------------------------------

function readLine(raw: string, where: Place & { line: number }): LineRead {
  const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  if (/^[ \t]*(?:#.*)?$/.test(text)) return { line: null, findings: [] };
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) return broken('it holds a control character', where);
  const first = takeField(text.replace(/^[ \t]+/, ''));
  if (first === null) return broken('a quote is not closed', where);
  const names = unquote(first.field).split(',');
  if (names.some((name) => name === '')) return broken('a name is empty', where);
  if (names.some(isWildcard)) return skipped('it uses a wildcard, which would let strangers in', where);
  if (names.some((name) => /[\s\p{C}"]/u.test(name)))
    return broken('a name holds a space, a quote or a hidden character', where);
  if (new Set(names).size < names.length) return broken('a name stands twice', where);
  return readKeyPart(names, first.rest, where);
}

const KEY_TYPE = /^(?:ssh-|ecdsa-|sk-|webauthn-)/;

function readKeyPart(names: readonly string[], rest: string, where: Place & { line: number }): LineRead {
  const hasOptions = !KEY_TYPE.test(rest);
  const options = hasOptions ? takeField(rest) : { field: '', rest };
  if (options === null) return broken('a quote is not closed', where);
  const conditions = hasOptions ? readOptions(options.field) : { ...noConditions };
  if (conditions.broken !== undefined) return broken(conditions.broken, where);
  if (conditions.skip !== undefined) return skipped(conditions.skip, where);
  if (options.rest === '') return broken('the key is missing', where);
  const read = parseAuthorizedKey(options.rest, where);
  if ('problem' in read)
    return skipped(`its key cannot be used: ${read.problem.message.replace(/\.$/, '')}`, where);
  const { from, until, namespaces } = conditions;
  const key: TrustedKey = {
    kind: 'ssh',
    fingerprint: read.key.fingerprint,
    blob: read.key.blob,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(namespaces === undefined ? {} : { namespaces }),
  };
  const other = mayUseNamespace(key)
    ? []
    : [
        finding(
          'allowed-signers-other-namespace',
          { line: where.line, namespaces: (namespaces ?? []).join(', ') },
          { where },
        ),
      ];
  return { line: { names, key }, findings: other };
}

/** Takes one white-space separated field; white space inside double quotes belongs to it. */
function takeField(text: string): { field: string; rest: string } | null {
  const match = /^(?:[^\s"]|"(?:[^"\\]|\\.)*")+/.exec(text);
  if (match === null) return text === '' ? { field: '', rest: '' } : null;
  const rest = text.slice(match[0].length);
  if (rest !== '' && !/^[ \t]/.test(rest)) return null;
  return { field: match[0], rest: rest.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '') };
}

function unquote(field: string): string {
  return /^"[^"\\]*"$/.test(field) ? field.slice(1, -1) : field;
}

interface Conditions {
  from?: string;
  until?: string;
  namespaces?: readonly string[];
  /** The line must not be used. */
  skip?: string;
  /** The line cannot be understood. */
  broken?: string;
}

const noConditions: Conditions = {};
const OPTION = /^([a-zA-Z-]+)(?:="((?:[^"\\]|\\")*)")?(?:,|$)/;

function readOptions(field: string): Conditions {
  const conditions: Conditions = {};
  const seen = new Set<string>();
  for (let rest = field; rest !== '';) {
    const match = OPTION.exec(rest);
    if (match === null) return { broken: 'the options before the key cannot be read' };
    const name = match[1]!.toLowerCase();
    if (seen.has(name)) return { broken: `the option ${name} stands twice` };
    seen.add(name);
    applyOption(conditions, name, match[2]);
    rest = rest.slice(match[0].length);
  }
  if (
    conditions.from !== undefined &&
    conditions.until !== undefined &&
    parseTime(conditions.from)! >= parseTime(conditions.until)!
  ) {
    conditions.broken ??= 'its period ends before it starts';
  }
  return conditions;
}

function applyOption(conditions: Conditions, name: string, value: string | undefined): void {
  switch (name) {
    case 'cert-authority':
      conditions.skip ??= 'it names a certificate authority, which would let strangers in';
      return;
    case 'namespaces':
      readNamespaces(conditions, value ?? '');
      return;
    case 'valid-after':
      readBound(conditions, 'from', value ?? '');
      return;
    case 'valid-before':
      readBound(conditions, 'until', value ?? '');
      return;
    default:
      conditions.skip ??= 'it has an option that this app does not know';
  }
}

function readNamespaces(conditions: Conditions, value: string): void {
  const namespaces = value.split(',');
  if (namespaces.some((name) => name === '')) conditions.broken ??= 'a namespace is empty';
  else if (namespaces.some(isWildcard)) conditions.skip ??= 'its namespaces use a wildcard';
  else conditions.namespaces = namespaces;
}

/**
 * OpenSSH writes times as `YYYYMMDD[Z]` or `YYYYMMDDHHMM[SS][Z]`. Without the final Z they mean the local
 * zone of whoever reads, so the same file would know other people elsewhere: such a line is not used.
 */
function readBound(conditions: Conditions, bound: 'from' | 'until', value: string): void {
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/.exec(value);
  if (match === null) {
    conditions.broken ??= 'a date cannot be read';
    return;
  }
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone] = match;
  const epochMs = parseTime(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (epochMs === null) conditions.broken ??= 'a date does not exist';
  else if (zone !== 'Z') conditions.skip ??= 'its date has no zone; end it with Z';
  else conditions[bound] = formatTime(epochMs);
}

function broken(problem: string, where: Place & { line: number }): LineRead {
  return {
    line: null,
    findings: [finding('allowed-signers-line', { line: where.line, problem }, { where })],
  };
}

function skipped(problem: string, where: Place & { line: number }): LineRead {
  return {
    line: null,
    findings: [finding('allowed-signers-skipped', { line: where.line, problem }, { where })],
  };
}
