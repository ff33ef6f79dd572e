import { fromUtf8 } from '../../src/core/bytes/text.js';
import { checkPath } from '../../src/core/archive/path.js';
import { canonicalJson, isCanonicalJson } from '../../src/core/canon/jcs.js';
import { parseJson, type JsonProblemKind, type JsonValue } from '../../src/core/canon/json.js';
import { readLegacyApproval } from '../../src/core/envelope/legacy.js';
import { readStatement, writeStatement } from '../../src/core/envelope/statement.js';
import { fixedLimits, limitsProfiles } from '../../src/core/limits.js';
import { readChecksums, writeChecksums } from '../../src/core/manifest/checksums.js';
import { readLines } from '../../src/core/manifest/lines.js';
import { docProblemText, type DocNode } from '../../src/core/manifest/node.js';
import { isReservedPath } from '../../src/core/manifest/names.js';
import { readManifest } from '../../src/core/manifest/readManifest.js';
import { writeManifest } from '../../src/core/manifest/writeManifest.js';
import { readYaml } from '../../src/core/manifest/yaml.js';
import { demand, outcomeOf, type Outcome, same } from './broken.js';
import type { Random } from './random.js';
import { repairJson } from './repair.js';
import { bundled, distinctBytes, sharedFiles, sharedJson, utf8, vectors } from './seeds.js';
import { plain, target } from './target.js';

const MIB = 1024 * 1024;
/** Control characters, half pairs and what readers see differently, as they would stand in a text. */
const CHARACTERS = [
  '\0',
  '\t',
  '\r',
  '\x7f',
  '\x85',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\ufffe',
  '\u00e9',
  '\ud83d\ude00',
];

// --- JSON ------------------------------------------------------------------------------------------------------

const JSON_KINDS: Readonly<Record<JsonProblemKind, true>> = {
  'too-large': true,
  utf8: true,
  bom: true,
  depth: true,
  syntax: true,
  trailing: true,
  'duplicate-key': true,
  surrogate: true,
  text: true,
  number: true,
};

function engineParse(text: string): { readonly value: JsonValue } | null {
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch {
    return null;
  }
}

function runJson(bytes: Uint8Array): Outcome {
  const read = parseJson(bytes);
  if ('problem' in read) {
    const { kind, byte, line } = read.problem;
    demand(Object.hasOwn(JSON_KINDS, kind), `unknown kind ${kind as string}`);
    demand(byte >= 0 && byte <= bytes.length && line >= 1, 'the place lies outside of the document');
    const text = kind === 'syntax' || kind === 'trailing' ? fromUtf8(bytes) : null;
    demand(text === null || engineParse(text) === null, 'refused as no JSON, but the engine reads it');
    return `refused: ${kind}`;
  }
  const canonical = canonicalJson(read.value);
  demand(isCanonicalJson(canonical), 'the canonical form is not its own canonical form');
  const parsed = engineParse(fromUtf8(bytes)!);
  demand(parsed !== null, 'accepted, but the engine refuses it');
  demand(same(canonicalJson(parsed.value), canonical), 'the engine reads another value');
  return 'accepted';
}

export const json = target({
  name: 'json',
  what:
    "the strict JSON reader and the canonical form; the canonical form is stable; what is accepted is the engine's " +
    'own reading, what is refused as syntax the engine refuses, too',
  text: true,
  dictionary: [
    ...[
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '\\u0000',
      '\\ud800',
      '\\udc00',
      '\\ud83d\\ude00',
      '\\/',
      '\\n',
    ],
    ...['null', 'true', 'false', '-0', '1e400', '1e-400', '9007199254740993', '0.1', '1E+2', '"__proto__":1'],
    ...[
      '"a":1,"a":2',
      '"\\u0061":1',
      '{"a":',
      '[[[[[[[[[[[[[[[[',
      ']]]]]]]]]]]]]]]]',
      '// c',
      'NaN',
      ...CHARACTERS,
    ],
  ],
  seeds: () =>
    plain(
      distinctBytes([
        ...sharedFiles(/\.json$/, 'corpora', 'json'),
        ...sharedFiles(/\.json$/, 'corpora', 'jcs'),
        ...bundled(/\.json$/),
      ]),
    ),
  run: runJson,
});

// --- YAML ------------------------------------------------------------------------------------------------------

function depthOf(node: DocNode): number {
  if (node.kind === 'text') return 0;
  const inside = node.kind === 'list' ? node.items : [...node.entries.values()];
  return 1 + inside.reduce((deepest, one) => Math.max(deepest, depthOf(one)), 0);
}

