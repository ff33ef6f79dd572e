import { describe, expect, test } from 'vitest';
import { parseCommandLine, valueOf, type Arguments } from '../../src/cli/args.js';
import { commands, commonOptions } from '../../src/cli/commands.js';
import { commandHelp, overview } from '../../src/cli/help.js';
import { parseLimits, parseNow } from '../../src/cli/settings.js';
import { nearest, UsageError } from '../../src/cli/usage.js';

function run(...argv: string[]): Arguments {
  const parsed = parseCommandLine(argv);
  if (parsed.kind !== 'run') throw new Error(`parsed as ${parsed.kind}`);
  return parsed.args;
}

describe('arguments', () => {
  test('options before, between and after files; values with = and without', () => {
    const args = run(
      'verify',
      '--json',
      'a.tgz',
      '--rule=trust.yaml#x',
      '-q',
      'b.tgz',
      '--approval',
      'p',
      '--approval',
      'q',
    );
    expect(args.positionals).toEqual(['a.tgz', 'b.tgz']);
    expect([...args.flags].sort()).toEqual(['json', 'quiet']);
    expect(valueOf(args, 'rule')).toBe('trust.yaml#x');
    expect(args.values.get('approval')).toEqual(['p', 'q']);
  });

  test('"-" is a file and everything after "--" is one', () => {
    expect(run('verify', '-').positionals).toEqual(['-']);
    expect(run('verify', '--', '--json').positionals).toEqual(['--json']);
  });

  test.each([
    [['verify', 'x', '--jsn'], 'Did you mean "--json"?'],
    [['verify', 'x', '--aproval', 'p'], 'Did you mean "--approval"?'],
    [['verify', 'x', '--zzzzzz'], 'has no option "--zzzzzz"'],
    [['verfy', 'x'], 'Did you mean "verify"?'],
    [['frobnicate'], 'Commands: verify, inspect'],
    [['verify'], '"verify" needs FILE'],
    [['keys'], '"keys" needs one of: keys fingerprint, keys withdraw'],
    [['trust', 'shw', 'x'], '"trust" needs one of: trust show'],
    [['approve'], '"approve" needs FILE'],
    [['approve', 'attach'], '"approve attach" needs FILE'],
    [['inspect'], '"inspect" needs FILE'],
    [['prove', 'only-one'], '"prove" needs FILE PATH'],
    [['prove', 'a', 'b', 'c'], 'no more'],
    [['controls', 'x'], 'takes no arguments'],
    [['verify', 'x', '--rule'], '--rule needs a value'],
    [['verify', 'x', '--rule', '--json'], '--rule needs a value'],
    [['verify', 'x', '--rule', ''], '--rule needs a value'],
    [['verify', 'x', '--rule', 'a', '--rule', 'b'], '--rule is given twice'],
    [['verify', 'x', '--json=yes'], 'takes no value'],
    [['verify', 'x', '--no-json'], 'has no option'],
    [['hash', 'x', '--rule', 't'], 'has no option "--rule"'],
    [['verify', '__proto__', '--__proto__'], 'has no option'],
  ])('%j is refused: %s', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(UsageError);
    expect(() => parseCommandLine(argv)).toThrow(message);
  });

  test('help and version', () => {
    expect(parseCommandLine([])).toEqual({ kind: 'help', command: null });
    expect(parseCommandLine(['--help']).kind).toBe('help');
    expect(parseCommandLine(['--version']).kind).toBe('version');
    expect(parseCommandLine(['verify', '--help'])).toMatchObject({
      kind: 'help',
      command: { name: 'verify' },
    });
    expect(parseCommandLine(['help', 'hash'])).toMatchObject({ kind: 'help', command: { name: 'hash' } });
  });

  test('help begins with examples and names every command and option', () => {
    expect(overview().split('\n')[2]).toBe('Examples');
    for (const command of commands) {
      expect(overview()).toContain(command.summary);
      const help = commandHelp(command);
      expect(help.split('\n')[2]).toBe('Examples');
      for (const option of [...command.options, ...commonOptions]) expect(help).toContain(`--${option.name}`);
    }
  });

  test('every example of the table is a command line that parses', () => {
    for (const command of commands) {
      for (const { run: example } of command.examples) {
        const [, line = ''] = /countersign (.*)$/.exec(example) ?? [];
        const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
        expect(() => parseCommandLine(words), example).not.toThrow();
      }
    }
  });

  test('suggestions only for slips', () => {
    expect(nearest('inspct', ['inspect', 'hash'])).toBe('inspect');
    expect(nearest('banana', ['inspect', 'hash'])).toBeNull();
  });
});

describe('settings', () => {
  test('limits: profile, single values, both', () => {
    expect(parseLimits(null, 'verify')).toEqual({ limitsProfile: 'default', limits: {} });
    expect(parseLimits('large', 'verify')).toEqual({ limitsProfile: 'large', limits: {} });
    expect(parseLimits('large,entriesMax=5,entryBytesMax=2GiB', 'verify')).toEqual({
      limitsProfile: 'large',
      limits: { entriesMax: 5, entryBytesMax: 2 * 1024 ** 3 },
    });
  });

  test.each([
    'huge',
    'entriesMx=5',
    'entriesMax=',
    'entriesMax=0',
    'entriesMax=-1',
    'entriesMax=1e9',
    'entriesMax=9999999GiB',
    '',
  ])('limits %j are refused', (text) => {
    expect(() => parseLimits(text, 'verify')).toThrow(UsageError);
  });

  test('now is answered in UTC', () => {
    expect(parseNow('2026-11-20T10:00:00+01:00', 'verify')).toBe('2026-11-20T09:00:00Z');
  });

  test.each(['2026-11-20', '2026-02-30T00:00:00Z', '2026-11-20T10:00:00', 'now', '2026-11-20T25:00:00Z', ''])(
    'now %j is refused',
    (text) => {
      expect(() => parseNow(text, 'verify')).toThrow(UsageError);
    },
  );
});
