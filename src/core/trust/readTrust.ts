import { fromBase64 } from '../bytes/base64.js';
import { toUtf8 } from '../bytes/text.js';
import type { KeyDocument, PersonDocument, TrustDocument, WithdrawalDocument } from '../generated/trust.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { readNamedBlocks } from '../signature/openpgp/named.js';
import { parseAuthorizedKey, SK_ECDSA } from '../signature/publicKey.js';
import { parseTime, toUtc } from '../bytes/time.js';
import { readTrustDocument } from './document.js';
import { checkPeople, collapseKeys } from './people.js';
import { readRules } from './rules.js';
import type { Person, Trust, TrustedKey, TrustRead, Withdrawal } from './trust.js';

/** A document given whole, with the name that it has on the reader's disk. */
export interface TrustSource {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Part<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
}

type PlaceOf = (field: string) => Place;

/**
 * Reads a trust list with its rules (docs/SPEC.md, "Rule and trust"). All or nothing: with any error the
 * value is null, because a list without the line that was wrong may say something else. Warnings leave the
 * value usable.
 */
export function readTrust(source: TrustSource): TrustRead {
  const read = readTrustDocument(source.bytes, source.name);
  if ('findings' in read) return { trust: null, findings: read.findings };
  const { document, placeOf } = read;
  const people = document.people.map((person, i) => readPerson(person, `people.${i}`, placeOf));
  const withdrawn = (document.withdrawn ?? []).map((one, i) =>
    readWithdrawal(one, `withdrawn.${i}`, placeOf),
  );
  const persons = people.map(({ value }) => value);
  const rules = readRules(document.rules ?? [], persons, placeOf);
  const findings = [
    ...people.flatMap((part) => part.findings),
    ...checkPeople(persons, { file: source.name }),
    ...withdrawn.flatMap((part) => part.findings),
    ...rules.findings,
    ...checkDefault(document, placeOf),
    ...(persons.every(({ keys }) => keys.length === 0)
      ? [finding('trust-empty', {}, { where: { file: source.name } })]
      : []),
  ];
  if (findings.some(({ severity }) => severity === 'error')) return { trust: null, findings };
  const trust: Trust = {
    id: document.id,
    serial: document.serial,
    people: persons,
    withdrawn: withdrawn.map(({ value }) => value),
    rules: rules.rules,
    ...(document.defaultRule === undefined ? {} : { defaultRule: document.defaultRule }),
  };
  return { trust, findings };
}

function checkDefault({ defaultRule, rules }: TrustDocument, placeOf: PlaceOf): Finding[] {
  if (defaultRule === undefined || (rules ?? []).some(({ name }) => name === defaultRule)) return [];
  return [finding('rule-default-missing', { rule: defaultRule }, { where: placeOf('defaultRule') })];
}

function readPerson(document: PersonDocument, field: string, placeOf: PlaceOf): Part<Person> {
  const read = (document.keys ?? []).map((key, i) =>
    readKey(key, document.id, `${field}.keys.${i}`, placeOf),
  );
  const keys = read.flatMap(({ value }) => (value === null ? [] : [value]));
  const collapsed = collapseKeys(document, keys, placeOf(`${field}.keys`));
  const person: Person = {
    id: document.id,
    also: document.also ?? [],
    ...(document.name === undefined ? {} : { name: document.name }),
    keys: collapsed.keys,
  };
  return { value: person, findings: [...read.flatMap((part) => part.findings), ...collapsed.findings] };
}

function readKey(
  document: KeyDocument,
  person: string,
  field: string,
  placeOf: PlaceOf,
): Part<TrustedKey | null> {
  const where = placeOf(field);
  const kinds = (['ssh', 'fingerprint', 'passkey', 'openpgp', 'sigstore'] as const).filter(
    (kind) => document[kind] !== undefined,
  );
  if (kinds.length !== 1)
    return failed(finding('trust-key-choice', { person, count: kinds.length }, { where }));
  if (document.origins !== undefined && document.passkey === undefined) {
    return failed(finding('trust-origins-without-passkey', { person }, { where }));
  }
  if (document.certificate !== undefined && document.openpgp === undefined) {
    const problem = 'A certificate stands beside a key that is not OpenPGP.';
    return failed(finding('trust-key-refused', { person, problem }, { where }));
  }
  const identity = readIdentity(document, person, where);
  const window = readWindow(document, person, field, placeOf);
  const findings = [...identity.findings, ...window.findings];
  if (identity.value === null || findings.length > 0) return { value: null, findings };
  const key: TrustedKey = {
    ...identity.value,
    ...window.value,
    ...(document.origins === undefined ? {} : { origins: document.origins }),
    ...(document.namespaces === undefined ? {} : { namespaces: document.namespaces }),
    ...(document.checked === undefined ? {} : { checked: document.checked }),
  };
  return { value: key, findings: [] };
}

