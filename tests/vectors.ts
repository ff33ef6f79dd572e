import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InputReport, Report } from '../src/core/generated/report.js';
import type { VerifyRequest } from '../src/engine/engine.js';

/** The vectors of `test-vectors/` as requests and expectations, for every place that runs them: core, worker, command line, pages. */

export const vectorsRoot = fileURLToPath(new URL('../test-vectors/', import.meta.url));

interface FindingRow {
  readonly code: string;
  readonly severity: string;
}

/** `expect.json`. */
export interface Expectation {
  readonly look: string;
  readonly code: string;
  readonly digests: {
    readonly archive: string;
    readonly bundle: string | null;
    readonly contentRoot: string | null;
  };
  readonly findings: readonly FindingRow[];
  readonly trustFindings: readonly FindingRow[];
  readonly looseFindings: readonly FindingRow[];
  readonly checks: Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

export interface LoadedVector {
  /** `family/name`. */
  readonly name: string;
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly request: VerifyRequest;
  readonly expect: Expectation;
}

const FAMILIES = ['valid', 'forged', 'truncated', 'archive'] as const;

export function loadVectors(families: readonly string[] = FAMILIES): readonly LoadedVector[] {
  return families.flatMap((family) =>
    readdirSync(join(vectorsRoot, family))
      .sort()
      .map((name) => loadVector(`${family}/${name}`)),
  );
}

export function loadVector(name: string): LoadedVector {
  const folder = join(vectorsRoot, name);
  const bytes = (file: string): Uint8Array => new Uint8Array(readFileSync(join(folder, file)));
  const json = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const has = (file: string): boolean => existsSync(join(folder, file));
  const asked = json('request.json') as {
    now: string;
    ruleName: string | null;
    limitsProfile: 'default' | 'large';
    limits: object;
  };
  const loose = has('loose') ? readdirSync(join(folder, 'loose')).sort() : [];
  return {
    name,
    folder,
    expect: json('expect.json') as Expectation,
    request: {
      inputs: [{ name: 'input.sbundle.tgz', source: bytes('input.sbundle.tgz') }],
      loose: loose.map((file) => ({ name: file, bytes: bytes(`loose/${file}`) })),
      now: asked.now,
      limitsProfile: asked.limitsProfile,
      limits: asked.limits,
      ...(has('trust.yaml') ? { trust: { name: 'trust.yaml', bytes: bytes('trust.yaml') } } : {}),
      ...(has('allowed_signers')
        ? { allowedSigners: [{ name: 'allowed_signers', bytes: bytes('allowed_signers') }] }
        : {}),
      ...(asked.ruleName === null ? {} : { ruleName: asked.ruleName }),
    },
  };
}

/** What a report says otherwise than the vector expects, in words; empty when all agrees. */
export function differences({ expect }: LoadedVector, report: Report): readonly string[] {
  const [input] = report.inputs;
  if (input === undefined || report.inputs.length !== 1)
    return [`${report.inputs.length} inputs in the report`];
  return [
    ...different('verdict', `${expect.look} ${expect.code}`, `${input.verdict.look} ${input.verdict.code}`),
    ...different('findings', rows(expect.findings), rows(input.findings)),
    ...different('trust findings', rows(expect.trustFindings), rows(report.trust.findings)),
    ...different(
      'loose findings',
      rows(expect.looseFindings),
      rows(report.loose.flatMap(({ findings }) => findings)),
    ),
    ...checkDifferences(expect, input),
    ...different('roles', rolesText(expect.roles), rolesText(metRoles(input))),
    ...digestDifferences(expect, input),
  ];
}

function different(what: string, expected: string, found: string): string[] {
  return expected === found ? [] : [`${what}: expected ${expected || 'none'}, found ${found || 'none'}`];
}

function rows(findings: readonly FindingRow[]): string {
  return [...new Set(findings.map(({ code, severity }) => `${code}/${severity}`))].sort().join(' ');
}

function checkDifferences({ checks }: Expectation, input: InputReport): string[] {
  const found = new Map(input.checks.map(({ id, status }) => [id, status as string]));
  const ids = [...new Set([...Object.keys(checks), ...found.keys()])];
  return ids.flatMap((id) =>
    different(`check ${id}`, checks[id] ?? 'not stated', found.get(id) ?? 'not run'),
  );
}

function metRoles(input: InputReport): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(input.roles.map(({ role, met }) => [role, met]));
}

function rolesText(roles: Readonly<Record<string, readonly string[]>>): string {
  return Object.keys(roles)
    .sort()
    .map((role) => `${role}=${[...(roles[role] ?? [])].sort().join('+')}`)
    .join(' ');
}

/** After an unreadable archive a digest may be unknown; another digest than the right one is always wrong. */
function digestDifferences({ digests, look }: Expectation, input: InputReport): string[] {
  const compare = (what: string, expected: string | null, found: string | null): string[] =>
    look === 'unreadable' && (found === null || expected === null)
      ? []
      : different(what, String(expected), String(found));
  return [
    ...compare('archive digest', digests.archive, input.archiveDigest),
    ...compare('bundle digest', digests.bundle, input.bundleDigest),
    ...compare('content root', digests.contentRoot, input.contentRoot),
  ];
}
