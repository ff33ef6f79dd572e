import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contentOf, runBundle } from './fuzz/bundles.js';
import { parseArgs } from './fuzz/args.js';
import { demand } from './fuzz/broken.js';
import { fuzz, replay } from './fuzz/loop.js';
import { mutate } from './fuzz/mutate.js';
import { Random } from './fuzz/random.js';
import { gzipped, repairGzip, repairTar } from './fuzz/repair.js';
import { recordedPage } from './fuzz/report.js';
import { plain, target } from './fuzz/target.js';
import { targets } from './fuzz/targets.js';
import { unpacked, utf8 } from './fuzz/seeds.js';
import { describeShared } from './shared.js';
import { loadVector } from './vectors.js';
import { header } from './core/archiveBuilder.js';

/** A short run of what docs/fuzzing.md describes; the long ones are started by hand. */
const SEED = 20261120;
const WHOLE_BUNDLES = 120;
const ONE_PARSER = 1500;

const regressions = fileURLToPath(new URL('fuzz/regressions/', import.meta.url));

describe('fuzzing, in short', () => {
  it.each(targets.map((one) => [one.name, one] as const))('%s holds its invariants', async (name, one) => {
    const executions = name.startsWith('bundle') ? WHOLE_BUNDLES : ONE_PARSER;
    const result = await fuzz(one, { executions, seconds: 50, seed: SEED });
    const failures = result.failures.map(({ message, bytes }) => [
      message,
      Buffer.from(bytes).toString('base64'),
    ]);
    expect(failures).toEqual([]);
    expect(result.executions).toBe(executions);
    expect(Object.keys(result.refused).length).toBeGreaterThan(0);
  });

  it('what it once found stays mended', async () => {
    const saved = readdirSync(regressions);
    expect(saved.length).toBeGreaterThan(0);
    for (const file of saved) {
      const one = targets.find(({ name }) => name === file.split('.')[0]);
      expect(one, `${file} names a target`).toBeDefined();
      const open = one!.open();
      const contexts = [...open.seeds.keys()].slice(0, 8);
      expect([file, await replay(open, readFileSync(join(regressions, file)), contexts)]).toEqual([
        file,
        null,
      ]);
    }
  });
});

describe('the fuzzer', () => {
  const planted = target({
    name: 'planted',
    what: 'refuses nothing, and fails where an X stands',
    text: true,
    dictionary: ['X'],
    seeds: () => plain([utf8('one\ntwo\nthree\n'), utf8('a: 1\nb: 2\n')]),
    run: (bytes) => {
      demand(!bytes.includes(0x58), 'an X');
      if (bytes.length === 0) throw new RangeError('nothing at all');
      return 'accepted';
    },
  });

  it('finds a planted fault, shortens its input and repeats it', async () => {
    const { failures } = await fuzz(planted, { executions: 2000, seconds: 20, seed: 7 });
    const found = failures.find(({ message }) => message === 'an X');
    expect(Buffer.from(found!.bytes).toString()).toBe('X');
    expect(await replay(planted.open(), found!.bytes, [0])).toBe('an X');
    expect(await replay(planted.open(), utf8('O'), [0])).toBeNull();
  });

  it('knows a false accept when it meets one', async () => {
    const { request, expect: expected } = loadVector('valid/kind-ed25519');
    expect(expected.code).toBe('B-OK');
    const tgz = request.inputs[0]!.source as Uint8Array;
    const content = contentOf(unpacked(tgz)!);
    const right = { archive: tgz, content, roles: expected.roles };
    expect(await runBundle(tgz, { request, confirmed: [right] })).toBe('accepted');
    await expect(runBundle(tgz, { request, confirmed: [] })).rejects.toThrow(/FALSE ACCEPT: .* other files/);
    const others = { ...right, roles: { pm: ['mallory@example.org'] } };
    await expect(runBundle(tgz, { request, confirmed: [others] })).rejects.toThrow(/FALSE ACCEPT: somebody/);
  });

  it('takes an error that is no finding for a failure', async () => {
    expect(await replay(planted.open(), new Uint8Array(0), [0])).toMatch(/RangeError: nothing at all/);
  });

  it('does the same for the same seed, and something else for another', () => {
    const options = { text: true, dictionary: [utf8('word')] };
    const inputs = (seed: number): string[] => {
      const random = new Random(seed);
      return Array.from({ length: 200 }, () =>
        Buffer.from(mutate(utf8('one\ntwo 2\nthree\n'), utf8('other\n'), random, options)).toString('latin1'),
      );
    };
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(1)).not.toEqual(inputs(2));
    expect(new Set(inputs(1)).size).toBeGreaterThan(150);
  });

  it('mends check sums of tar and gzip', () => {
    const right = header({ name: 'a' });
    expect(repairTar(header({ name: 'a', checksum: '0000000 ' }), new Random(1))).toEqual(right);
    const packed = gzipped(utf8('text'));
    const wrong = packed.slice();
    wrong.fill(0, wrong.length - 8);
    expect(unpacked(wrong)).toBeNull();
    expect(repairGzip(wrong, new Random(1))).toEqual(packed);
  });

  it('says what is wrong with its arguments', () => {
    expect(parseArgs(['--target', 'tar,gzip', '--seed', '3', '--report'], ['tar', 'gzip'])).toMatchObject({
      targets: ['tar', 'gzip'],
      seed: 3,
      report: true,
      input: null,
    });
    expect(() => parseArgs(['--target', 'zip'], ['tar'])).toThrow(/zip: the targets are tar/);
    expect(() => parseArgs(['--target', 'tar', '--seconds', 'x'], ['tar'])).toThrow(/--seconds needs/);
    expect(() => parseArgs(['--speed'], ['tar'])).toThrow(/--speed is not known/);
  });

  it('wrote docs/fuzzing.md', () => {
    const path = fileURLToPath(new URL('../docs/fuzzing.md', import.meta.url));
    expect(readFileSync(path, 'utf8')).toBe(recordedPage());
  });
});

describeShared('the corpora', () => {
  it.each([
    ['gzip', 200],
    ['tar', 300],
    ['yaml', 300],
    ['json', 200],
    ['sshsig', 20],
  ])('are among the seeds of %s', (name, count) => {
    const seeds = targets.find((one) => one.name === name)!.open().seeds.length;
    expect(seeds).toBeGreaterThan(count);
  });
});
