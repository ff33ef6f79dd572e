import { applyCommands } from './applyCommands.js';
import { approveCommands } from './approveCommands.js';
import { buildCommands } from './buildCommands.js';
import { compareCommands } from './compareCommands.js';
import { doctorCommands } from './doctorCommands.js';
import { projectCommands } from './projectCommands.js';

/** The command line as data: help, parsing, documentation and tests read this one table. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value; a flag when absent. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

export interface Example {
  readonly run: string;
  readonly why: string;
}

export interface CommandSpec {
  readonly name: CommandName;
  readonly usage: string;
  readonly summary: string;
  readonly notes: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly Example[];
  /** Positional arguments that it takes. */
  readonly arguments: { readonly min: number; readonly max: number; readonly what: string };
}

export type CommandName =
  | 'verify'
  | 'inspect'
  | 'hash'
  | 'prove'
  | 'check-proof'
  | 'check-record'
  | 'controls'
  | 'build'
  | 'init'
  | 'diff'
  | 'apply'
  | 'migrate'
  | 'approve'
  | 'approve prepare'
  | 'approve attach'
  | 'approve status'
  | 'approve request'
  | 'approve withdraw'
  | 'keys fingerprint'
  | 'keys withdraw'
  | 'trust show'
  | 'trust check'
  | 'trust import'
  | 'trust export'
  | 'lock'
  | 'drift'
  | 'doctor'
  | 'routing'
  | 'policy hash'
  | 'policy diff'
  | 'policy check'
  | 'policy replay';

const json: OptionSpec = { name: 'json', help: 'print one JSON document' };
const limits: OptionSpec = {
  name: 'limits',
  value: 'PROFILE',
  help: 'default or large, single values after a comma: large,entriesMax=2000000',
};
const many = { min: 1, max: Infinity, what: 'FILE' };

/** Options that every command takes. */
export const commonOptions: readonly OptionSpec[] = [
  { name: 'help', short: 'h', help: 'show this help' },
  { name: 'quiet', short: 'q', help: 'print nothing but errors; the exit code tells' },
  { name: 'no-color', help: 'no colours (also: NO_COLOR, TERM=dumb, output that is not a terminal)' },
];

