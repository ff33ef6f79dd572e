import { fromBase64 } from '../../core/bytes/base64.js';
import type { ControlsRun, Report } from '../../core/generated/report.js';
import type { NamedDocument, VerifyRequest } from '../engine.js';
import { controlDocuments, controls } from './generated.js';

/** One bundle whose verdict is known beforehand. Bytes are base64; documents stand in one table, as many repeat. */
export interface Control {
  readonly name: string;
  readonly input: string;
  /** File name and index into the table of documents. */
  readonly loose: readonly (readonly [name: string, document: number])[];
  readonly trust: number | null;
  readonly now: string;
  readonly look: string;
  readonly code: string;
  /** Codes that must be among the findings of the bundle. */
  readonly findings: readonly string[];
}

/** How the self-test went; `failures` says in words which control behaved otherwise. */
export type ControlsOutcome = ControlsRun & { readonly failures: readonly string[] };

/**
 * The self-test before the first verdict (docs/SPEC.md, "Controls"): every known-good and known-bad bundle
 * must get exactly its known verdict. Whoever calls this must give no verdict when there are failures.
 *
 * @param verifyOne - the very code that will judge, without controls of its own.
 */
export async function runControls(
  verifyOne: (request: VerifyRequest) => Promise<Report>,
): Promise<ControlsOutcome> {
  const failures: string[] = [];
  for (const control of controls) {
    const problem = await behave(control, verifyOne);
    if (problem !== null) failures.push(`${control.name}: ${problem}`);
  }
  return { behaved: controls.length - failures.length, total: controls.length, failures };
}

async function behave(
  control: Control,
  verifyOne: (request: VerifyRequest) => Promise<Report>,
): Promise<string | null> {
  try {
    return difference(control, await verifyOne(requestOf(control)));
  } catch (error) {
    return `stopped with ${String(error)}`;
  }
}

function difference(control: Control, report: Report): string | null {
  const [input] = report.inputs;
  if (input === undefined || report.inputs.length !== 1)
    return `${report.inputs.length} verdicts instead of one`;
  const { look, code } = input.verdict;
  if (look !== control.look || code !== control.code) {
    return `expected ${control.look} ${control.code}, found ${look} ${code}`;
  }
  const found = new Set(input.findings.map((finding) => finding.code));
  const missing = control.findings.filter((expected) => !found.has(expected));
  return missing.length === 0 ? null : `did not find ${missing.join(', ')}`;
}

function requestOf({ name, input, loose, trust, now }: Control): VerifyRequest {
  return {
    inputs: [{ name: `${name}.sbundle.tgz`, source: decoded(input) }],
    loose: loose.map(([file, document]) => documentOf(file, document)),
    now,
    ...(trust === null ? {} : { trust: documentOf('trust.yaml', trust) }),
  };
}

function documentOf(name: string, index: number): NamedDocument {
  return { name, bytes: decoded(controlDocuments[index] ?? '') };
}

function decoded(base64: string): Uint8Array {
  const bytes = fromBase64(base64);
  if (bytes === null) throw new Error('a control is damaged');
  return bytes;
}
