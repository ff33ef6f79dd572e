import type { CommandSpec } from './commands.js';

/** The part of the command table that concerns making bundles. */
export const buildCommands: readonly CommandSpec[] = [
  {
    name: 'init',
    usage: 'countersign init [--template T] [--dir D] [--id I]',
    summary: 'begin a project from a template',
    notes: [
      'Writes a specification to fill in, policies to edit and an ignore file. A file that is there already stops it; then',
      'nothing is written.',
    ],
    options: [
      {
        name: 'template',
        value: 'T',
        help: 'strict, balanced (the default), lab, or a pack; --list tells all',
      },
      { name: 'dir', value: 'D', help: 'folder of the project; the current one when not given' },
      { name: 'id', value: 'I', help: 'id of the product, for example acme/api' },
      { name: 'list', help: 'tell the templates and write nothing' },
      { name: 'force', help: 'write over files that are there already' },
    ],
    examples: [
      {
        run: 'countersign init --template strict --dir project --id acme/api',
        why: 'the strictest policies',
      },
    ],
    arguments: { min: 0, max: 0, what: '' },
  },
  {
    name: 'build',
    usage: 'countersign build --dir D --out F [options]',
    summary: 'pack a project folder into a bundle that anybody can reproduce',
    notes: [
      'Everything in the folder is packed that .specularignore does not name; links and .git never are.',
      'The same files, id, version and time of creation give the same bytes. The time is --created, or SOURCE_DATE_EPOCH,',
      'or now. What looks like a secret stops the build with exit 20.',
      'The bundle is read back by the verifying code before it gets its name.',
    ],
    options: [
      { name: 'dir', value: 'D', help: 'folder of the project' },
      { name: 'out', value: 'F', help: 'bundle to write, for example release.sbundle.tgz' },
      { name: 'include', value: 'P', multiple: true, help: 'pattern that beats the ignore file' },
      { name: 'exclude', value: 'P', multiple: true, help: 'pattern to leave out, whatever else says' },
      { name: 'require-approvals', value: 'A,B', help: 'roles that must approve, for example pm,security' },
      { name: 'level', value: 'L', help: 'L1, L2, L3 or L4' },
      { name: 'created', value: 'TIME', help: 'time of creation (RFC 3339)' },
      {
        name: 'external',
        value: 'P',
        multiple: true,
        help: 'pattern of files that are listed but not packed',
      },
      {
        name: 'redactable',
        help: 'give every file a salt, so that parts can be shown later; needs --seed-file',
      },
      { name: 'seed-file', value: 'F', help: 'at least 16 random bytes that you keep' },
      {
        name: 'supplement',
        value: 'F',
        help: 'write the files that stay outside into a second file, which verify reads beside the bundle',
      },
      {
        name: 'approvals-from',
        value: 'F',
        help: 'earlier bundle: its approvals go in when the digest is the same',
      },
      {
        name: 'allow-secret',
        value: 'P:L=WHY',
        multiple: true,
        help: 'pack what looks like a secret at this path and line, with this reason',
      },
      { name: 'allow-secrets', help: 'pack everything that looks like a secret; needs --reason' },
      { name: 'reason', value: 'TEXT', help: 'why it is none; written into the manifest' },
      { name: 'id', value: 'I', help: 'id; without it, the product of the specification' },
      { name: 'bundle-version', value: 'V', help: 'version; without it, that of the lock' },
      { name: 'description', value: 'TEXT', help: 'what is in it and why, for whoever approves it' },
      {
        name: 'metadata',
        value: 'K=V',
        multiple: true,
        help: 'such as job_id=42, service_id, pipeline_id, toolchain',
      },
      { name: 'force', help: 'write over a file that is there already' },
      { name: 'json', help: 'print one JSON document' },
    ],
    examples: [
      {
        run: 'countersign build --dir project --out release.sbundle.tgz --require-approvals pm,security --created 2026-11-20T10:00:00Z',
        why: 'the same bytes on every machine',
      },
    ],
    arguments: { min: 0, max: 0, what: '' },
  },
];
