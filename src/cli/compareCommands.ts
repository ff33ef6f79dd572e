import type { CommandSpec } from './commands.js';

/** The part of the command table that concerns comparing. */
export const compareCommands: readonly CommandSpec[] = [
  {
    name: 'diff',
    usage: 'countersign diff OLD NEW | diff OLD --current D [--rule TRUST.yaml[#NAME]] [options]',
    summary: 'what differs between two bundles, or a bundle and a folder, by consequence',
    notes: [
      'Who must approve comes first, then approvals, policies, routing and models, then files, then their lines.',
      'Both bundles are judged as by verify; the verdict of each stands at the top. Without --rule nobody is known.',
      'Exit 0 when nothing differs, 3 when something does, 60 when a bundle cannot be read, 10 when one contradicts its',
      'own file list. Other verdicts do not change the exit code: use verify to judge.',
      'Of a folder everything is compared that build would pack.',
    ],
    options: [
      { name: 'current', value: 'D', help: 'compare with this folder instead of a second bundle' },
      { name: 'format', value: 'F', help: 'text, json or markdown; text when not given' },
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
        help: 'loose approval, signature or supplement of either bundle; a pattern is fine',
      },
      { name: 'now', value: 'TIME', help: 'judge at this time (RFC 3339) instead of the clock' },
      {
        name: 'limits',
        value: 'PROFILE',
        help: 'default or large, single values after a comma: large,entriesMax=2000000',
      },
    ],
    examples: [
      {
        run: 'countersign diff api-1.3.0.sbundle.tgz api-1.4.0.sbundle.tgz --rule trust.yaml',
        why: 'before you approve the newer one',
      },
      {
        run: 'countersign diff api-1.3.0.sbundle.tgz --current project --format markdown',
        why: 'what the project changed since, for a pull request',
      },
    ],
    arguments: { min: 1, max: 2, what: 'OLD [NEW]' },
  },
];
