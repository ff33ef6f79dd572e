import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { InputReport } from '../src/core/generated/report.js';
import type { VerifyRequest } from '../src/engine/engine.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { nodePlatform } from '../src/platform/node.js';
import { describeShared, sharedPath } from './shared.js';
import { BLOCK, flipBit, gzip } from './vectorgen/raw.js';
import { loadVector } from './vectors.js';

/**
 * One change to a good bundle: the result is refused, or it is the same content with the same verdict under
 * another archive digest (spare bits of gzip). `MUTATIONS=all npx vitest run tests/mutations.test.ts` tries every one;
 * otherwise an even sample, always with the same places.
 */
const ALL = process.env['MUTATIONS'] === 'all';
const SAMPLE = 200;
/** A tar beyond this size is packed anew for every change, so that only a few are tried, whatever the variable says. */
const LARGE_TAR_BYTES = 65_536;
const LARGE_SAMPLE = 25;

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

interface Base {
  readonly request: VerifyRequest;
  readonly bytes: Uint8Array;
  readonly input: InputReport;
}

interface Tally {
  refused: number;
  harmless: number;
  readonly wrong: string[];
}

async function baseOf(request: VerifyRequest): Promise<Base> {
  const report = await engine.verify(request);
  return { request, bytes: request.inputs[0]!.source as Uint8Array, input: report.inputs[0]! };
}

async function judge(base: Base, bytes: Uint8Array): Promise<InputReport> {
  const report = await engine.verify({
    ...base.request,
    inputs: [{ name: 'mutated.sbundle.tgz', source: bytes }],
  });
  return report.inputs[0]!;
}

/** Everything that a reader is told about the content and the people. */
function told({ verdict, bundleDigest, contentRoot, files, roles, findings, bundle }: InputReport): string {
  return JSON.stringify([verdict, bundleDigest, contentRoot, files, roles, findings, bundle]);
}

async function tally(
  base: Base,
  count: number,
  step: number,
  mutate: (index: number) => Uint8Array,
): Promise<Tally> {
  const result: Tally = { refused: 0, harmless: 0, wrong: [] };
  for (let index = 0; index < count; index += step) {
    const bytes = mutate(index);
    if (Buffer.compare(bytes, base.bytes) === 0) continue;
    const input = await judge(base, bytes);
    if (input.verdict.look === 'rejected' || input.verdict.look === 'unreadable') result.refused++;
    else if (told(input) === told(base.input) && input.archiveDigest !== base.input.archiveDigest)
      result.harmless++;
    else result.wrong.push(`${index}: ${input.verdict.code}`);
  }
  return result;
}

const withoutByte = (bytes: Uint8Array, at: number): Uint8Array =>
  new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]));
const withByteTwice = (bytes: Uint8Array, at: number): Uint8Array =>
  new Uint8Array(Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)]));

function swapped(tar: Uint8Array, first: number, second: number): Uint8Array {
  const copy = tar.slice();
  copy.copyWithin(first * BLOCK, second * BLOCK, (second + 1) * BLOCK);
  copy.set(tar.subarray(first * BLOCK, (first + 1) * BLOCK), second * BLOCK);
  return copy;
}

function pairs(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    Array.from({ length: count - i - 1 }, (_, j) => [i, i + j + 1] as const),
  );
}

const tarOf = ({ bytes }: Base): Uint8Array => new Uint8Array(gunzipSync(bytes));
const bytesOf = ({ bytes }: Base): number => bytes.length;
const bitsOf = ({ bytes }: Base): number => bytes.length * 8;

function mutations(load: () => Promise<Base>): void {
  const run = async (
    name: string,
    count: (base: Base) => number,
    mutate: (base: Base, index: number) => Uint8Array,
  ) => {
    const base = await load();
    const total = count(base);
    const large = count !== bytesOf && count !== bitsOf && tarOf(base).length > LARGE_TAR_BYTES;
    const step = large ? Math.ceil(total / LARGE_SAMPLE) : ALL ? 1 : Math.ceil(total / SAMPLE);
    const { refused, harmless, wrong } = await tally(base, total, step, (index) => mutate(base, index));
    console.info(
      `${name}: ${refused} refused, ${harmless} harmless, ${wrong.length} wrong of ${total}, every ${step}.`,
    );
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  };
  it('flips of one bit', () => run('bits', bitsOf, ({ bytes }, i) => flipBit(bytes, i >> 3, i & 7)));
  it('deleted bytes', () => run('deleted', bytesOf, ({ bytes }, i) => withoutByte(bytes, i)));
  it('doubled bytes', () => run('doubled', bytesOf, ({ bytes }, i) => withByteTwice(bytes, i)));
  it('cut ends', () => run('cut', bytesOf, ({ bytes }, i) => bytes.subarray(0, i)));
  it('flips of one bit in the tar', () => {
    return run(
      'tar bits',
      (base) => tarOf(base).length * 8,
      (base, i) => gzip(flipBit(tarOf(base), i >> 3, i & 7), { level: 1 }),
    );
  });
  it('swapped blocks of the tar', async () => {
    const rows = pairs(tarOf(await load()).length / BLOCK);
    await run(
      'swapped',
      () => rows.length,
      (base, i) => gzip(swapped(tarOf(base), ...rows[i]!), { level: 1 }),
    );
  });
}

const LONG = ALL ? 3_600_000 : 120_000;

describe.each(['valid/smallest', 'valid/kind-passkey'])('changes to %s', { timeout: LONG }, (name) => {
  mutations(() => baseOf(loadVector(name).request));
});

describeShared('changes to the golden bundles', () => {
  const folder = sharedPath('corpora', 'bundles', 'golden');
  const small = readdirSync(folder).filter((file) => readFileSync(`${folder}/${file}`).length < 16_384);
  describe.each(small)('%s', { timeout: LONG }, (file) => {
    const source = new Uint8Array(readFileSync(`${folder}/${file}`));
    mutations(() => baseOf({ inputs: [{ name: file, source }], loose: [], now: '2026-11-20T12:00:00Z' }));
  });
});
