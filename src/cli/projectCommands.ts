import type { CommandSpec, OptionSpec } from './commands.js';

/** The part of the command table that concerns specifications and policies. */

const json: OptionSpec = { name: 'json', help: 'print one JSON document' };
const force: OptionSpec = { name: 'force', help: 'write over files that are there already' };
const dir: OptionSpec = { name: 'dir', value: 'D', help: 'folder of the project; this one when not given' };
const one = { min: 1, max: 1, what: 'POLICY' };

export const projectCommands: readonly CommandSpec[] = [
  {
    name: 'lock',
    usage: 'countersign lock [SPEC | --dir D] [--product-version V] [--out F] [--check]',
    summary: 'write one hash for each feature of a specification',
    notes: [
      'SPEC is spec.yaml; without it, spec.yaml or .specular/spec.yaml of the folder. What the lock does not cover is named.',
      'With --check nothing is written: exit 30 when the lock that is there is another one.',
    ],
    options: [
      dir,
      {
        name: 'product-version',
        value: 'V',
        help: 'version of the product; that of the lock that is there when not given',
      },
      {
        name: 'out',
        value: 'F',
        help: 'where to write; spec.lock.json beside the specification when not given',
      },
      { name: 'check', help: 'compare with the lock that is there' },
      force,
    ],
    examples: [
      { run: 'countersign lock --product-version 1.4.0', why: 'a first lock' },
      { run: 'countersign lock --check', why: 'in CI: is the lock up to date?' },
    ],
    arguments: { min: 0, max: 1, what: 'SPEC' },
  },
  {
    name: 'drift',
    usage: 'countersign drift [--dir D] [--json | --sarif]',
    summary: 'which features differ from their lock, and what the plan waits for in vain',
    notes: ['Exit 30 when a feature was changed, added or removed, or when plan.json does not fit.'],
    options: [dir, json, { name: 'sarif', help: 'print SARIF 2.1.0' }],
    examples: [{ run: 'countersign drift --sarif', why: 'for the page of a code host' }],
    arguments: { min: 0, max: 0, what: '' },
  },
  {
    name: 'policy hash',
    usage: 'countersign policy hash POLICY... [--json]',
    summary: 'SHA-256 of the bytes, and of what the policy says',
    notes: ['The second hash stays the same when comments, spaces or quotes change.'],
    options: [json],
    examples: [{ run: 'countersign policy hash policy.yaml', why: 'the first value is that of sha256sum' }],
    arguments: { min: 1, max: Infinity, what: 'POLICY' },
  },
  {
    name: 'policy diff',
    usage: 'countersign policy diff OLD NEW [--json]',
    summary: 'what the newer policy allows that the older one did not, and the reverse',
    notes: ['Exit 0 when both say the same, else 3. What got weaker comes first, each with why it matters.'],
    options: [json],
    examples: [
      { run: 'countersign policy diff approved.yaml policy.yaml', why: 'before you approve a change' },
    ],
    arguments: { min: 2, max: 2, what: 'OLD NEW' },
  },
  {
    name: 'policy check',
    usage: 'countersign policy check POLICY [--against FILE...] [--json | --sarif]',
    summary: 'read a policy strictly; apply it to routing and run manifests',
    notes: [
      'Exit 60 when the policy cannot be used, 50 when a provider or model is not allowed, 20 for any other violation.',
      'What a file given with --against is, is told by its content; one that cannot be judged is an error.',
    ],
    options: [
      { name: 'against', value: 'FILE', multiple: true, help: 'routing.yaml or a run manifest' },
      json,
      { name: 'sarif', help: 'print SARIF 2.1.0' },
    ],
    examples: [
      { run: 'countersign policy check policy.yaml --against routing.yaml', why: 'are all models allowed?' },
    ],
    arguments: one,
  },
  {
    name: 'policy replay',
    usage: 'countersign policy replay POLICY TRACE.jsonl [--json]',
    summary: 'which past decisions a policy of AtlasBridge would make otherwise',
    notes: [
      'Exit 0 when none would change, 3 when some would, 14 when none would but some could not be told:',
      'older traces do not hold the text of the prompt, and rules that read it cannot be run.',
    ],
    options: [json],
    examples: [
      {
        run: 'countersign policy replay edited.yaml autopilot_decisions.jsonl',
        why: 'before an edit counts',
      },
    ],
    arguments: { min: 2, max: 2, what: 'POLICY TRACE' },
  },
];
