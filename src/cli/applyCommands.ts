import type { CommandSpec, OptionSpec } from './commands.js';

const limits: OptionSpec = {
  name: 'limits',
  value: 'PROFILE',
  help: 'default or large, single values after a comma: large,entriesMax=2000000',
};
const json: OptionSpec = { name: 'json', help: 'print one JSON document' };

const judging: readonly OptionSpec[] = [
  {
    name: 'rule',
    value: 'FILE[#NAME]',
    help: 'trust file with people and rules; its defaultRule unless #NAME',
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
  { name: 'now', value: 'TIME', help: 'judge at this time (RFC 3339) instead of the clock' },
];

/** The part of the command table that concerns what happens to a bundle in a folder. */
export const applyCommands: readonly CommandSpec[] = [
  {
    name: 'apply',
    usage: 'countersign apply FILE --dir D [--rule TRUST.yaml[#NAME]] [options]',
    summary: 'verify a bundle, then write its files into a folder',
    notes: [
      'Only a bundle that your rule confirms is applied; otherwise the exit code is that of verify and nothing is written.',
      'A file that you edited, or that no bundle wrote, is a conflict: nothing at all is written (exit 3) until --overwrite,',
      '--keep or --yes decides it. Links are never followed; .git and executable bits are never written.',
      'What was applied stands in .specular/bundle.info. What was written over is kept for --undo until the next apply.',
      'After an interruption --finish or --undo leads to the new or to the old folder, never to half of each.',
    ],
    options: [
      { name: 'dir', value: 'D', help: 'folder to write into; it must be there' },
      ...judging,
      { name: 'dry-run', help: 'show what would be written, and write nothing' },
      { name: 'yes', help: 'write over every conflict' },
      { name: 'overwrite', value: 'P', multiple: true, help: 'pattern of conflicts to write over' },
      {
        name: 'keep',
        value: 'P',
        multiple: true,
        help: 'pattern of files to leave as they are in the folder',
      },
      {
        name: 'unconfirmed',
        value: 'WHY',
        help: 'apply an unknown or incomplete bundle all the same; the reason is put on record',
      },
      { name: 'undo', help: 'take back the interrupted or the last apply; without FILE' },
      { name: 'finish', help: 'bring an interrupted apply to its end; without FILE' },
      limits,
      json,
    ],
    examples: [
      {
        run: 'countersign apply release.sbundle.tgz --dir project --rule trust.yaml --dry-run',
        why: 'what would happen, file by file',
      },
      {
        run: 'countersign apply release.sbundle.tgz --dir project --rule trust.yaml --keep README.md',
        why: 'write everything but README.md',
      },
      { run: 'countersign apply --dir project --undo', why: 'take back the last apply' },
    ],
    arguments: { min: 0, max: 1, what: 'FILE' },
  },
  {
    name: 'migrate',
    usage: 'countersign migrate FILE --out F [options]',
    summary: 'turn a bundle of the released or the planned Specular tool into one of ours',
    notes: [
      'The content keeps its bytes and paths; the older bundle itself is kept inside as evidence. Approvals and attestations',
      'are not carried, because they sign other bytes: the answer lists each of them, and what else was left behind.',
      'The same older bundle gives the same new one, unless it does not say when it was made: then give --created.',
    ],
    options: [
      { name: 'out', value: 'F', help: 'bundle to write' },
      {
        name: 'approval',
        value: 'FILE',
        multiple: true,
        help: 'loose approval of the older bundle, to be listed',
      },
      { name: 'created', value: 'TIME', help: 'time of creation (RFC 3339) in place of the older one' },
      {
        name: 'require-approvals',
        value: 'A,B',
        help: 'roles that must approve, in place of the older ones',
      },
      { name: 'without-original', help: 'do not keep the older bundle inside' },
      { name: 'allow-secrets', help: 'pack what looks like a secret; needs --reason' },
      { name: 'reason', value: 'TEXT', help: 'why it is none; written into the manifest' },
      { name: 'force', help: 'write over a file that is there already' },
      limits,
      json,
    ],
    examples: [
      {
        run: 'countersign migrate old.sbundle.tgz --out new.sbundle.tgz',
        why: 'a new bundle, and the list of approvals to ask for again',
      },
    ],
    arguments: { min: 1, max: 1, what: 'FILE' },
  },
];
