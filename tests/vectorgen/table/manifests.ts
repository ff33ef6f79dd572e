import { releaseTrust } from '../cast.js';
import {
  bundle,
  itemsOf,
  packItems,
  withChecksums,
  without,
  type BundleOptions,
  type Item,
  type Made,
} from '../bundle.js';
import { refused } from '../expect.js';
import { gzip, header, tarOf } from '../raw.js';
import { trustBytes } from '../trustText.js';
import type { Expected, Vector } from '../vector.js';
import { bothApprove, tarMembers } from './valid.js';

/** Manifests that cannot be read in exactly one way. */

interface Fault {
  readonly options?: BundleOptions;
  readonly edit?: (yaml: string) => string;
  readonly items?: (items: readonly Item[], made: Made) => readonly Item[];
  readonly pack?: (items: readonly Item[]) => Uint8Array;
  readonly limits?: Readonly<Record<string, number>>;
  readonly expect?: Partial<Expected>;
}

export function manifestFault(
  name: string,
  about: string,
  code: string | readonly string[],
  fault: Fault,
): Vector {
  const { options = {}, edit, items, limits } = fault;
  const made = bundle({ ...options, ...(edit === undefined ? {} : { edit }) });
  const all = withChecksums(itemsOf(made, bothApprove(made)));
  return {
    family: 'forged',
    name: `manifest-${name}`,
    about,
    input: (fault.pack ?? packItems)(items?.(all, made) ?? all),
    manifest: made.manifestText,
    trust: trustBytes(releaseTrust()),
    ...(limits === undefined ? {} : { limits }),
    expect: { ...refused('manifest', typeof code === 'string' ? [code] : code), ...fault.expect },
  };
}

const INVALID = 'manifest-number';

export function manifestVectors(): readonly Vector[] {
  return [...yamlVectors(), ...fieldVectors(), ...formVectors(), ...placeVectors(), ...versionVectors()];
}

function yamlVectors(): Vector[] {
  const fault = (name: string, about: string, code: string, edit: (yaml: string) => string): Vector =>
    manifestFault(name, about, code, { edit });
  return [
    fault('duplicate-key', 'The key id stands twice.', 'manifest-duplicate-key', (yaml) =>
      yaml.replace('version: ', 'id: "evil/other"\nversion: '),
    ),
    fault('duplicate-list', 'The key required_approvals stands twice.', 'manifest-duplicate-key', (yaml) =>
      yaml.replace('files:\n', 'required_approvals: []\nfiles:\n'),
    ),
    fault('anchor', 'A value carries an anchor.', 'manifest-anchor', (yaml) =>
      yaml.replace('id: "', 'id: &a "'),
    ),
    fault('alias', 'A value is an alias.', 'manifest-anchor', (yaml) =>
      yaml.replace(/version: "[^"]*"/, 'version: *a'),
    ),
    fault('merge-key', 'A merge key brings the roles.', 'manifest-merge-key', (yaml) =>
      yaml.replace('id: ', '<<: {required_approvals: []}\nid: '),
    ),
    fault('tag', 'A value carries a tag.', 'manifest-tag', (yaml) => yaml.replace('id: ', 'id: !!str ')),
    fault(
      'second-document',
      'A second YAML document follows.',
      'manifest-documents',
      (yaml) => `${yaml}---\nid: "evil/other"\n`,
    ),
    fault('byte-order-mark', 'A byte order mark stands in front.', 'manifest-bom', (yaml) => `\ufeff${yaml}`),
    fault('tabs', 'Indented by tabs.', 'manifest-tab', (yaml) => yaml.replaceAll('\n  ', '\n\t')),
    fault('empty', 'The manifest has no text.', 'manifest-empty', () => ''),
    fault('scalar', 'The manifest is one word.', 'manifest-not-mapping', () => 'manifest\n'),
    fault('cut', 'The manifest ends in the middle of a line.', 'manifest-syntax', (yaml) =>
      yaml.slice(0, yaml.indexOf('checksum: "') + 20),
    ),
  ];
}

