import { archiveVectors } from './table/archives.js';
import { changedVectors } from './table/changed.js';
import { encodingVectors } from './table/encodings.js';
import { kindVectors } from './table/kinds.js';
import { legacyVectors } from './table/legacy.js';
import { manifestVectors } from './table/manifests.js';
import { openPgpVectors } from './table/openpgp.js';
import { peopleVectors } from './table/people.js';
import { rareVectors } from './table/rare.js';
import { signatureVectors } from './table/signatures.js';
import { statementVectors } from './table/statements.js';
import { trustVectors } from './table/trustFiles.js';
import { truncatedVectors } from './table/truncated.js';
import { validVectors } from './table/valid.js';
import { withdrawalVectors } from './table/withdrawals.js';
import type { Vector } from './vector.js';

/** Every bundle vector, in the order of its folders. */
export function allVectors(): readonly Vector[] {
  const vectors = [
    ...validVectors(),
    ...kindVectors(),
    ...legacyVectors(),
    ...changedVectors(),
    ...manifestVectors(),
    ...signatureVectors(),
    ...openPgpVectors(),
    ...peopleVectors(),
    ...statementVectors(),
    ...trustVectors(),
    ...rareVectors(),
    ...withdrawalVectors(),
    ...encodingVectors(),
    ...truncatedVectors(),
    ...archiveVectors(),
  ];
  const names = vectors.map(({ family, name }) => `${family}/${name}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`two vectors are called ${twice}`);
  return vectors;
}
