import { alice, bob, carol, dan, erin, frank, gina, hugo, mallory } from './cast.js';
import { sha256Hex, utf8 } from './raw.js';
import { canonCases } from './table/canon.js';
import { documentTables } from './table/documents.js';
import { proofCases, refusedProofCases, rootCases } from './table/merkle.js';
import { allVectors } from './vectors.js';
import { json, vectorFiles, type Files } from './write.js';

/** Every file under `test-vectors/`, by path. The same on every machine and at every time. */
export function generateVectors(): Files {
  const files: Files = new Map();
  for (const vector of allVectors()) for (const [path, bytes] of vectorFiles(vector)) files.set(path, bytes);
  for (const [path, bytes] of tables()) files.set(path, bytes);
  files.set('README.md', utf8(README));
  files.set('keys.json', utf8(json(keys())));
  files.set('MANIFEST.sha256', utf8(hashList(files)));
  return files;
}

function tables(): Files {
  const table = (folder: string, about: string, cases: unknown): [string, Uint8Array][] => [
    [`${folder}/cases.json`, utf8(json(cases))],
    [`${folder}/README.md`, utf8(`# ${folder}\n\n${about}\n`)],
  ];
  return new Map([
    ...table(
      'canon/rfc8785',
      'Texts with their RFC 8785 form, and texts that must be refused (`canonical` is null).',
      canonCases(),
    ),
    ...table(
      'merkle/roots',
      'Lists of files with the RFC 9162 root over them; the input order does not matter.',
      rootCases(),
    ),
    ...documentTables().flatMap(({ schema, form, cases }) =>
      table(
        `documents/${schema}`,
        `Documents by \`schemas/${schema}.schema.json\` (${form}): one that is taken, and one fault each. \`refused\` is null or says what has to be told: the kind of the fault, its place as a JSON pointer, its line.`,
        cases,
      ),
    ),
    ...table('merkle/proofs', 'Inclusion proofs that hold.', proofCases()),
    ...table(
      'merkle/proofs-refused',
      'One change each to a proof that holds; all must be refused.',
      refusedProofCases(),
    ),
  ]);
}

function keys(): unknown {
  return {
    note: 'TEST keys: their private halves follow from words in tests/vectorgen. Never enrol them anywhere.',
    people: [alice, bob, carol, dan, erin, frank, gina, hugo, mallory].map(({ id, name, key }) => ({
      id,
      name,
      publicKey: key.line,
      fingerprint: key.fingerprint,
    })),
  };
}

/** As `sha256sum` prints it, so that `sha256sum -c MANIFEST.sha256` checks the folder. */
function hashList(files: Files): string {
  return [...files]
    .map(([path, bytes]) => `${sha256Hex(bytes)}  ${path}\n`)
    .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1))
    .join('');
}

const README = `# Test vectors

Bundles with the verdict that every implementation of docs/SPEC.md must reach. Written by \`npm run vectors\` from
\`tests/vectorgen\`; published vectors never change, new ones are added. All keys are TEST keys.

| folder | what |
|---|---|
| \`valid/\` | what an honest sender makes: mostly confirmed, some with something still open |
| \`forged/\` | one fault each: changed content, forged signatures, wrong people, wrong times |
| \`archive/\` | one fault each in the gzip or tar container |
| \`truncated/\` | a good bundle, cut |
| \`canon/\`, \`merkle/\` | tables: RFC 8785 forms, RFC 9162 roots and proofs |
| \`documents/\` | a table for each schema: a document that is taken, and documents with one fault each |

Each bundle vector is a folder: \`input.sbundle.tgz\`, perhaps \`loose/\` (files given beside it), \`trust.yaml\` (the
reader's list and rule; absent when the reader has none), \`request.json\` (the clock, the rule's name, the limits) and
\`expect.json\`:

- \`look\`, \`code\`: the verdict.
- \`digests\`: of the archive, of manifest.yaml, and the content root. Where the verdict is \`unreadable\` a report may
  leave a digest out; it must never show another one.
- \`findings\`, \`trustFindings\`, \`looseFindings\`: every code with its severity, each once.
- \`checks\`: the status of every check. \`roles\`: whose approvals count.

\`sha256sum -c MANIFEST.sha256\` checks the folder itself.
`;
