import { checkTyped, type TypedDocument } from '../documents/readDocument.js';
import type { ConfigDocument } from '../generated/config.js';
import { validate as validateConfig } from '../generated/config.validate.js';
import type { PlanDocument } from '../generated/plan.js';
import type { Finding } from '../generated/report.js';
import type { SpecDocument } from '../generated/spec.js';
import { checkAgainst } from '../policy/check.js';
import { readPolicy, type Policy } from '../policy/readPolicy.js';
import { readRouting, viewRouting, type RoutingView } from '../routing.js';
import { compareWithLock, driftFindings } from '../spec/drift.js';
import { lockedBytes, type Blake3 } from '../spec/lock.js';
import { viewPlan } from '../spec/plan.js';
import { readLock, readSpec, type Reading } from '../spec/readSpec.js';
import { count, rowOf, type DoctorRow, type Found } from './row.js';
import type { ProjectDocument, ProjectDocumentKind } from './projectDocuments.js';

/** Finds the one document of a kind: two of them leave open which counts, so neither does. */
export class Desk {
  constructor(private readonly documents: readonly ProjectDocument[]) {}

  all(kind: ProjectDocumentKind): readonly ProjectDocument[] {
    return this.documents.filter((one) => one.kind === kind);
  }

  read<T>(
    kind: Exclude<ProjectDocumentKind, 'execution-policy' | 'governance-policy' | 'autonomy-policy'>,
    reader: (source: { readonly name: string; readonly bytes: Uint8Array }) => Reading<T>,
  ): Found<T> & { readonly path: string | null } {
    const found = this.all(kind);
    const [one, other] = found;
    if (one === undefined)
      return { value: null, path: null, row: rowOf(kind, 'not-applicable', 'It is not there') };
    if (other !== undefined) {
      const detail = `${found.map(({ path }) => path).join(' and ')} are both there; it is not clear which counts`;
      const row = rowOf(kind, 'fail', detail, 'Keep one of them.', { where: { file: other.path } });
      return { value: null, path: null, row };
    }
    const { value, findings } = reader({ name: one.path, bytes: one.bytes });
    const row =
      value === null
        ? rowOf(kind, 'fail', findings[0]?.message ?? 'It could not be read', findings[0]?.action ?? null, {
            findings,
          })
        : rowOf(kind, 'pass', one.path, null, { where: { file: one.path }, findings });
    return { value, path: one.path, row };
  }
}

export function specRow(desk: Desk): Found<SpecDocument> & { readonly path: string | null } {
  const read = desk.read('spec', readSpec);
  if (read.row.status === 'not-applicable') {
    const row = rowOf(
      'spec',
      'fail',
      'There is no specification',
      'Write .specular/spec.yaml: what the product is and what it does.',
    );
    return { ...read, row };
  }
  if (read.value === null) return read;
  const open = read.row.findings.map(({ params }) => String(params['field']));
  const summary = `${count(read.value.features.length, 'feature')} in ${read.path ?? ''}`;
  if (open.length === 0) return { ...read, row: { ...read.row, detail: summary } };
  const detail = `${summary}; no lock covers ${open.join(', ')}`;
  return {
    ...read,
    row: { ...read.row, status: 'warn', detail, action: 'Read changes of these fields yourself.' },
  };
}

export function lockRow(desk: Desk, spec: SpecDocument | null, blake3: Blake3): DoctorRow {
  const read = desk.read('lock', readLock);
  if (read.row.status === 'not-applicable')
    return rowOf(
      'lock',
      'fail',
      'The specification is not locked',
      'countersign lock --product-version V writes the lock.',
    );
  if (read.value === null) return read.row;
  if (spec === null)
    return rowOf(
      'lock',
      'could-not-check',
      'Without a specification nothing can be compared',
      'Mend the specification first.',
      {
        where: read.row.where,
      },
    );
  const drift = compareWithLock(spec, read.value, blake3);
  const findings = driftFindings(drift, desk.all('spec')[0]?.path ?? 'spec.yaml');
  if (findings.length === 0)
    return {
      ...read.row,
      detail: `${count(drift.length, 'feature')} as locked, version ${read.value.version}`,
    };
  const detail = `Not as locked: ${findings.length} of ${count(drift.length, 'feature')}`;
  return rowOf(
    'lock',
    'fail',
    detail,
    'Look at the changes; if they are meant, countersign lock writes the lock anew.',
    { findings },
  );
}

