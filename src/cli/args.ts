import { parseArgs } from 'node:util';
import { commandNamed, commands, commonOptions, type CommandSpec, type OptionSpec } from './commands.js';
import { nearest, UsageError } from './usage.js';

/** One parsed command line. */
export interface Arguments {
  readonly command: CommandSpec;
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export type Parsed =
  | { readonly kind: 'run'; readonly args: Arguments }
  | { readonly kind: 'help'; readonly command: CommandSpec | null }
  | { readonly kind: 'version' };

/** Reads `argv` without node and script. Throws {@link UsageError} on anything that is not in the table. */
export function parseCommandLine(argv: readonly string[]): Parsed {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help', command: null };
  if (first === '--version' || first === '-V') return { kind: 'version' };
  if (first === 'help') return { kind: 'help', command: rest[0] === undefined ? null : named(rest).command };
  const { command, after } = named(argv);
  const args = parseOptions(command, after);
  if (args.flags.has('help')) return { kind: 'help', command };
  checkCount(args);
  return { kind: 'run', args };
}

/** The value of an option that the command cannot do without. Throws {@link UsageError}. */
export function demand(args: Arguments, name: string): string {
  const value = valueOf(args, name);
  if (value !== null) return value;
  const spec = args.command.options.find((option) => option.name === name);
  const what = `--${name} ${spec?.value ?? ''}`.trim();
  throw new UsageError(`"${args.command.name}" needs ${what}: ${spec?.help ?? ''}.`, args.command.name);
}

/** The last value of an option, or null. */
export function valueOf(args: Arguments, name: string): string | null {
  return args.values.get(name)?.at(-1) ?? null;
}

/** A command of two words before one of one word; `after` is what stands behind its name. */
function named([name = '', ...rest]: readonly string[]): {
  readonly command: CommandSpec;
  readonly after: readonly string[];
} {
  const [second, ...others] = rest;
  const long = second === undefined ? undefined : commandNamed(`${name} ${second}`);
  if (long !== undefined) return { command: long, after: others };
  const command = commandNamed(name);
  if (command !== undefined) return { command, after: rest };
  const group = commands.filter((one) => one.name.startsWith(`${name} `)).map((one) => one.name);
  if (group.length > 0) throw new UsageError(`"${name}" needs one of: ${group.join(', ')}.`);
  const near = nearest(
    name,
    commands.map((candidate) => candidate.name),
  );
  const hint =
    near === null ? `Commands: ${commands.map((one) => one.name).join(', ')}.` : `Did you mean "${near}"?`;
  throw new UsageError(`There is no command "${name}". ${hint}`);
}

function parseOptions(command: CommandSpec, argv: readonly string[]): Arguments {
  const specs = [...command.options, ...commonOptions];
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(specs.map((spec) => [spec.name, nodeOption(spec)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const positionals: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option') takeOption(command, specs, token, flags, values);
  }
  return { command, positionals, flags, values };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function takeOption(
  command: CommandSpec,
  specs: readonly OptionSpec[],
  token: OptionToken,
  flags: Set<string>,
  values: Map<string, string[]>,
): void {
  const spec = specs.find((candidate) => candidate.name === token.name);
  if (spec === undefined) throw unknownOption(command, specs, token.rawName);
  if (spec.value === undefined) {
    if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`, command.name);
    flags.add(spec.name);
    return;
  }
  takeValue(command, spec, token, values);
}

function takeValue(
  command: CommandSpec,
  spec: OptionSpec,
  token: OptionToken,
  values: Map<string, string[]>,
): void {
  const { value } = token;
  // "--rule --json" is a forgotten value, not a file named "--json"; "--rule=--json" says that it is meant.
  const forgotten =
    value === undefined || value === '' || (value.startsWith('-') && token.inlineValue !== true);
  if (forgotten && value !== '-')
    throw new UsageError(`--${spec.name} needs a value: --${spec.name} ${spec.value}.`, command.name);
  const before = values.get(spec.name) ?? [];
  if (before.length > 0 && spec.multiple !== true)
    throw new UsageError(`--${spec.name} is given twice.`, command.name);
  values.set(spec.name, [...before, value ?? '']);
}

function nodeOption(spec: OptionSpec): { type: 'string' | 'boolean'; multiple?: boolean; short?: string } {
  return {
    type: spec.value === undefined ? 'boolean' : 'string',
    ...(spec.multiple === true ? { multiple: true } : {}),
    ...(spec.short === undefined ? {} : { short: spec.short }),
  };
}

function unknownOption(command: CommandSpec, specs: readonly OptionSpec[], raw: string): UsageError {
  const near = nearest(
    raw.replace(/^-+/, ''),
    specs.map((spec) => spec.name),
  );
  const hint = near === null ? '' : ` Did you mean "--${near}"?`;
  return new UsageError(`"${command.name}" has no option "${raw}".${hint}`, command.name);
}

function checkCount({ command, positionals, values }: Arguments): void {
  const { min, max, what } = command.arguments;
  if (positionals.length > max) {
    throw new UsageError(
      max === 0 ? `"${command.name}" takes no arguments.` : `"${command.name}" takes ${what} and no more.`,
      command.name,
    );
  }
  const needed = command.name === 'verify' && !values.has('explain') ? 1 : min;
  if (positionals.length < needed) throw new UsageError(`"${command.name}" needs ${what}.`, command.name);
}