type Identity = Pick<TrustedKey, 'kind' | 'fingerprint' | 'blob' | 'certificate'>;

function readIdentity(document: KeyDocument, person: string, where: Place): Part<Identity | null> {
  const { ssh, fingerprint, passkey, openpgp, sigstore } = document;
  if (fingerprint !== undefined) return passed({ kind: 'fingerprint', fingerprint });
  if (openpgp !== undefined) return readOpenPgp(openpgp.toUpperCase(), document.certificate, where);
  if (sigstore !== undefined)
    return passed({ kind: 'sigstore', fingerprint: `${sigstore.issuer} ${sigstore.identity}` });
  const read = parseAuthorizedKey(passkey ?? ssh ?? '', where);
  if ('problem' in read) {
    const { message } = read.problem;
    return failed(finding('trust-key-refused', { person, problem: message }, { where }));
  }
  const { algorithm, fingerprint: measured, blob } = read.key;
  if (passkey !== undefined && algorithm !== SK_ECDSA) {
    return failed(
      finding('trust-key-refused', { person, problem: `A passkey has the type ${SK_ECDSA}.` }, { where }),
    );
  }
  return passed({ kind: passkey === undefined ? 'ssh' : 'passkey', fingerprint: measured, blob });
}

/** The fingerprint binds; a certificate beside it must be that one key's and no other's. */
function readOpenPgp(fingerprint: string, text: string | undefined, where: Place): Part<Identity | null> {
  const identity = { kind: 'openpgp', fingerprint } as const;
  if (text === undefined) return passed(identity);
  const refuse = (problem: string) =>
    failed(finding('trust-certificate-refused', { fingerprint, problem }, { where }));
  const certificate = text.startsWith('-----BEGIN ') ? toUtf8(text) : fromBase64(text);
  if (certificate === null) return refuse('its base64 is damaged');
  const read = readNamedBlocks(certificate, fingerprint);
  if ('findings' in read) return refuse(read.findings[0]!.message);
  const [block, ...more] = read.blocks;
  if (block === undefined || more.length > 0) return refuse('it holds more than one key');
  const found = block.name.fingerprint;
  return found === fingerprint ? passed({ ...identity, certificate }) : refuse(`its fingerprint is ${found}`);
}

function readWindow(
  document: KeyDocument,
  person: string,
  field: string,
  placeOf: PlaceOf,
): Part<Pick<TrustedKey, 'from' | 'until'>> {
  const findings = (['from', 'until'] as const).flatMap((name) =>
    checkTime(document[name], `${field}.${name}`, placeOf),
  );
  const { from, until } = document;
  if (findings.length > 0) return { value: {}, findings };
  if (from !== undefined && until !== undefined && parseTime(from)! >= parseTime(until)!) {
    return {
      value: {},
      findings: [finding('trust-window', { person, from, until }, { where: placeOf(field) })],
    };
  }
  const value = {
    ...(from === undefined ? {} : { from: toUtc(from)! }),
    ...(until === undefined ? {} : { until: toUtc(until)! }),
  };
  return { value, findings: [] };
}

function readWithdrawal(document: WithdrawalDocument, field: string, placeOf: PlaceOf): Part<Withdrawal> {
  const { fingerprint, at, reason } = document;
  const value: Withdrawal = {
    fingerprint: fingerprint.startsWith('SHA256:') ? fingerprint : fingerprint.toUpperCase(),
    at: toUtc(at) ?? at,
    ...(reason === undefined ? {} : { reason }),
  };
  return { value, findings: checkTime(at, `${field}.at`, placeOf) };
}

function checkTime(text: string | undefined, field: string, placeOf: PlaceOf): Finding[] {
  if (text === undefined || parseTime(text) !== null) return [];
  return [finding('trust-time', { field, text }, { where: placeOf(field) })];
}

function passed<T>(value: T): Part<T> {
  return { value, findings: [] };
}

function failed(one: Finding): Part<null> {
  return { value: null, findings: [one] };
}
