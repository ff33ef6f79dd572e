import type { GovernanceLevel, ProjectFile } from '../build.js';
import type { RoutingView } from '../routing.js';
import type { Blake3 } from '../spec/lock.js';
import { readPlan } from '../spec/readSpec.js';
import {
  autonomyRow,
  configFacts,
  configRow,
  Desk,
  enforcementRow,
  governanceFacts,
  lockRow,
  planRow,
  policiesInForce,
  policyRow,
  routingRow,
  specRow,
} from './documents.js';
import { ignoreRow, packedRow, secretRow } from './files.js';
import type { DoctorRow } from './row.js';
import { selectFiles } from '../project/ignore.js';
import { levelsOf, type Levels } from './levels.js';
import { projectDocuments } from './projectDocuments.js';

export type { DoctorRow, DoctorTopic } from './row.js';

export interface Doctor {
  readonly rows: readonly DoctorRow[];
  readonly levels: Levels;
  /** What a run costs at most; null without a routing file that can be read. */
  readonly routing: RoutingView | null;
  readonly packed: number;
  readonly leftOut: number;
}

export interface DoctorOptions {
  readonly blake3: Blake3;
  /** Level that the reader wants; what the project itself asks for when null. */
  readonly level: GovernanceLevel | null;
  readonly signal?: AbortSignal;
  /** Bytes looked at so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * What is missing in a project and what to do (docs/how-to/look-after-a-project.md). Judges nothing that others
 * have signed. Attacker-controlled files; throws only what reading a file throws, and the reason of an abort.
 */
export async function examineProject(files: readonly ProjectFile[], options: DoctorOptions): Promise<Doctor> {
  const ignore = await ignoreRow(files);
  const rules = { ignoreFile: ignore.text, include: [], exclude: [] };
  const { packed, left } = selectFiles(files, rules);
  const filesRow = packedRow(packed);
  const secrets = await secretRow(packed, options);
  const documents = await projectDocuments(packed);
  const desk = new Desk(documents);
  const spec = specRow(desk);
  const plan = desk.read('plan', (one) => readPlan(one));
  const lock = lockRow(desk, spec.value, options.blake3);
  const policy = policyRow(
    desk,
    'execution-policy',
    'countersign init --template balanced writes one to start from.',
  );
  const governance = policyRow(
    desk,
    'governance-policy',
    'Write .specular/policies.yaml: which steps need approval and evidence.',
  );
  const routing = routingRow(desk, policiesInForce(policy.value), plan.value);
  const config = configRow(desk);
  const rows = [
    filesRow,
    ignore.row,
    secrets,
    spec.row,
    lock,
    planRow(plan, spec.value, options.blake3),
    routing.row,
    policy.row,
    enforcementRow(governance),
    autonomyRow(desk),
    config.row,
  ];
  const levels = levelsOf(
    {
      locked: lock.status === 'pass',
      packable: filesRow.status === 'pass' && secrets.status === 'pass',
      policies: policy.value !== null && governance.value !== null,
      ...governanceFacts(governance.value),
      ...configFacts(config.value),
    },
    options.level,
  );
  return { rows, levels, routing: routing.view, packed: packed.length, leftOut: left.length };
}
