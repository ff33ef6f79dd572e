import type { VerdictCode } from '../generated/report.js';
import { verdictRow, verdictRows } from './verdicts.js';

/** One exit code of the command line (docs/SPEC.md, "Verdict"; docs/reference/exit-codes.md). */
export interface ExitCode {
  readonly exit: number;
  /** Short name, for tables. */
  readonly name: string;
  readonly meaning: string;
  /** What a person or a script does with it. */
  readonly action: string;
}

/** Every exit code that the program gives or reserves, ascending. The numbers are a published contract. */
export const exitCodes: readonly ExitCode[] = [
  {
    exit: 0,
    name: 'done',
    meaning:
      'Every bundle is unchanged and everything that the rule asks for is there. For commands that judge nothing: done.',
    action: 'Go on.',
  },
  {
    exit: 1,
    name: 'fault',
    meaning: 'The program itself failed, or its self-test did. No verdict was reached.',
    action: 'Run "countersign controls". If it happens again, report it with the message on standard error.',
  },
  {
    exit: 2,
    name: 'usage',
    meaning:
      'The command line cannot be carried out as written: an unknown option, a file that is not there. Nothing was judged.',
    action: 'Read the message and "countersign COMMAND --help".',
  },
  {
    exit: 3,
    name: 'differences',
    meaning:
      'Two things that were compared differ (diff), or files of yours differ from what apply would write or put back, and were left as they are. "check-proof" gives 10 instead.',
    action: 'Read the list of differences.',
  },
  {
    exit: 10,
    name: 'does not match',
    meaning:
      'The content contradicts its own file list or digest, or a needed role has only approvals whose signature is false. Also a proof that does not lead to its root, and a record that is not what was signed.',
    action: 'Do not use the file. Ask the sender for the original and compare digests.',
  },
  {
    exit: 11,
    name: 'signer not known',
    meaning: 'No needed role has a signer whom your trust file knows.',
    action: 'Compare the key words with the person by another way, then add the key to your trust file.',
  },
  {
    exit: 12,
    name: 'withdrawn or expired',
    meaning: 'A needed role rests on a key that was withdrawn, or approvals or keys are out of date.',
    action: 'Ask for a new approval with a current key.',
  },
  {
    exit: 13,
    name: 'nobody signed',
    meaning: 'The content is complete and matches its own file list, but there is no approval.',
    action: 'Ask the sender for the approvals and give them with --approval.',
  },
  {
    exit: 14,
    name: 'could not check',
    meaning:
      'No rule says who must approve, or a check that the rule or --policy needs had no data. For doctor: something is missing. With --strict also: something was not checked or needs a look.',
    action: 'Give a rule with --rule, or the missing data; the findings say which.',
  },
  {
    exit: 20,
    name: 'policy violation',
    meaning:
      'A policy is violated (policy check, verify --policy, doctor); same number as "specular bundle gate".',
    action: 'Read the findings.',
  },
  {
    exit: 30,
    name: 'drift',
    meaning:
      'The specification differs from its lock, or the plan does not fit (drift, lock --check, doctor); same number as "specular bundle gate".',
    action: 'Read the findings.',
  },
  {
    exit: 40,
    name: 'approval missing',
    meaning:
      'The content is unchanged, but roles are still missing, or what was approved is another version.',
    action: 'Ask the missing people for their approval; the roles list names them.',
  },
  {
    exit: 50,
    name: 'forbidden provider',
    meaning:
      'A model or provider is used that the policy does not allow (policy check, verify --policy, doctor); same number as "specular bundle gate".',
    action: 'Read the findings.',
  },
  {
    exit: 60,
    name: 'could not read',
    meaning:
      'The archive or its manifest cannot be read safely, is larger than the limits, or has a newer format. Nothing is known about it. For commands on a project: a file cannot be read.',
    action: 'Ask for the file again, or raise the limits with --limits large when the size is expected.',
  },
  {
    exit: 130,
    name: 'interrupted',
    meaning: 'Stopped by Ctrl+C. There is no verdict.',
    action: 'Run it again.',
  },
];

/** With many inputs the worst exit code wins, in this order, worst first. */
export const worstFirst: readonly number[] = [1, 60, 10, 12, 11, 50, 20, 13, 40, 14, 0];

export function exitOfVerdict(code: VerdictCode): number {
  return verdictRow(code).exit;
}

/**
 * The worst of several exit codes by {@link worstFirst}. A code outside of that list, or no code at all, counts
 * as a fault of the program: nothing that was not judged may end in 0.
 */
export function worstExit(exits: readonly number[]): number {
  const ranks = exits.map((exit) => worstFirst.indexOf(exit));
  if (ranks.length === 0 || ranks.includes(-1)) return 1;
  return worstFirst[Math.min(...ranks)] ?? 1;
}

/** Verdict codes that end in this exit code. */
export function verdictsOfExit(exit: number): readonly VerdictCode[] {
  return verdictRows.filter((row) => row.exit === exit).map((row) => row.code);
}
