import type { CommandSpec, OptionSpec } from './commands.js';

/** The part of the command table that looks after a whole project. */

const json: OptionSpec = { name: 'json', help: 'print one JSON document' };
const dir: OptionSpec = { name: 'dir', value: 'D', help: 'folder of the project; this one when not given' };

export const doctorCommands: readonly CommandSpec[] = [
  {
    name: 'doctor',
    usage: 'countersign doctor [--dir D] [--level L] [--json | --sarif]',
    summary: 'what is missing in a project, and what to do',
    notes: [
      'Looks at the files that a bundle would hold: names, ignore file, secrets, specification, lock, plan, routing, policies and',
      'configuration; then which governance level the project asks for and which one it is ready for. Writes nothing.',
      'Exit 0 when nothing stands against building; else the first of: 60 a file cannot be read, 50 a model is not allowed,',
      '20 what looks like a secret or breaks a policy, 30 drift, 14 something is missing or the required level is not met.',
    ],
    options: [
      dir,
      { name: 'level', value: 'L', help: 'L1 to L4; the level that the project asks for when not given' },
      json,
      { name: 'sarif', help: 'print the findings as SARIF 2.1.0' },
    ],
    examples: [
      { run: 'countersign doctor', why: 'before the first build' },
      { run: 'countersign doctor --dir project --level L3', why: 'is the project ready for two roles?' },
    ],
    arguments: { min: 0, max: 0, what: '' },
  },
  {
    name: 'routing',
    usage: 'countersign routing [--dir D] [--json]',
    summary: 'what a run costs at most, by provider',
    notes: [
      'Reads routing.yaml, and plan.json where there is one. A routing file holds no prices: its budget is the only bound, and',
      'providers share it. A provider on this machine costs no dollars. Exit 14 when nothing bounds the cost.',
    ],
    options: [dir, json],
    examples: [{ run: 'countersign routing --dir project', why: 'budget, providers, models and tries' }],
    arguments: { min: 0, max: 0, what: '' },
  },
];
