import type { Arguments } from './args.js';
import { findPlainFiles } from './inputs.js';
import { jsonText, type Io } from './io.js';
import { openInput, type OpenedInput } from './openInput.js';
import { beginsAsGzip, readInside, sha256OfSource } from './readings.js';
import { claim } from './words.js';

/** Digests of one file, each `sha256:<hex>`. */
interface Digests {
  readonly file: string;
  readonly sha256: string;
  readonly bundleDigest: string | null;
  readonly contentRoot: string | null;
}

/** `countersign hash`: exit 60 when a file that looks like a bundle could not be read as one. */
export async function runHash(args: Arguments, io: Io): Promise<number> {
  const rows: Digests[] = [];
  let exit = 0;
  for (const path of findPlainFiles(args.positionals, args.command.name)) {
    const input = await openInput(path, io);
    const { digests, problem } = await digestsOf(input, args, io);
    rows.push(digests);
    if (problem === null) continue;
    exit = 60;
    io.err(`${claim(path, 400)}: ${problem}\n`);
  }
  if (args.flags.has('quiet')) return exit;
  io.out(args.flags.has('json') ? jsonText(rows) : rows.map(digestText).join(''));
  return exit;
}

async function digestsOf(
  input: OpenedInput,
  args: Arguments,
  io: Io,
): Promise<{ digests: Digests; problem: string | null }> {
  const { name, source } = input;
  const inside = (await beginsAsGzip(source)) ? await readInside(input, args, io) : null;
  const sha256 = inside?.archiveDigest ?? `sha256:${await sha256OfSource(source, io.signal)}`;
  const unreadable =
    inside !== null && (inside.verdict.look === 'unreadable' || inside.bundleDigest === null);
  return {
    digests: {
      file: name,
      sha256,
      bundleDigest: unreadable ? null : (inside?.bundleDigest ?? null),
      contentRoot: unreadable ? null : (inside?.contentRoot ?? null),
    },
    problem: unreadable ? inside.verdict.sub : null,
  };
}

function digestText({ file, sha256, bundleDigest, contentRoot }: Digests): string {
  const rows = [['SHA-256 of the file', sha256]];
  if (bundleDigest !== null) rows.push(['Bundle digest', bundleDigest]);
  if (contentRoot !== null) rows.push(['Content root', contentRoot]);
  return `${claim(file, 400)}\n${rows.map(([label, value]) => `  ${(label ?? '').padEnd(21)}${value ?? ''}\n`).join('')}`;
}