function fieldVectors(): Vector[] {
  const fault = (
    name: string,
    about: string,
    edit: (yaml: string) => string,
    code: string | readonly string[] = INVALID,
  ): Vector => manifestFault(name, about, code, { edit });
  const path = 'path: "spec.yaml"';
  return [
    fault(
      'unknown-field',
      'A field that the dialect does not know.',
      (yaml) => yaml.replace('id: ', 'evil: "x"\nid: '),
      'manifest-field-unknown',
    ),
    fault(
      'unknown-field-in-file',
      'A row of the list has a field that the dialect does not know.',
      (yaml) => yaml.replace(path, `${path}\n    executable: true`),
      'manifest-field-unknown',
    ),
    fault(
      'field-in-capitals',
      'The roles stand under Required_Approvals.',
      (yaml) => yaml.replace('required_approvals:', 'Required_Approvals:'),
      'manifest-field-unknown',
    ),
    fault(
      'no-id',
      'The field id is not there.',
      (yaml) => yaml.replace(/id: .*\n/, ''),
      'manifest-field-missing',
    ),
    fault(
      'no-files',
      'The list has no rows.',
      (yaml) => yaml.replace(/files:\n[^]*/, 'files: []\n'),
      'manifest-no-files',
    ),
    fault(
      'files-left-out',
      'There is no list.',
      (yaml) => yaml.replace(/files:\n[^]*/, ''),
      'manifest-no-files',
    ),
    fault('size-quoted', 'A size is text.', (yaml) => yaml.replace('size: 24', 'size: "24"')),
    fault('size-leading-zero', 'A size is written 024.', (yaml) => yaml.replace('size: 24', 'size: 024')),
    fault('size-exponent', 'A size is written 2.4e1.', (yaml) => yaml.replace('size: 24', 'size: 2.4e1')),
    fault('size-negative', 'A size is below zero.', (yaml) => yaml.replace('size: 24', 'size: -24')),
    fault('size-huge', 'A size is beyond what a number can hold exactly.', (yaml) =>
      yaml.replace('size: 24', 'size: 9007199254740993'),
    ),
    fault(
      'checksum-capitals',
      'A checksum is written in capitals.',
      (yaml) =>
        yaml.replace(/checksum: "([0-9a-f]{64})"/, (_, hex: string) => `checksum: "${hex.toUpperCase()}"`),
      'manifest-hex',
    ),
    fault(
      'checksum-short',
      'A checksum has 16 digits.',
      (yaml) => yaml.replace(/(checksum: "[0-9a-f]{16})[0-9a-f]{48}/, '$1'),
      'manifest-hex',
    ),
    fault(
      'checksum-prefixed',
      'A checksum has a prefix.',
      (yaml) => yaml.replace('checksum: "', 'checksum: "sha256:'),
      'manifest-hex',
    ),
    fault(
      'salt-short',
      'A salt has 30 digits.',
      (yaml) => yaml.replace(path, `${path}\n    salt: "${'ab'.repeat(15)}"`),
      'manifest-hex',
    ),
    fault(
      'algorithm-md5',
      'The integrity algorithm is md5.',
      (yaml) => yaml.replace('algorithm: "sha256"', 'algorithm: "md5"'),
      'manifest-algorithm',
    ),
    fault(
      'algorithm-none',
      'The integrity algorithm is none.',
      (yaml) => yaml.replace('algorithm: "sha256"', 'algorithm: "none"'),
      'manifest-algorithm',
    ),
    fault(
      'created-year-9999',
      'The bundle says it was created in the year 9999.',
      (yaml) => yaml.replace('2026-11-01', '9999-11-01'),
      'manifest-created',
    ),
    fault(
      'created-no-zone',
      'The time of creation has no zone.',
      (yaml) => yaml.replace('09:00:00Z', '09:00:00'),
      'manifest-created',
    ),
    fault(
      'role-look-alike',
      'A role that is asked for has a Cyrillic letter.',
      (yaml) => yaml.replace('"security"', '"sec\u0443rity"'),
      'manifest-field-form',
    ),
    fault(
      'role-twice',
      'The same role is asked for twice.',
      (yaml) => yaml.replace('  - "security"', '  - "pm"'),
      'manifest-repeated',
    ),
    fault(
      'path-twice',
      'One path stands in the list twice.',
      (yaml) => yaml.replace('policies/default.yaml', 'spec.yaml'),
      ['manifest-path-twice', 'manifest-files-unsorted'],
    ),
    fault(
      'path-by-case',
      'Two paths differ by capitals alone.',
      (yaml) => yaml.replace('policies/default.yaml', 'SPEC.yaml'),
      'manifest-path-twice',
    ),
    fault(
      'path-dot-dot',
      'A path leads out of the bundle.',
      (yaml) => yaml.replace('policies/default.yaml', '../default.yaml'),
      'entry-unsafe-path',
    ),
    fault(
      'path-absolute',
      'A path is absolute.',
      (yaml) => yaml.replace('policies/default.yaml', '/etc/hostname'),
      'entry-unsafe-path',
    ),
    fault(
      'path-own-name',
      'The list names the manifest itself.',
      (yaml) => yaml.replace('policies/default.yaml', 'manifest.yaml'),
      'manifest-path-reserved',
    ),
    fault(
      'path-approvals',
      'The list names a file in approvals/.',
      (yaml) => yaml.replace('policies/default.yaml', 'approvals/pm-1.json'),
      'manifest-path-reserved',
    ),
    fault(
      'mixture',
      'Fields of two dialects stand together.',
      (yaml) => yaml.replace('files:\n', 'content:\n  files:\n    - "spec.yaml"\nfiles:\n'),
      'manifest-dialects-mixed',
    ),
  ];
}

/** Right values in another form than the one that the dialect writes. */
function formVectors(): Vector[] {
  const fault = (name: string, about: string, code: string, edit: (yaml: string) => string): Vector =>
    manifestFault(name, about, code, { edit });
  const NOT_CANONICAL = 'manifest-not-canonical';
  return [
    fault('comment', 'A comment stands in the manifest.', NOT_CANONICAL, (yaml) => `# made by hand\n${yaml}`),
    fault('key-order', 'Two fields have changed places.', NOT_CANONICAL, (yaml) =>
      yaml.replace(/(id: .*\n)(version: .*\n)/, '$2$1'),
    ),
    fault('single-quotes', 'A value stands in single quotes.', NOT_CANONICAL, (yaml) =>
      yaml.replace('"1.3.0"', "'1.3.0'"),
    ),
    fault('plain-scalar', 'A value stands without quotes.', NOT_CANONICAL, (yaml) =>
      yaml.replace('"1.3.0"', '1.3.0'),
    ),
    fault('escaped-letter', 'A letter is written as an escape.', NOT_CANONICAL, (yaml) =>
      yaml.replace('"1.3.0"', '"1.3.\\u0030"'),
    ),
    fault('crlf', 'Lines end with CR LF.', 'manifest-character', (yaml) => yaml.replaceAll('\n', '\r\n')),
    fault('trailing-space', 'A space stands at the end of a line.', NOT_CANONICAL, (yaml) =>
      yaml.replace('"1.3.0"', '"1.3.0" '),
    ),
    fault('no-final-newline', 'The last line has no end.', NOT_CANONICAL, (yaml) => yaml.trimEnd()),
    fault('flow-style', 'A list is written in one line.', NOT_CANONICAL, (yaml) =>
      yaml.replace('required_approvals:\n  - "pm"\n  - "security"', 'required_approvals: ["pm", "security"]'),
    ),
    fault(
      'unsorted',
      'The rows of the list are not in the order of their paths.',
      'manifest-files-unsorted',
      (yaml) => yaml.replace(/(files:\n)((?: {2}- [^]*?))( {2}- [^]*)$/, '$1$3$2'),
    ),
  ];
}

/** The manifest itself is right, but not where or how often it must be. */
function placeVectors(): Vector[] {
  return [
    manifestFault('missing', 'There is no manifest.yaml.', 'manifest-missing', {
      items: (items) => without(items, 'manifest.yaml'),
    }),
    manifestFault('not-first', 'manifest.yaml is not the first entry.', 'entries-out-of-order', {
      items: ([manifest, first, ...rest]) => [first!, manifest!, ...rest],
    }),
    manifestFault(
      'entries-unsorted',
      'Two files have changed places in the archive.',
      'entries-out-of-order',
      {
        items: ([manifest, first, second, ...rest]) => [manifest!, second!, first!, ...rest],
      },
    ),
    manifestFault('checksums-not-last', 'checksums.txt is not the last entry.', 'entries-out-of-order', {
      items: (items) => [items[0]!, items.at(-1)!, ...items.slice(1, -1)],
    }),
    manifestFault('directory-entry', 'The archive has an entry for a folder.', 'entries-out-of-order', {
      pack: (items) =>
        gzip(
          tarOf(
            ...tarMembers(items.slice(0, 1)),
            header({ name: 'docs/', type: '5' }),
            ...tarMembers(items.slice(1)),
          ),
        ),
    }),
    manifestFault('too-big', 'The manifest is larger than the limits allow.', 'manifest-too-big', {
      limits: { manifestBytesMax: 400 },
    }),
  ];
}

function versionVectors(): Vector[] {
  const newer = (
    name: string,
    about: string,
    edit: (yaml: string) => string,
    code = 'manifest-tree-newer',
  ): Vector => manifestFault(name, about, code, { edit, expect: { code: 'B-NEWER' } });
  return [
    newer('tree-unknown', 'The tree is of a kind that a later version may know.', (yaml) =>
      yaml.replace('tree: "rfc9162"', 'tree: "rfc9999"'),
    ),
    newer('tree-in-capitals', 'The tree is named in capitals, which is another name.', (yaml) =>
      yaml.replace('tree: "rfc9162"', 'tree: "RFC9162"'),
    ),
    newer('tree-empty', 'The tree has an empty name.', (yaml) => yaml.replace('tree: "rfc9162"', 'tree: ""')),
    newer(
      'schema-v2',
      'The schema is a later one.',
      (yaml) => yaml.replace('bundle/v1', 'bundle/v2'),
      'manifest-schema-newer',
    ),
    manifestFault(
      'schema-zero-width',
      'The schema ends with a character that nobody sees.',
      'manifest-schema-unknown',
      {
        edit: (yaml) => yaml.replace('bundle/v1', 'bundle/v1\u200b'),
      },
    ),
    manifestFault('schema-other', 'The schema belongs to something else.', 'manifest-schema-unknown', {
      edit: (yaml) => yaml.replace('specular.bundle/v1', 'evil/v999'),
    }),
  ];
}
