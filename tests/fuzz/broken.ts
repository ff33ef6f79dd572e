import { catalogue } from '../../src/core/generated/messages.js';
import type { Finding } from '../../src/core/generated/report.js';
import { hasHiddenCharacters } from '../../src/core/messages/inert.js';

/** An invariant that an input broke. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

/** Equal bytes, at the speed of the machine. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** What a target did with one input: taken, or refused under a name that is counted. */
export type Outcome = 'accepted' | `refused: ${string}`;

/** Every finding is of the catalogue, and nothing in it is active text. */
export function checkFindings(findings: readonly Finding[]): void {
  for (const one of findings) {
    demand(Object.hasOwn(catalogue, one.code), `finding of unknown code ${one.code}`);
    const entry = catalogue[one.code as keyof typeof catalogue];
    demand(one.class === entry.class, `${one.code} has the class ${one.class}, the catalogue ${entry.class}`);
    const texts = [one.message, one.cause, one.action, one.expected ?? '', one.found ?? ''];
    const shown = [...texts, one.where.path ?? '', one.where.field ?? '', one.where.file ?? ''];
    demand(!shown.some(hasHiddenCharacters), `${one.code} shows characters that nobody sees`);
    demand(one.message !== '' && one.action !== '', `${one.code} says nothing`);
  }
}

/**
 * Accepted means no error of reading, refused means some finding: the first of the worst names the refusal. An error
 * of another axis (the digests inside disagree) leaves the document readable, and counts as refused.
 */
export function outcomeOf(readable: boolean, findings: readonly Finding[]): Outcome {
  checkFindings(findings);
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (readable) {
    const contradiction = errors.find(({ axis }) => axis === 'readable');
    demand(contradiction === undefined, `read in spite of the error ${contradiction?.code}`);
    return errors.length === 0 ? 'accepted' : `refused: ${errors[0]!.code}`;
  }
  const why = errors[0] ?? findings[0];
  demand(why !== undefined, 'refused without a finding that says why');
  return `refused: ${why.code}`;
}