function runYaml(bytes: Uint8Array): Outcome {
  const read = readYaml(bytes, { bytesMax: MIB });
  const crlf = readYaml(bytes, { bytesMax: MIB, crlf: true });
  if ('problem' in read) {
    demand(Object.hasOwn(docProblemText, read.problem.kind), `unknown kind ${read.problem.kind as string}`);
    demand(read.problem.line >= 1, 'the place lies before the document');
    return `refused: ${read.problem.kind}`;
  }
  demand(depthOf(read.node) <= fixedLimits.documentDepthMax, 'it nests deeper than the limit');
  demand('node' in crlf && sameNode(crlf.node, read.node), 'permitting CRLF changes a document without CR');
  return 'accepted';
}

interface YamlCase {
  readonly in_yaml: string;
}

const YAML_WORDS = [
  ...[
    '- ',
    '? ',
    ': ',
    ':',
    '#',
    '&a ',
    '*a',
    '!!str ',
    '!',
    '%YAML 1.1\n',
    '---\n',
    '...\n',
    '<<: ',
    '|\n',
    '>-\n',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ', ',
    "'",
    '"',
    '\\',
    '\\x41',
    '\\u0000',
    '\\ud800',
    '~',
    'null',
    'true',
    'yes',
    '0o17',
  ],
  ...[
    '{a: {a: {a: {a: {a: ',
    '[[[[[[[[[[[[[[[[',
    '- - - - - - - - ',
    '"a": ',
    "'a': ",
    '? a\n: b\n',
    '__proto__: ',
  ],
  ...CHARACTERS,
];

export const yaml = target({
  name: 'yaml',
  what: 'the restricted YAML reader; nesting is bounded; permitting CRLF changes nothing without CR',
  text: true,
  dictionary: YAML_WORDS,
  seeds: () =>
    plain(
      distinctBytes([
        ...sharedJson<YamlCase[]>([], 'corpora', 'yaml', 'yaml-test-suite.json').map((one) =>
          utf8(one.in_yaml),
        ),
        ...sharedFiles(/./, 'corpora', 'yaml', 'js-yaml-load-errors'),
        ...sharedFiles(/\.ya?ml$/, 'samples'),
        ...bundled(/\.ya?ml$/).filter(({ length }) => length < 4096),
      ]),
    ),
  run: runYaml,
});

// --- Manifest --------------------------------------------------------------------------------------------------

/** Equal trees, lines apart. */
function sameNode(a: DocNode, b: DocNode): boolean {
  if (a.kind === 'text') return b.kind === 'text' && a.text === b.text && a.plain === b.plain;
  if (a.kind === 'list')
    return (
      b.kind === 'list' &&
      a.items.length === b.items.length &&
      a.items.every((item, i) => sameNode(item, b.items[i]!))
    );
  if (b.kind !== 'map' || a.entries.size !== b.entries.size) return false;
  const others = [...b.entries];
  return [...a.entries].every(([key, value], i) => others[i]![0] === key && sameNode(value, others[i]![1]));
}

/** The nodes that a row stands for which the line reader took in one step. */
function plainRow(path: string, size: string, checksum: string, line: number): DocNode {
  const text = (value: string, isPlain: boolean): DocNode => ({
    kind: 'text',
    text: value,
    plain: isPlain,
    line,
  });
  const fields: [string, DocNode][] = [
    ['path', text(path, false)],
    ['size', text(size, true)],
    ['checksum', text(checksum, false)],
  ];
  return { kind: 'map', entries: new Map(fields), line };
}

/** The line reader says that it gives the nodes of the general reader, or leaves the document to it. */
function compareReaders(bytes: Uint8Array): void {
  const rows: DocNode[] = [];
  const lines = readLines(bytes, {
    key: 'files',
    row: (node) => void rows.push(node),
    plainRow: (path, size, checksum, line) => void rows.push(plainRow(path, size, checksum, line)),
  });
  if (lines === null) return;
  const general = readYaml(bytes, { bytesMax: MIB });
  if ('problem' in lines) {
    demand(
      'problem' in general,
      `the line reader refuses (${lines.problem.kind}) what the YAML reader takes`,
    );
    return;
  }
  const why = 'problem' in general ? general.problem.kind : '';
  demand('node' in general, `the line reader takes what the YAML reader refuses (${why})`);
  demand(sameNode(withRows(lines.node, rows), general.node), 'the two readers see different documents');
}

function withRows(node: DocNode, rows: readonly DocNode[]): DocNode {
  if (node.kind !== 'map' || rows.length === 0) return node;
  const entries = new Map(node.entries);
  entries.set('files', { kind: 'list', items: rows, line: 1 });
  return { ...node, entries };
}

