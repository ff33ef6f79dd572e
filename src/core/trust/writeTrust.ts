import { toBase64 } from '../bytes/base64.js';
import { fromUtf8, toUtf8 } from '../bytes/text.js';
import { quoted } from '../manifest/writeManifest.js';
import { WireReader } from '../signature/wire.js';
import type { Person, RoleRule, Rule, Trust, TrustedKey, Withdrawal } from './trust.js';

/** Name of a list that has none yet. */
export const NEW_LIST_ID = 'my-list';

/**
 * The one canonical form of a trust list (docs/SPEC.md, "Trust list"): the order of the schema, two-space block
 * style, every text a JSON double-quoted scalar, bare integers and truth values, LF, nothing for what is absent.
 * `readTrust` reads the bytes back as an equal value if it accepts them; whoever commits them asks it first.
 * Throws when a text has no UTF-8 form: that is our own bug.
 */
export function writeTrust(trust: Trust): Uint8Array<ArrayBuffer> {
  return toUtf8(
    [
      'schema: "countersign.trust/v1"\n',
      `id: ${quoted(trust.id ?? NEW_LIST_ID)}\n`,
      `serial: ${trust.serial ?? 0}\n`,
      trust.people.length === 0 ? 'people: []\n' : `people:\n${trust.people.map(personLines).join('')}`,
      section('withdrawn', trust.withdrawn.map(withdrawalLines)),
      section('rules', trust.rules.map(ruleLines)),
      trust.defaultRule === undefined ? '' : `defaultRule: ${quoted(trust.defaultRule)}\n`,
    ].join(''),
  );
}

/** A public key line as OpenSSH writes it, without a comment. `blob` is the wire encoding of a key that was read. */
export function sshLine(blob: Uint8Array): string {
  return `${new WireReader(blob).name()} ${toBase64(blob)}`;
}

function section(name: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${name}:\n${items.join('')}`;
}

function field(indent: string, name: string, text: string | undefined): string {
  return text === undefined ? '' : `${indent}${name}: ${quoted(text)}\n`;
}

function flowList(indent: string, name: string, items: readonly string[] | undefined): string {
  if (items === undefined || items.length === 0) return '';
  return `${indent}${name}: [${items.map(quoted).join(', ')}]\n`;
}

function personLines({ id, also, name, keys }: Person): string {
  return [
    `  - id: ${quoted(id)}\n`,
    flowList('    ', 'also', also),
    field('    ', 'name', name),
    keys.length === 0 ? '' : `    keys:\n${keys.map(keyLines).join('')}`,
  ].join('');
}

function keyLines(key: TrustedKey): string {
  const rest = [
    flowList('', 'origins', key.origins),
    flowList('', 'namespaces', key.namespaces),
    field('', 'from', key.from),
    field('', 'until', key.until),
    field('', 'checked', key.checked),
  ].filter((line) => line !== '');
  return `      - ${[identityLine(key), ...rest].join('        ')}`;
}

/** What names the key. Only a whole key can be written as one; what is known by its fingerprint stays that. */
function identityLine({ kind, fingerprint, blob, certificate }: TrustedKey): string {
  if (kind === 'openpgp') {
    const whole =
      certificate === undefined ? '' : `        certificate: ${quoted(certificateText(certificate))}\n`;
    return `openpgp: ${quoted(fingerprint)}\n${whole}`;
  }
  if (kind === 'sigstore') {
    const [issuer = '', identity = ''] = fingerprint.split(' ');
    return `sigstore: {issuer: ${quoted(issuer)}, identity: ${quoted(identity)}}\n`;
  }
  if (blob === undefined) return `fingerprint: ${quoted(fingerprint)}\n`;
  return `${kind === 'passkey' ? 'passkey' : 'ssh'}: ${quoted(sshLine(blob))}\n`;
}

/** Armored text stays as it was given; the binary form is written as one line of base64. */
function certificateText(certificate: Uint8Array): string {
  return certificate[0] === 0x2d ? (fromUtf8(certificate) ?? '') : toBase64(certificate);
}

function withdrawalLines({ fingerprint, at, reason }: Withdrawal): string {
  return `  - fingerprint: ${quoted(fingerprint)}\n    at: ${quoted(at)}\n${field('    ', 'reason', reason)}`;
}

function ruleLines(rule: Rule): string {
  return [
    `  - name: ${quoted(rule.name)}\n`,
    field('    ', 'level', rule.level),
    rule.roles.length === 0 ? '    roles: {}\n' : `    roles:\n${rule.roles.map(roleLines).join('')}`,
    `    differentPeople: ${rule.differentPeople}\n`,
    `    legacyDialects: ${rule.legacyDialects}\n`,
    flowList('    ', 'attestations', rule.attestations),
  ].join('');
}

/** Names of roles are quoted, too: some YAML readers take `on` or `null` for something else. */
function roleLines({ role, people, threshold, maxAgeDays }: RoleRule): string {
  return [
    `      ${quoted(role)}:\n`,
    flowList('        ', 'people', people),
    `        threshold: ${threshold}\n`,
    maxAgeDays === undefined ? '' : `        maxAgeDays: ${maxAgeDays}\n`,
  ].join('');
}
