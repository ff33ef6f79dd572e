import type { Finding, Report, RuleSummary } from '../generated/report.js';
import { keptAnswers } from '../bytes/answers.js';
import type { Platform } from '../bytes/platform.js';
import { toHex } from '../bytes/hex.js';
import type { NamedBytes } from '../envelope/approval.js';
import { readAllowedSigners } from './allowedSigners.js';
import { mergeTrust } from './mergeTrust.js';
import { readTrust } from './readTrust.js';
import { selectRule } from './selectRule.js';
import type { Rule, Trust, TrustRead } from './trust.js';

/** The reader's own documents. Nothing from a bundle ever takes their place. */
export interface PolicyDocuments {
  readonly trustDocument?: NamedBytes;
  /** Rule by name; the trust file's `defaultRule` otherwise. */
  readonly ruleName?: string;
  readonly allowedSigners: readonly NamedBytes[];
  /** OpenPGP public keys: material for checking, never a word on whose they are. */
  readonly certificates?: readonly NamedBytes[];
}

export interface Policy {
  /** null when no list was given, or none could be read: then nobody is known. */
  readonly trust: Trust | null;
  readonly rule: Rule | null;
  readonly ruleSummary: RuleSummary;
  readonly trustSummary: Report['trust'];
}

/** Many bundles are judged by one list. What it has to say about itself goes into reports and is made for each anew. */
const lists = keptAnswers<TrustRead>(8);
/** Longer lists are read anew, so that what is kept stays small. */
const KEPT_BYTES_MAX = 256 * 1024;

function readList(document: NamedBytes, platform: Platform): TrustRead {
  if (document.bytes.length > KEPT_BYTES_MAX) return readTrust(document);
  const key = `${toHex(platform.sha256Sync(document.bytes))} ${document.name}`;
  return lists.of(
    key,
    () => readTrust(document),
    ({ findings }) => findings.length === 0,
  );
}

/** Reads whom the reader knows and what the reader demands (docs/SPEC.md, "Trust" and "Rule"). */
export function readPolicy(request: PolicyDocuments & { readonly platform: Platform }): Policy {
  const { trustDocument, allowedSigners, ruleName, platform } = request;
  const main: TrustRead =
    trustDocument === undefined ? { trust: null, findings: [] } : readList(trustDocument, platform);
  const added = allowedSigners.map((document) => readAllowedSigners(document));
  const signers = added.flatMap(({ trust }) => (trust === null ? [] : [trust]));
  const merged = signers.length === 0 ? { trust: main.trust, findings: [] } : mergeTrust(main.trust, signers);
  const { rule, findings: ruleFindings } = selectRule(main.trust, ruleName);
  const findings = [
    ...main.findings,
    ...added.flatMap((read) => read.findings),
    ...merged.findings,
    ...ruleFindings,
  ];
  const sources = [
    ...(trustDocument === undefined ? [] : [source(trustDocument, 'trust', platform, main.trust)]),
    ...allowedSigners.map((document) => source(document, 'allowed-signers', platform, null)),
    ...(request.certificates ?? []).map((document) => source(document, 'certificate', platform, null)),
  ];
  return {
    trust: merged.trust,
    rule,
    ruleSummary: rule === null ? null : ruleSummary(rule, trustDocument?.name ?? ''),
    trustSummary: trustSummary(merged.trust, sources, findings),
  };
}

function source(
  { name, bytes }: NamedBytes,
  kind: Report['trust']['sources'][number]['kind'],
  platform: Platform,
  trust: Trust | null,
): Report['trust']['sources'][number] {
  return {
    name,
    kind,
    sha256: toHex(platform.sha256Sync(bytes)),
    ...(trust?.id === undefined ? {} : { id: trust.id }),
    ...(trust?.serial === undefined ? {} : { serial: trust.serial }),
  };
}

function trustSummary(
  trust: Trust | null,
  sources: Report['trust']['sources'],
  findings: readonly Finding[],
): Report['trust'] {
  const people = trust?.people ?? [];
  return {
    sources,
    people: people.length,
    keys: people.reduce((sum, { keys }) => sum + keys.length, 0),
    withdrawn: trust?.withdrawn.length ?? 0,
    findings: [...findings],
  };
}

function ruleSummary(rule: Rule, sourceName: string): NonNullable<RuleSummary> {
  return {
    name: rule.name,
    source: sourceName,
    level: rule.level ?? null,
    roles: rule.roles.map(({ role, threshold, people, maxAgeDays }) => ({
      role,
      threshold,
      people: [...people],
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
    })),
    differentPeople: rule.differentPeople,
    legacyDialects: rule.legacyDialects,
  };
}
