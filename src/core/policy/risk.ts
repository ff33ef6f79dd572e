/**
 * The risk tables of the two sources of AtlasBridge, as data. They annotate; nothing here changes a verdict.
 * In each table the first row that fits decides.
 */
export type SeedLevel = 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';
const seedLevels: readonly SeedLevel[] = ['NONE', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

export interface SeedRiskInput {
  readonly promptType: string;
  readonly confidence: string;
  readonly action: string;
  readonly sessionTags: readonly string[];
}

interface SeedRow {
  readonly level: SeedLevel;
  readonly promptType?: string;
  readonly actions?: readonly string[];
  readonly confidence?: readonly string[];
}

export const seedRows: readonly SeedRow[] = [
  { level: 'CRITICAL', promptType: 'destructive_confirm' },
  { level: 'CRITICAL', actions: ['execute'], confidence: ['low', 'medium'] },
  { level: 'HIGH', actions: ['execute'] },
  { level: 'HIGH', actions: ['auto_respond'], confidence: ['low', 'medium'] },
  { level: 'MEDIUM', actions: ['auto_respond'] },
  { level: 'MEDIUM', actions: ['require_human'], confidence: ['low'] },
  { level: 'LOW', actions: ['require_human', 'skip'] },
  { level: 'NONE', actions: ['log_only'] },
];

/** Level by the planned table; null where the table has no row for the action. */
export function seedRisk({ promptType, confidence, action, sessionTags }: SeedRiskInput): SeedLevel | null {
  const row = seedRows.find(
    (one) =>
      (one.promptType === undefined || one.promptType === promptType) &&
      (one.actions === undefined || one.actions.includes(action)) &&
      (one.confidence === undefined || one.confidence.includes(confidence)),
  );
  if (row === undefined) return null;
  const rank = seedLevels.indexOf(row.level);
  // The floor of a critical session beats the ceiling of a safe one.
  if (sessionTags.includes('critical_session')) return seedLevels[Math.max(rank, 3)] ?? null;
  if (sessionTags.includes('safe_session')) return seedLevels[Math.min(rank, 2)] ?? null;
  return row.level;
}

export type EnterpriseLevel = 'low' | 'medium' | 'high' | 'critical';

export interface EnterpriseRiskInput {
  readonly promptType: string;
  readonly actionType: string;
  readonly confidence: string;
  readonly branch: string;
  readonly ciStatus: string;
}

/** Level by the table of the released code. */
export function enterpriseRisk(input: EnterpriseRiskInput): EnterpriseLevel {
  const { promptType, actionType, confidence, branch, ciStatus } = input;
  if (actionType !== 'auto_reply') return 'low';
  const guarded = ['main', 'master', 'production'].includes(branch) || branch.startsWith('release/');
  if (guarded && ciStatus === 'failing') return 'critical';
  if (promptType === 'free_text' || confidence === 'low') return 'high';
  return guarded || confidence === 'medium' ? 'medium' : 'low';
}
