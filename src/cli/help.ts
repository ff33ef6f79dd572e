import { commands, commonOptions, type CommandSpec, type OptionSpec } from './commands.js';

/** `countersign --help`: examples first. */
export function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const examples = ['verify', 'inspect', 'hash'].flatMap(
    (name) => commands.find((one) => one.name === name)?.examples.slice(0, 2) ?? [],
  );
  return [
    'Countersign: governance evidence anybody can check, offline.',
    '',
    'Examples',
    ...examples.flatMap(({ run, why }) => [`  ${run}`, `      ${why}`]),
    '',
    'Commands',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'Options',
    '  --version  version, build and engine',
    '  --help     this help; after a command, the help of that command',
    '',
    'The exit code tells the verdict: 0 only when everything that your rule asks for is there.',
    '"countersign verify --explain CODE" explains a finding, a verdict or an exit code.',
    '',
  ].join('\n');
}

export function commandHelp(command: CommandSpec): string {
  const options = [...command.options, ...commonOptions];
  const width = Math.max(...options.map((option) => optionName(option).length));
  return [
    `${command.name}: ${command.summary}`,
    '',
    'Examples',
    ...command.examples.flatMap(({ run, why }) => [`  ${run}`, `      ${why}`]),
    '',
    'Usage',
    `  ${command.usage}`,
    '',
    ...(command.notes.length === 0 ? [] : [...command.notes, '']),
    'Options',
    ...options.map((option) => `  ${optionName(option).padEnd(width)}  ${option.help}`),
    '',
  ].join('\n');
}

/** `-q, --quiet` or `--rule FILE[#NAME]`. */
export function optionName({ name, short, value }: OptionSpec): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}
