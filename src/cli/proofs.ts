import { writeFileSync } from 'node:fs';
import { fromUtf8 } from '../core/bytes/text.js';
import type { Proof } from '../core/generated/proof.js';
import { limitsProfiles } from '../core/limits.js';
import { checkProof, proveInclusion, writeProof, type ProofCheck } from '../core/prove.js';
import { exitOfVerdict } from '../core/report/exitCodes.js';
import { readBundle } from '../core/verify.js';
import { nodePlatform } from '../platform/node.js';
import { valueOf, type Arguments } from './args.js';
import { readUpTo } from './documents.js';
import { findPlainFiles } from './inputs.js';
import { jsonText, visibleJson, type Io } from './io.js';
import { openInput } from './openInput.js';
import { readInside, sha256OfSource } from './readings.js';
import { parseLimits } from './settings.js';
import { findingLines } from './textParts.js';
import { UsageError } from './usage.js';
import { claim, line } from './words.js';

/** Read at most: a proof of a million files has 20 hashes. Bytes. */
const PROOF_BYTES_MAX = 1024 * 1024;

/**
 * `countersign prove`: refuses a bundle that cannot be read or contradicts itself (60, 10), because a proof out of
 * it would be a proof of nothing.
 */
export async function runProve(args: Arguments, io: Io): Promise<number> {
  const [bundle = '', path = ''] = args.positionals;
  const { name } = args.command;
  const [found] = findPlainFiles([bundle], name);
  if (found === undefined) throw new UsageError(`There is no file ${bundle}.`, name);
  const input = await openInput(found, io);
  const inside = await readInside(input, args, io);
  if (inside === null) throw new UsageError(`${bundle} is a supplement, not a bundle.`, name);
  if (inside.verdict.look === 'unreadable' || inside.verdict.code === 'B-CHANGED') {
    io.err(
      `No proof is made from this bundle: ${line(inside.verdict.headline)}. ${line(inside.verdict.sub)}\n`,
    );
    return exitOfVerdict(inside.verdict.code);
  }
  const settings = parseLimits(valueOf(args, 'limits'), name);
  const limits = { ...limitsProfiles[settings.limitsProfile], ...settings.limits };
  const platform = nodePlatform();
  const reading = await readBundle(input.name, input.source, { platform, limits, signal: io.signal });
  const proof =
    reading.manifest === null
      ? null
      : proveInclusion(reading.manifest, path, `sha256:${reading.manifestSha256 ?? ''}`, platform);
  if (proof === null)
    throw new UsageError(`${path} is no listed file of ${bundle}, or its dialect lists no digests.`, name);
  return save(proof, args, io);
}

function save(proof: Proof, args: Arguments, io: Io): number {
  const out = valueOf(args, 'out');
  if (out === null) {
    if (!args.flags.has('quiet')) io.out(`${visibleJson(fromUtf8(writeProof(proof)) ?? '')}\n`);
    return 0;
  }
  try {
    writeFileSync(out, writeProof(proof), { flag: 'wx' });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const why = exists ? 'is there already; nothing was written' : 'cannot be written';
    throw new UsageError(`${out} ${why}.`, args.command.name);
  }
  if (!args.flags.has('quiet')) io.err(`${claim(out, 400)}: leads to ${proof.contentRoot}\n`);
  return 0;
}

const outcomes: Readonly<
  Record<ProofCheck['outcome'], { readonly exit: number; readonly headline: string }>
> = {
  proven: { exit: 0, headline: 'This file is listed under the content root that you gave' },
  unconfirmed: {
    exit: 14,
    headline: 'The proof fits together, but you gave no content root to hold it against',
  },
  false: { exit: 10, headline: 'This proof does not fit' },
  unreadable: { exit: 60, headline: "We couldn't read this proof" },
};

/** `countersign check-proof`: 0 only when the proof leads to the root that the reader gave. */
export async function runCheckProof(args: Arguments, io: Io): Promise<number> {
  const [path = ''] = args.positionals;
  const { name } = args.command;
  const root = rootOf(args);
  const file = valueOf(args, 'file');
  const bytes = readUpTo(path, PROOF_BYTES_MAX + 1, name);
  const expected = {
    ...(root === null ? {} : { contentRoot: root }),
    ...(file === null ? {} : { file: await measure(file, io, name) }),
  };
  const check = checkProof(bytes, expected, nodePlatform());
  const { exit } = outcomes[check.outcome];
  if (args.flags.has('quiet')) return exit;
  if (args.flags.has('json')) io.out(jsonText({ schemaVersion: 'countersign.proof-check/v1', ...check }));
  else io.out(checkText(check, file !== null, io));
  return exit;
}

function checkText({ outcome, proof, findings }: ProofCheck, fileGiven: boolean, io: Io): string {
  const rows = [
    ...(proof === null
      ? []
      : [`${claim(proof.entry.path, 4096)}, ${proof.entry.size} bytes, sha256 ${proof.entry.sha256}`]),
    ...(proof === null ? [] : [`leads to: ${proof.contentRoot}`].filter(() => outcome !== 'false')),
    ...(outcome === 'proven' && !fileGiven
      ? ['The file itself was not given (--file), so its bytes were not compared.']
      : []),
    ...findingLines(findings, io.paint),
  ];
  return `${outcomes[outcome].headline}\n${rows.map((row) => `  ${row}\n`).join('')}`;
}

function rootOf(args: Arguments): string | null {
  const root = valueOf(args, 'root');
  if (root === null || /^sha256:[0-9a-f]{64}$/.test(root)) return root;
  throw new UsageError('--root is written as sha256: and 64 hex digits.', args.command.name);
}

async function measure(path: string, io: Io, command: string): Promise<{ sha256: string; size: number }> {
  const [found] = findPlainFiles([path], command);
  const { source } = await openInput(found ?? path, io);
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.open()) {
      size += chunk.length;
      yield chunk;
    }
  }
  const sha256 = await sha256OfSource({ sizeBytes: null, reopenable: false, open: counted }, io.signal);
  return { sha256, size };
}
