import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attachApprovals, type Attached } from '../core/approve.js';
import { ArchiveChangedError } from '../core/archive/rewrite.js';
import type { NamedBytes } from '../core/envelope/approval.js';
import { limitsProfiles } from '../core/limits.js';
import { nodePlatform } from '../platform/node.js';
import { startPacker } from '../platform/wasmDeflater.js';
import { demand, valueOf, type Arguments } from './args.js';
import { readCertificate, readLoose } from './documents.js';
import { findPlainFiles } from './inputs.js';
import type { Io } from './io.js';
import { openInput } from './openInput.js';
import { saveStream } from './save.js';
import { orRefusal, Refused } from './signing.js';
import { parseLimits } from './settings.js';
import { UsageError } from './usage.js';
import { claim, line, plural } from './words.js';

const SIGNATURES = ['.sig', '.asc', '.sigstore.json', '.tsr'];
const LOOSE = /\.(json|sig|asc|tsr|tgz)$/i;

/** Which exit goes with which refusal; everything else cannot be carried out as written. */
const exits: Readonly<Record<string, number>> = { 'approve-bundle-not-sound': 10, 'attach-nothing': 40 };

/** `countersign approve attach`: the bundle is read twice and written once, in pieces. */
export function runAttach(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const { name } = args.command;
    const out = demand(args, 'out');
    demand(args, 'approval');
    const [path] = findPlainFiles(args.positionals, name);
    if (path === undefined) throw new UsageError('There is no bundle.', name);
    const files = approvalFiles(args.values.get('approval') ?? [], name);
    const settings = parseLimits(valueOf(args, 'limits'), name);
    const limits = { ...limitsProfiles[settings.limitsProfile], ...settings.limits };
    const { source } = await openInput(path, io);
    const unchecked = args.flags.has('unchecked');
    const attached = await attachApprovals(source, files, nodePlatform(), limits, {
      unchecked,
      signal: io.signal,
      startPacker,
      certificates: (args.values.get('certificate') ?? []).map((one) => readCertificate(one, name)),
      now: Date.parse(io.clock()),
    });
    for (const { file, because } of attached.ignored)
      io.err(`Not attached: ${claim(file, 400)}: ${line(because)}\n`);
    const [problem] = attached.findings;
    if (attached.bundle === null || problem !== undefined)
      throw new Refused(attached.findings, attached.readable ? (exits[problem?.code ?? ''] ?? 2) : 60);
    try {
      await saveStream(out, attached.bundle.open(), io, { command: name, force: args.flags.has('force') });
    } catch (error) {
      if (!(error instanceof ArchiveChangedError)) throw error;
      throw new UsageError(`${path} changed while it was read; nothing was written.`, name);
    }
    if (!args.flags.has('quiet')) io.out(receipt(attached, out));
    return 0;
  });
}

function receipt({ added, bundleDigest }: Attached, out: string): string {
  const statements = added.filter(
    (path) => path.endsWith('.json') && !path.endsWith('.sigstore.json'),
  ).length;
  return [
    added.length === 0
      ? 'Nothing to add: every approval given is in the bundle already'
      : `Attached ${plural(statements, 'approval')} in ${plural(added.length, 'file')}; what was signed is unchanged`,
    `  bundle digest ${bundleDigest ?? ''}`,
    ...added.map((path) => `  ${path}`),
    `  written: ${claim(out, 400)}`,
    `Next: countersign approve status ${claim(out, 400)} --rule TRUST.yaml`,
    '',
  ].join('\n');
}

/** Statements bring the signatures beside them, signatures their statement, folders what looks like an approval. */
function approvalFiles(paths: readonly string[], command: string): NamedBytes[] {
  const found = new Set<string>();
  for (const path of paths) {
    if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`, command);
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        const full = join(path, name);
        if (LOOSE.test(name) && statSync(full).isFile()) found.add(full);
      }
      continue;
    }
    found.add(path);
    for (const ending of SIGNATURES) {
      if (existsSync(path + ending)) found.add(path + ending);
      const statement = path.endsWith(ending) ? path.slice(0, -ending.length) : '';
      if (statement.endsWith('.json') && existsSync(statement)) found.add(statement);
    }
  }
  return [...found].map((path) => readLoose(path, command));
}
