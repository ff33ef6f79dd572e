import type { CommandSpec, OptionSpec } from './commands.js';

/** The part of the command table that concerns approving, keys and people. */

const json: OptionSpec = { name: 'json', help: 'print one JSON document' };
const force: OptionSpec = { name: 'force', help: 'write over files that are there already' };
const limits: OptionSpec = {
  name: 'limits',
  value: 'PROFILE',
  help: 'default or large, single values after a comma: large,entriesMax=2000000',
};
const rule: OptionSpec = {
  name: 'rule',
  value: 'FILE[#NAME]',
  help: 'trust file with people and rules; its defaultRule unless #NAME',
};
const certificate: OptionSpec = {
  name: 'certificate',
  value: 'FILE',
  multiple: true,
  help: 'OpenPGP public keys of people who sign with GnuPG',
};
const keyOptions: readonly OptionSpec[] = [
  { name: 'key', value: 'PATH', help: 'private key file of OpenSSH, for example ~/.ssh/id_ed25519' },
  {
    name: 'passphrase-fd',
    value: 'N',
    help: 'read the passphrase from this file descriptor; without it you are asked on the terminal',
  },
];
const user: OptionSpec = {
  name: 'user',
  value: 'U',
  help: 'you, as the readers of your approval know you, for example alice@acme.org',
};
const statementOptions: readonly OptionSpec[] = [
  { name: 'role', value: 'R', help: 'role in which you approve, for example pm' },
  user,
  { name: 'comment', value: 'C', help: 'one line for the readers; it is signed, too' },
  { name: 'decline', help: 'say no instead of yes: shown to everybody, never counted' },
  { name: 'expires', value: 'TIME', help: 'until when it counts (RFC 3339)' },
  { name: 'file', value: 'PATH', help: 'approve one file of the bundle only; it counts for no role' },
];
const one = { min: 1, max: 1, what: 'FILE' };
const many = { min: 1, max: Infinity, what: 'FILE' };

