import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validate } from '../../src/core/generated/report.validate.js';
import type { Report } from '../../src/core/generated/report.js';
import { NOW, runApart, runHere } from './run.js';

let root = '';
const at = (name: string): string => join(root, name);
const garbage = Buffer.from('this is no archive\u001b[2J\n'.repeat(50));

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  writeFileSync(at('garbage.sbundle.tgz'), garbage);
  writeFileSync(at('abc.txt'), 'abc');
  writeFileSync(at('trust.yaml'), '\u001b[2Jnot a trust file\n');
});

afterAll(() => rmSync(root, { recursive: true }));

function spools(): string[] {
  return readdirSync(tmpdir()).filter(
    (name) => name.startsWith('countersign-') && !name.startsWith('countersign-test-'),
  );
}

describe('verify', () => {
  test('what cannot be read ends in 60, with a headline first', async () => {
    const { code, out, err } = await runHere(['verify', at('garbage.sbundle.tgz')]);
    expect(code).toBe(60);
    expect(out.split('\n')[0]).toBe("We couldn't read this file");
    expect(out).toContain('B-UNREADABLE, unreadable, exit code 60');
    expect(err).toBe('');
  });

  test('--json is one document of the schema', async () => {
    const { code, out } = await runHere([
      'verify',
      at('garbage.sbundle.tgz'),
      '--json',
      '--limits',
      'entriesMax=5',
    ]);
    expect(code).toBe(60);
    const report = JSON.parse(out) as Report;
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.now).toBe(NOW);
    expect(report.limits).toMatchObject({ changed: true, entriesMax: 5 });
    expect(report.inputs[0]?.file).toBe(at('garbage.sbundle.tgz'));
  });

  test('--quiet prints nothing and keeps the code', async () => {
    expect(await runHere(['verify', at('garbage.sbundle.tgz'), '-q'])).toEqual({
      code: 60,
      out: '',
      err: '',
    });
  });

  test('standard input gives what the file gives, and leaves nothing behind', async () => {
    const before = spools();
    const stdin = await runHere(['verify', '-'], garbage);
    const file = await runHere(['verify', at('garbage.sbundle.tgz')]);
    expect(stdin.code).toBe(60);
    // The commands to repeat a check name the file, and "-" in its own way.
    const judged = (text: string): string => text.split('Repeat it by hand')[0] ?? '';
    expect(judged(stdin.out)).toBe(judged(file.out).replaceAll(at('garbage.sbundle.tgz'), '-'));
    expect(spools()).toEqual(before);
  });

  test('a trust file that cannot be read is reported and confirms nothing', async () => {
    const { code, out } = await runHere(['verify', at('garbage.sbundle.tgz'), '--rule', at('trust.yaml')]);
    expect(code).toBe(60);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('Your trust list');
  });

  test.each([
    [['verify', 'gone.sbundle.tgz'], 'gone.sbundle.tgz'],
    [['verify', '-', '--rule', 'gone.yaml'], 'gone.yaml cannot be read'],
    [['verify', '-', '--approval', 'gone.sig'], 'gone.sig'],
    [['verify', '-', '--now', 'yesterday'], '--now yesterday'],
    [['verify', '-', '--limits', 'enormous'], 'no limits profile'],
    [['verify', '--explain', 'B-NOPE'], 'There is no code'],
    [['hash', 'gone'], 'gone'],
    [['inspect', 'gone'], 'gone'],
    [['verify', '\u001b[2J\u202e.tgz'], '<U+001B>[2J<U+202E>.tgz'],
  ])('%j is a usage error', async (argv, message) => {
    const { code, out, err } = await runHere(argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toMatch(/See "countersign \w+ --help"\.\n$/);
  });

  test('--explain', async () => {
    const { code, out } = await runHere(['verify', '--explain', '13']);
    expect(code).toBe(0);
    expect(out).toContain('B-NOSIG');
  });
});

describe('hash and inspect', () => {
  test('SHA-256 of any file, as sha256sum says it', async () => {
    const { code, out } = await runHere(['hash', at('abc.txt'), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      {
        file: at('abc.txt'),
        sha256: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        bundleDigest: null,
        contentRoot: null,
      },
    ]);
    expect((await runHere(['hash', '-'], Buffer.from('abc'))).out).toContain('sha256:ba7816bf');
  });

  test('a file that begins like a bundle and is none still has its digest, and ends in 60', async () => {
    writeFileSync(at('broken.tgz'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    const { code, out, err } = await runHere(['hash', at('broken.tgz')]);
    expect(code).toBe(60);
    expect(out).toMatch(/SHA-256 of the file {2}sha256:[0-9a-f]{64}\n$/);
    expect(err).toContain('broken.tgz: ');
  });

  test('inspect claims no verdict', async () => {
    const { code, out } = await runHere(['inspect', at('garbage.sbundle.tgz')]);
    expect(code).toBe(60);
    expect(out).toContain('Nothing of it was judged');
    expect(out).not.toMatch(/B-[A-Z]+/);
    const json = await runHere(['inspect', at('garbage.sbundle.tgz'), '--json']);
    expect(json.out).not.toContain('"verdict"');
    expect(JSON.parse(json.out)).toMatchObject({ schemaVersion: 'countersign.inspect/v1' });
  });
});

describe('controls', () => {
  test('all behave', async () => {
    const { code, out } = await runHere(['controls', '--json']);
    expect(code).toBe(0);
    const { behaved, total, failures } = JSON.parse(out) as {
      behaved: number;
      total: number;
      failures: string[];
    };
    expect(failures).toEqual([]);
    expect(behaved).toBe(total);
    expect(total).toBeGreaterThanOrEqual(24);
  });
});

describe('as a program', () => {
  test('--version names version, build and engine', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const { code, out, err } = await runApart(['--version']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^countersign \S+ \(build \S+, engine inline, Node \d+\.\d+\.\d+\)\n$/);
    expect([version, '0.0.0']).toContain(out.split(' ')[1]);
  });

  test('exit code, streams and standard input', async () => {
    const { code, out, err } = await runApart(['verify', '-'], { stdin: garbage });
    expect({ code, err }).toEqual({ code: 60, err: '' });
    expect(out.split('\n')[0]).toBe("We couldn't read this file");
    expect(out).not.toContain('\u001b');
  });

  test('a usage error goes to standard error only', async () => {
    const { code, out, err } = await runApart(['verify', '--jsn', 'x']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Did you mean "--json"?');
  });

  test('Ctrl+C ends in 130 and leaves no spooled input', async () => {
    const folder = at('spool');
    mkdirSync(folder);
    const spooled = (): boolean =>
      readdirSync(folder).some((name) => existsSync(join(folder, name, 'stdin')));
    const { code, out } = await runApart(['verify', '-'], {
      env: { TMPDIR: folder },
      interruptWhen: spooled,
    });
    expect({ code, out }).toEqual({ code: 130, out: '' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