export function planRow(read: Found<PlanDocument>, spec: SpecDocument | null, blake3: Blake3): DoctorRow {
  const { value, row } = read;
  if (value === null) return row;
  if (spec === null)
    return rowOf(
      'plan',
      'could-not-check',
      'Without a specification nothing can be compared',
      'Mend the specification first.',
      {
        where: row.where,
      },
    );
  const hashes = new Map(spec.features.map((feature) => [feature.id, blake3(lockedBytes(feature))]));
  const { tasks, problems } = viewPlan(value, hashes);
  if (problems.length === 0)
    return { ...row, detail: `${count(tasks.length, 'task')}, all for features as they stand` };
  const told = problems.slice(0, 5).map(({ text }) => text);
  const more = problems.length > 5 ? `; ${problems.length - 5} more` : '';
  return rowOf(
    'plan',
    'fail',
    `${told.join('; ')}${more}`,
    'Plan again from the specification as it stands.',
    { where: row.where },
  );
}

export function routingRow(
  desk: Desk,
  policies: readonly ExecutionPolicy[],
  plan: PlanDocument | null,
): { readonly row: DoctorRow; readonly view: RoutingView | null } {
  const read = desk.read('routing', readRouting);
  if (read.row.status === 'not-applicable') {
    const action = 'Write .specular/routing.yaml when models are used: providers, models and a budget.';
    return {
      view: null,
      row: { ...read.row, status: 'warn', detail: 'Nothing says which models a run may use', action },
    };
  }
  const [document] = desk.all('routing');
  if (read.value === null || document === undefined) return { view: null, row: read.row };
  const view = viewRouting(read.value, plan);
  const source = { name: document.path, bytes: document.bytes };
  // Keys in the file are told without any policy, too.
  const against = [{}, ...policies.map((policy) => policy.document)].flatMap(
    (policy) => checkAgainst(policy, source).findings,
  );
  const findings = against.filter(
    (one, at) =>
      against.findIndex(({ code, where }) => code === one.code && where.field === one.where.field) === at,
  );
  if (findings.length > 0) {
    const detail = `In ${document.path}, not allowed by the policy, or a key in the file: ${count(findings.length, 'place')}`;
    return { view, row: rowOf('routing', 'fail', detail, findings[0]?.action ?? null, { findings }) };
  }
  const cost =
    view.atMostUsd === null
      ? 'no bound on what a run costs'
      : `a run costs at most ${view.atMostUsd} US dollars`;
  const [note] = view.notes;
  if (note === undefined)
    return { view, row: { ...read.row, detail: `${count(view.providers.length, 'provider')}; ${cost}` } };
  return {
    view,
    row: rowOf('routing', 'warn', view.notes.map(({ text }) => text).join('; '), note.action, {
      where: note.where,
    }),
  };
}

export type ExecutionPolicy = Extract<Policy, { kind: 'specular-policy' }>;
const USUAL_POLICY = /^(?:\.specular\/)?policy\.ya?ml$/;
type GovernancePolicy = Extract<Policy, { kind: 'specular-governance' }>;

interface PolicyKinds {
  readonly 'execution-policy': ExecutionPolicy;
  readonly 'governance-policy': GovernancePolicy;
}

/** Those that count for runs: the one with the usual name; without it, all. Others lie there for other uses. */
export function policiesInForce(policies: readonly ExecutionPolicy[] | null): readonly ExecutionPolicy[] {
  const usual = (policies ?? []).filter(({ placeOf }) => USUAL_POLICY.test(placeOf('').file ?? ''));
  return usual.length > 0 ? usual : (policies ?? []);
}

/** Policies may be several; each has to be readable. */
export function policyRow<K extends keyof PolicyKinds>(
  desk: Desk,
  kind: K,
  missing: string,
): Found<readonly PolicyKinds[K][]> {
  const found = desk.all(kind);
  if (found.length === 0) return { value: null, row: rowOf(kind, 'fail', 'There is none', missing) };
  const { policies, findings } = readAll(found);
  const paths = found.map(({ path }) => path).join(', ');
  if (findings.length > 0) {
    const row = rowOf(
      kind,
      'fail',
      `Could not be read: ${findings[0]?.message ?? ''}`,
      findings[0]?.action ?? null,
      { findings },
    );
    return { value: null, row };
  }
  const row = rowOf(kind, 'pass', paths, null, { where: { file: found[0]?.path ?? '' } });
  // What a document is called was told by its content, so the reader came to the same kind.
  return { value: policies as unknown as readonly PolicyKinds[K][], row };
}