export const commands: readonly CommandSpec[] = [
  {
    name: 'verify',
    usage: 'countersign verify FILE... [--rule TRUST.yaml[#NAME]] [options]',
    summary: 'judge bundles by your rule and say why',
    notes: [
      'FILE is a bundle, a folder, a pattern such as "in/*.sbundle.tgz", or "-" for standard input.',
      'Files that end in .json, .sig, .asc, .gpg or .tsr are taken as approvals. A folder gives its bundles and the files in it',
      'that look like approvals; files that merely lie beside a named bundle are never used.',
      'With several files the worst exit code wins: 1, 60, 10, 12, 11, 50, 20, 13, 40, 14, 0.',
      '--policy is judged beside the verdict and never changes it: 50 when the bundle plans, routes or runs a model or provider that',
      'the policy does not allow, 20 for any other violation, 14 when nothing could be judged. What no file of the bundle records',
      'is told as "not checked"; with --strict that is 14, too.',
    ],
    options: [
      {
        name: 'rule',
        value: 'FILE[#NAME]',
        help: 'trust file with people and rules; its defaultRule unless #NAME',
      },
      {
        name: 'policy',
        value: 'FILE',
        help: 'execution policy of yours (policy.yaml) for what lies in the bundle: policies, routing, plan, run manifests',
      },
      {
        name: 'allowed-signers',
        value: 'FILE',
        multiple: true,
        help: 'OpenSSH allowed_signers: adds people, never roles',
      },
      {
        name: 'certificate',
        value: 'FILE',
        multiple: true,
        help: 'OpenPGP public keys that your trust file names by fingerprint',
      },
      {
        name: 'approval',
        value: 'FILE',
        multiple: true,
        help: 'loose approval, signature or supplement; a pattern is fine',
      },
      {
        name: 'now',
        value: 'TIME',
        help: 'judge at this time (RFC 3339) instead of the clock, to repeat a verdict',
      },
      limits,
      json,
      { name: 'summary', help: 'one line a file' },
      { name: 'strict', help: 'exit 14 instead of 0 when anything was not checked or needs a look' },
      {
        name: 'explain',
        value: 'CODE',
        help: 'explain a finding code, a verdict code or an exit code, and stop',
      },
    ],
    examples: [
      {
        run: 'countersign verify release.sbundle.tgz --rule trust.yaml',
        why: 'judge by the default rule of trust.yaml',
      },
      {
        run: 'countersign verify release.sbundle.tgz pm-1.json pm-1.json.sig --rule trust.yaml#production',
        why: 'with loose approvals, by the rule "production"',
      },
      {
        run: 'countersign verify inbox --rule trust.yaml --summary',
        why: 'all bundles of a folder, one line each',
      },
      { run: 'cat release.sbundle.tgz | countersign verify - --json', why: 'from standard input, as JSON' },
      {
        run: 'countersign verify release.sbundle.tgz --rule trust.yaml --policy policy.yaml',
        why: 'also: does the bundle keep to your execution policy?',
      },
      { run: 'countersign verify --explain B-INCOMPLETE', why: 'what a code means and what to do' },
    ],
    arguments: { ...many, min: 0 },
  },
  {
    name: 'inspect',
    usage: 'countersign inspect FILE... [--json]',
    summary: 'show what is inside; judges nothing',
    notes: [
      'Shows what the bundle says of itself, its entries and digests. Nothing of it is evidence: use verify.',
    ],
    options: [limits, json],
    examples: [{ run: 'countersign inspect release.sbundle.tgz', why: 'entries, sizes, digests' }],
    arguments: many,
  },
  {
    name: 'hash',
    usage: 'countersign hash FILE... [--json]',
    summary: 'archive digest, bundle digest and content root; SHA-256 of any other file',
    notes: [
      'The bundle digest is what approvals name; it is the SHA-256 of manifest.yaml and survives re-packing.',
    ],
    options: [limits, json],
    examples: [
      { run: 'countersign hash release.sbundle.tgz', why: 'the three digests to read out or compare' },
    ],
    arguments: many,
  },
  {
    name: 'prove',
    usage: 'countersign prove FILE PATH [--out PROOF.json]',
    summary: 'write a proof that one file belongs to a bundle',
    notes: ['The proof can be checked without the rest of the bundle, against its content root.'],
    options: [
      {
        name: 'out',
        value: 'FILE',
        help: 'write to FILE (never over an existing one) instead of standard output',
      },
      limits,
    ],
    examples: [
      {
        run: 'countersign prove release.sbundle.tgz policies/prod.yaml --out prod.proof.json',
        why: 'proof for one file',
      },
    ],
    arguments: { min: 2, max: 2, what: 'FILE PATH' },
  },
  {
    name: 'check-proof',
    usage: 'countersign check-proof PROOF.json [--file FILE] [--root sha256:HEX]',
    summary: 'check such a proof',
    notes: [
      'Exit 0 only when the proof leads to the root that you give with --root. Without --root the command says which',
      'root the proof leads to, and ends with 14: a proof that names its own root proves nothing.',
    ],
    options: [
      { name: 'file', value: 'FILE', help: 'the file itself: its bytes must be the proven ones' },
      { name: 'root', value: 'DIGEST', help: 'content root from a source that you trust' },
      json,
    ],
    examples: [
      {
        run: 'countersign check-proof prod.proof.json --file prod.yaml --root sha256:3f9a…',
        why: 'this file belongs to the bundle with that content root',
      },
    ],
    arguments: { min: 1, max: 1, what: 'PROOF.json' },
  },
  {
    name: 'check-record',
    usage: 'countersign check-record RECORD.json [--key KEY]',
    summary: 'check the signature of a record that another program wrote',
    notes: [
      'Reads the signed JSON of gait (traces, approval tokens) and the three forms of a PEF v0 document. Exit 0 only when',
      'the key that you give signed exactly this record; without a key, 14. A record approves nothing.',
    ],
    options: [
      {
        name: 'key',
        value: 'KEY',
        help: 'Ed25519 public key from a source that you trust: 64 hex digits or an ssh-ed25519 line, or a file with one',
      },
      json,
    ],
    examples: [
      {
        run: 'countersign check-record trace.json --key gait_public_key.hex',
        why: 'the trace is as the program signed it',
      },
    ],
    arguments: { min: 1, max: 1, what: 'RECORD.json' },
  },
  ...approveCommands,
  ...buildCommands,
  ...compareCommands,
  ...applyCommands,
  ...projectCommands,
  ...doctorCommands,
  {
    name: 'controls',
    usage: 'countersign controls [--json]',
    summary: 'self-test: known-good and known-bad bundles through this very program',
    notes: [],
    options: [json],
    examples: [{ run: 'countersign controls', why: 'before you rely on a verdict' }],
    arguments: { min: 0, max: 0, what: '' },
  },
];

export function commandNamed(name: string): CommandSpec | undefined {
  return commands.find((command) => command.name === name);
}