function runManifest(bytes: Uint8Array, _context: null, random: Random): Outcome {
  const { manifest, findings, newer } = readManifest(bytes, limitsProfiles.default);
  if (random.oneIn(4)) compareReaders(bytes);
  if (manifest !== null) {
    const paths = manifest.files.map(({ path }) => path);
    demand(new Set(paths).size === paths.length, 'a path is listed twice');
    demand(
      paths.every((path) => checkPath(path) === null && !isReservedPath(path)),
      'a path is listed that the path rules refuse',
    );
    if (manifest.dialect === 'countersign')
      demand(same(writeManifest(manifest), bytes), 'our dialect does not come back as it was');
  }
  demand(!newer || manifest === null, 'a newer manifest is read all the same');
  return outcomeOf(manifest !== null, findings);
}

export const manifest = target({
  name: 'manifest',
  what:
    'the manifest reader of all three dialects; our dialect comes back byte for byte; paths are unique and within ' +
    'the path rules; the line reader and the YAML reader never see different documents',
  text: true,
  dictionary: [
    ...[
      'schema: ',
      'specular.bundle/v1',
      'specular.bundle/v2',
      'integrity:\n',
      '  tree: "rfc9162"\n',
      'files:\n',
    ],
    ...[
      '  - path: ',
      '    size: ',
      '    checksum: ',
      '    external: true\n',
      '    mode: 420\n',
      '    salt: "',
    ],
    ...[
      'required_approvals:\n',
      'metadata:\n',
      'content:\n',
      'algo: ',
      'dependencies:\n',
      '    optional: true\n',
    ],
    ...[
      'sha256:',
      '"manifest.yaml"',
      '"../x"',
      '"approvals/a"',
      '"checksums.txt"',
      '  - "pm"\n',
      ...YAML_WORDS,
    ],
  ],
  seeds: () =>
    plain([...bundled(/(?:^|\/)manifest\.yaml$/), ...sharedFiles(/manifest-preimage\.yaml$/, 'samples')]),
  run: runManifest,
});

// --- Checksums -------------------------------------------------------------------------------------------------

function runChecksums(bytes: Uint8Array): Outcome {
  const { rows, findings } = readChecksums(bytes);
  const accepted = !findings.some(({ severity }) => severity === 'error');
  if (accepted) {
    const entries = (rows ?? []).map(({ path, sha256 }) => ({ path, sha256 }));
    const written = writeChecksums(entries);
    demand(written.length === bytes.length, 'written again, the file has another length');
  }
  return outcomeOf(accepted, findings);
}

export const checksums = target({
  name: 'checksums',
  what: 'the reader of checksums.txt; what is accepted, written again, has the same length',
  text: true,
  dictionary: ['  ', ' *', '\\', '\r\n', '\n\n', 'checksums.txt', 'manifest.yaml', '../', ...CHARACTERS],
  seeds: () => plain(bundled(/checksums\.txt$/)),
  run: runChecksums,
});

// --- Statements ------------------------------------------------------------------------------------------------

const STATEMENT_WORDS = [
  ...[
    '"role":',
    '"user":',
    '"signedAt":',
    '"decision":"approved"',
    '"expires":"',
    '"comment":"',
    '"key":"SHA256:',
  ],
  ...[
    '2026-11-20T10:00:00Z',
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59.999+23:59',
    '"name":"manifest.yaml"',
  ],
  ...[
    '"_type":',
    'urn:countersign:file-approval:v1',
    '"declined"',
    '\\u0000',
    '\\ud800',
    '"x":1,',
    ...CHARACTERS,
  ],
];

function runStatement(bytes: Uint8Array): Outcome {
  const read = readStatement(bytes);
  if ('findings' in read) return outcomeOf(false, read.findings);
  const { statement } = read;
  demand(same(statement.bytes, bytes), 'the bytes to be signed are not those that were read');
  if (statement.comment !== '')
    demand(same(writeStatement(statement), bytes), 'written again, the statement is another');
  return 'accepted';
}

export const statement = target({
  name: 'statement',
  what: 'the statement of an approval; what is accepted, written again, gives the same bytes',
  text: true,
  dictionary: STATEMENT_WORDS,
  seeds: () => plain(bundled(/(?:approvals|loose)\/.*\.json$/)),
  repair: repairJson,
  run: runStatement,
});

export const legacyApproval = target({
  name: 'legacy-approval',
  what: 'the approval of the released command line',
  text: true,
  dictionary: [
    ...['"role":', '"user":', '"signed_at":', '"signature":', '"signature_type":"ssh"', '"public_key":'],
    ...['"metadata":{}', '"comment":"a\\nb"', '\\u2028', '2026-11-20T10:00:00+01:00', ...CHARACTERS],
  ],
  seeds: () =>
    plain(
      distinctBytes([
        ...sharedFiles(/approval.*\.json$/, 'samples', 'bundles'),
        ...bundled(/approval.*\.json$/),
        ...vectors().flatMap(({ request }) => request.loose.map(({ bytes }) => bytes)),
      ]),
    ),
  run: (bytes) => {
    const { approval, findings } = readLegacyApproval(bytes);
    return outcomeOf(approval !== null, findings);
  },
});