/** A governance policy that stops nothing is told, not refused: it may be meant so. */
export function enforcementRow({ value, row }: Found<readonly GovernancePolicy[]>): DoctorRow {
  const lax = value?.find(({ document }) => document.enforcement !== 'strict');
  if (lax === undefined) return row;
  return {
    ...row,
    status: 'warn',
    detail: `enforcement is ${lax.document.enforcement}: a violation stops nothing`,
    action: 'Write enforcement: strict once the project is in use.',
    where: lax.placeOf('/enforcement'),
  };
}

export function autonomyRow(desk: Desk): DoctorRow {
  const found = desk.all('autonomy-policy');
  if (found.length === 0)
    return rowOf('autonomy-policy', 'not-applicable', 'There is none, and none is needed');
  const { findings } = readAll(found);
  const paths = found.map(({ path }) => path).join(', ');
  return findings.length === 0
    ? rowOf('autonomy-policy', 'pass', paths, null, { where: { file: found[0]?.path ?? '' } })
    : rowOf('autonomy-policy', 'fail', findings[0]?.message ?? paths, findings[0]?.action ?? null, {
        findings,
      });
}

function readAll(documents: readonly ProjectDocument[]): {
  readonly policies: readonly Policy[];
  readonly findings: readonly Finding[];
} {
  const read = documents.map(({ path, bytes }) => readPolicy({ name: path, bytes }));
  return {
    policies: read.flatMap(({ policy }) => policy ?? []),
    findings: read.flatMap(({ findings }) => findings),
  };
}

export function configRow(desk: Desk): Found<ConfigDocument> {
  const [one] = desk.all('config');
  if (one === undefined) {
    const action = 'Write .specular/config.yaml with bundle.default_approvers: who is asked for which role.';
    return { value: null, row: rowOf('config', 'warn', 'Nothing says who approves', action) };
  }
  const read: TypedDocument<ConfigDocument> | { readonly findings: readonly Finding[] } =
    'findings' in one.raw ? one.raw : checkTyped<ConfigDocument>(one.raw, validateConfig);
  if ('findings' in read) {
    const { findings } = read;
    return {
      value: null,
      row: rowOf('config', 'fail', findings[0]?.message ?? '', findings[0]?.action ?? null, { findings }),
    };
  }
  const where = { file: one.path };
  const roles = read.document.bundle?.default_approvers ?? [];
  const empty = roles.filter(({ users }) => users.length === 0).map(({ role }) => role);
  if (roles.length === 0 || empty.length > 0) {
    const detail = roles.length === 0 ? 'No role is named' : `Nobody has the role ${empty.join(', ')}`;
    return {
      value: read.document,
      row: rowOf('config', 'warn', detail, 'Name them in bundle.default_approvers.', { where }),
    };
  }
  const detail = `${roles.map(({ role, users }) => `${role}: ${users.join(', ')}`).join('; ')}`;
  return { value: read.document, row: rowOf('config', 'pass', detail, null, { where }) };
}

export function governanceFacts(policies: readonly GovernancePolicy[] | null): {
  readonly approvalFor: number;
  readonly attestationFor: number;
} {
  const workflows = (policies ?? []).map(({ document }) => document.workflows ?? {});
  return {
    approvalFor: workflows.reduce((sum, { require_approval_for: list = [] }) => sum + list.length, 0),
    attestationFor: workflows.reduce((sum, { require_attestation_for: list = [] }) => sum + list.length, 0),
  };
}

export function configFacts(config: ConfigDocument | null): {
  readonly roles: readonly string[];
  readonly people: number;
  readonly attestation: boolean;
  readonly transparencyLog: boolean;
} {
  const { default_approvers: approvers = [], attestation } = config?.bundle ?? {};
  const staffed = approvers.filter(({ users }) => users.length > 0);
  return {
    roles: [...new Set(staffed.map(({ role }) => role))],
    people: new Set(staffed.flatMap(({ users }) => users)).size,
    attestation: attestation?.enabled === true,
    transparencyLog: attestation?.enabled === true && attestation.rekor_url !== undefined,
  };
}
