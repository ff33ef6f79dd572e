import { toHex } from '../core/bytes/hex.js';
import type { ByteSource } from '../core/bytes/source.js';
import type { InputReport } from '../core/generated/report.js';
import type { VerifyInput } from '../engine/engine.js';
import { nodePlatform } from '../platform/node.js';
import { valueOf, type Arguments } from './args.js';
import { openEngine } from './engine.js';
import type { Io } from './io.js';
import { createProgressLine } from './progress.js';
import { parseLimits } from './settings.js';

/**
 * What is inside one file, read by the same engine that judges, without rule or trust list; null when it is no
 * bundle but a supplement. The verdict in it is of no use and is not shown.
 */
export async function readInside(input: VerifyInput, args: Arguments, io: Io): Promise<InputReport | null> {
  const settings = parseLimits(valueOf(args, 'limits'), args.command.name);
  const engine = openEngine(io);
  const progress = createProgressLine(io);
  try {
    const request = { inputs: [input], loose: [], now: io.clock(), ...settings };
    const report = await engine.verify(request, { signal: io.signal, onProgress: progress.show });
    return report.inputs[0] ?? null;
  } finally {
    progress.clear();
  }
}

/** SHA-256 of a whole file, lower-case hex. */
export async function sha256OfSource(source: ByteSource, signal: AbortSignal): Promise<string> {
  const hash = nodePlatform().createSha256();
  for await (const chunk of source.open()) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return toHex(await hash.digest());
}

/** True when a file begins like gzip, which every bundle does. */
export async function beginsAsGzip(source: ByteSource): Promise<boolean> {
  const start: number[] = [];
  for await (const chunk of source.open()) {
    start.push(...chunk.subarray(0, 2 - start.length));
    if (start.length >= 2) break;
  }
  return start[0] === 0x1f && start[1] === 0x8b;
}