export const approveCommands: readonly CommandSpec[] = [
  {
    name: 'approve',
    usage: 'countersign approve FILE --role R --user U --key PATH [options]',
    summary: 'approve a bundle with your OpenSSH key',
    notes: [
      'Reads the whole bundle first: one that cannot be read, or contradicts its own list, is not signed.',
      'Writes ROLE-1.json and ROLE-1.json.sig beside the bundle, or the next free number. --out NAME.json names the pair,',
      '--out NAME.tgz writes one supplement, --out FOLDER/ puts the pair there.',
      'A passphrase is asked on the terminal, or read with --passphrase-fd; it is never an argument.',
    ],
    options: [
      ...statementOptions,
      ...keyOptions,
      { name: 'out', value: 'F', help: 'where to write: a .json file, a .tgz supplement, or a folder' },
      force,
      limits,
    ],
    examples: [
      {
        run: 'countersign approve release.sbundle.tgz --role pm --user alice@acme.org --key ~/.ssh/id_ed25519',
        why: 'write pm-1.json and pm-1.json.sig beside the bundle',
      },
      {
        run: 'countersign approve release.sbundle.tgz --role security --user carol@acme.org --key carol.key --decline --comment "open finding 17" --out carol.tgz',
        why: 'decline, as one file to send',
      },
    ],
    arguments: one,
  },
  {
    name: 'approve prepare',
    usage: 'countersign approve prepare FILE --role R --user U [--out F]',
    summary: 'write the exact text to sign, for a key that is somewhere else',
    notes: [
      'Sign it with ssh-keygen or gpg as the last line says, then give both files to "approve attach".',
    ],
    options: [
      ...statementOptions,
      {
        name: 'fingerprint',
        value: 'SHA256:…',
        help: 'name the key that will sign; no other one then counts',
      },
      { name: 'out', value: 'F', help: 'write to F instead of standard output' },
      force,
      limits,
    ],
    examples: [
      {
        run: 'countersign approve prepare release.sbundle.tgz --role pm --user alice@acme.org --out pm-1.json',
        why: 'then: ssh-keygen -Y sign -f KEY -n approval@countersign pm-1.json',
      },
    ],
    arguments: one,
  },
  {
    name: 'approve attach',
    usage: 'countersign approve attach FILE --approval F... --out G',
    summary: 'put approvals into a bundle; what was signed stays the same',
    notes: [
      'F is a supplement, a statement (its signature is looked for beside it), a signature, or a folder.',
      'Attached is what is signed over exactly this bundle. Everything else is named with the reason.',
    ],
    options: [
      { name: 'approval', value: 'F', multiple: true, help: 'statement, signature, supplement or folder' },
      certificate,
      { name: 'out', value: 'G', help: 'the new bundle' },
      {
        name: 'unchecked',
        help: 'attach also kinds of signature that cannot be checked here; never false ones',
      },
      force,
      limits,
    ],
    examples: [
      {
        run: 'countersign approve attach release.sbundle.tgz --approval pm-1.json --approval carol.tgz --out approved.sbundle.tgz',
        why: 'one bundle with both approvals inside',
      },
    ],
    arguments: one,
  },
  {
    name: 'approve status',
    usage: 'countersign approve status FILE... --rule TRUST.yaml[#NAME] [--approval F...]',
    summary: 'which approvals are there, which are missing, who could give them',
    notes: [
      'Exit 0 when all are there, 40 when something is pending; 10, 14 and 60 as "verify" gives them.',
      'With several files or a folder it is the list of what is pending, and the worst exit code wins.',
    ],
    options: [
      rule,
      {
        name: 'allowed-signers',
        value: 'FILE',
        multiple: true,
        help: 'OpenSSH allowed_signers: adds people, never roles',
      },
      { name: 'approval', value: 'FILE', multiple: true, help: 'loose approval, signature or supplement' },
      certificate,
      { name: 'now', value: 'TIME', help: 'judge at this time (RFC 3339) instead of the clock' },
      limits,
      json,
    ],
    examples: [
      {
        run: 'countersign approve status release.sbundle.tgz --rule trust.yaml --approval pm-1.json --approval pm-1.json.sig',
        why: 'for example "1 of 2 given: security missing, carol@acme.org could give it"',
      },
      { run: 'countersign approve status inbox/ --rule trust.yaml', why: 'what is pending in a folder' },
    ],
    arguments: many,
  },
  {
    name: 'approve request',
    usage: 'countersign approve request FILE --role R... --user U [--key PATH] [--out F]',
    summary: 'ask people for their approval with a small file',
    notes: [
      'The request names the bundle by its digests. With --key it is signed, so that its reader can see who asks.',
    ],
    options: [
      { name: 'role', value: 'R', multiple: true, help: 'role that is asked for' },
      user,
      { name: 'comment', value: 'C', help: 'one line for those who are asked' },
      { name: 'expires', value: 'TIME', help: 'until when an answer is of use (RFC 3339)' },
      ...keyOptions,
      { name: 'out', value: 'F', help: 'write to F instead of standard output; needed with --key' },
      force,
      limits,
    ],
    examples: [
      {
        run: 'countersign approve request release.sbundle.tgz --role pm --role security --user dan@acme.org --out request.json',
        why: 'send request.json together with the bundle',
      },
    ],
    arguments: one,
  },
  {
    name: 'approve withdraw',
    usage: 'countersign approve withdraw STATEMENT.json --user U --key PATH [--comment C] [--out F]',
    summary: 'take back an approval of yours',
    notes: [
      'Writes a signed withdrawal. It counts where its readers have it: send it to everybody who got the approval.',
    ],
    options: [
      user,
      ...keyOptions,
      { name: 'comment', value: 'C', help: 'the reason, in one line' },
      { name: 'out', value: 'F', help: 'where to write; without it, withdrawal-1.json beside the statement' },
      force,
    ],
    examples: [
      {
        run: 'countersign approve withdraw pm-1.json --user alice@acme.org --key ~/.ssh/id_ed25519 --comment "wrong version"',
        why: 'the approval pm-1.json no longer counts for readers who have the withdrawal',
      },
    ],
    arguments: { min: 1, max: 1, what: 'STATEMENT.json' },
  },
  {
    name: 'keys fingerprint',
    usage: 'countersign keys fingerprint FILE... [--json]',
    summary: 'fingerprint and words of the keys in a file',
    notes: [
      'FILE is a public key, a private key of OpenSSH (its passphrase is not needed), allowed_signers, authorized_keys,',
      'an OpenPGP certificate or a trust file. Read the words to the owner by telephone.',
    ],
    options: [json],
    examples: [{ run: 'countersign keys fingerprint ~/.ssh/id_ed25519.pub', why: 'to compare by telephone' }],
    arguments: { min: 1, max: Infinity, what: 'FILE' },
  },
  {
    name: 'keys withdraw',
    usage: 'countersign keys withdraw --user U --key PATH [--comment C] [--out F]',
    summary: 'declare your key withdrawn, signed by the key itself',
    notes: [
      'Send the two files to everybody who relies on the key, and have it listed under "withdrawn" there.',
    ],
    options: [
      user,
      ...keyOptions,
      { name: 'comment', value: 'C', help: 'the reason, in one line' },
      { name: 'out', value: 'F', help: 'where to write; without it, withdrawal-1.json in this folder' },
      force,
    ],
    examples: [
      {
        run: 'countersign keys withdraw --user alice@acme.org --key old_ed25519 --comment "lost laptop"',
        why: 'write withdrawal-1.json and withdrawal-1.json.sig',
      },
    ],
    arguments: { min: 0, max: 0, what: '' },
  },
  {
    name: 'trust show',
    usage: 'countersign trust show FILE [--json]',
    summary: 'people, keys and rules of a trust file',
    notes: [],
    options: [json],
    examples: [{ run: 'countersign trust show trust.yaml', why: 'who is known, and who may approve what' }],
    arguments: one,
  },
  {
    name: 'trust check',
    usage: 'countersign trust check FILE... [--by TRUST.yaml]',
    summary: 'read trust files as "verify" would, and say what is wrong with them',
    notes: [
      'Exit 60 when one of them cannot be used. A signature beside a trust file (FILE.sig, namespace trust@countersign) is',
      'checked; a signature that does not belong to the file, or a serial that goes back, is exit 60, too.',
    ],
    options: [
      {
        name: 'by',
        value: 'FILE',
        help: 'your list, which knows who signed; without a signature of somebody on it, exit 60',
      },
    ],
    examples: [
      { run: 'countersign trust check trust.yaml', why: 'before you send it to anybody' },
      { run: 'countersign trust check new.yaml --by trust.yaml', why: 'did somebody whom I know sign it?' },
    ],
    arguments: { min: 1, max: Infinity, what: 'FILE' },
  },
  {
    name: 'trust import',
    usage: 'countersign trust import FILE... [--into TRUST.yaml] [--person P] [--out F]',
    summary: 'take people, keys and rules over into a trust file',
    notes: [
      'FILE is a trust file, allowed_signers, public keys, OpenPGP certificates, or approvers and approval policies of',
      'Specular. What changes is told, what weakens the list first; --into is read, never changed in place without --force.',
      'A signature beside a trust file (FILE.sig) is checked: --into says whose it is, and no serial goes back.',
    ],
    options: [
      { name: 'into', value: 'FILE', help: 'your list; without it a new one is made' },
      { name: 'person', value: 'P', help: 'whose keys they are, where the file does not say it' },
      {
        name: 'checked',
        value: 'C',
        help: 'how you made sure of it, for example "by telephone on 2026-11-20"',
      },
      { name: 'out', value: 'F', help: 'write to F instead of standard output' },
      force,
    ],
    examples: [
      { run: 'countersign trust import allowed_signers --out trust.yaml', why: 'a first list' },
      {
        run: 'countersign trust import carol.pub --person carol@acme.org --checked "by telephone" --into trust.yaml --out new.yaml',
        why: 'one more key',
      },
    ],
    arguments: { min: 1, max: Infinity, what: 'FILE' },
  },
  {
    name: 'trust export',
    usage: 'countersign trust export FILE [--out F]',
    summary: 'write the people of a trust file as allowed_signers, for ssh-keygen',
    notes: ['What the format cannot say (roles, OpenPGP keys) is named on standard error.'],
    options: [{ name: 'out', value: 'F', help: 'write to F instead of standard output' }, force],
    examples: [
      {
        run: 'countersign trust export trust.yaml --out allowed_signers',
        why: 'then: ssh-keygen -Y verify -f allowed_signers …',
      },
    ],
    arguments: one,
  },
];
