import { commands, commonOptions, type CommandSpec } from '../../src/cli/commands.js';
import { optionName } from '../../src/cli/help.js';
import { exitCodes, verdictsOfExit, worstFirst } from '../../src/core/report/exitCodes.js';
import { verdictPages } from '../../src/core/report/verdictPages.js';
import { verdictRows } from '../../src/core/report/verdicts.js';

const NOTE =
  '<!-- Written from the tables in src/ by tests/cli/docs.test.ts: change the table, then run "npx vitest run tests/cli/docs.test.ts -u". -->';

/** docs/reference/exit-codes.md */
export function exitCodesPage(): string {
  const rows = exitCodes.map(({ exit, name, meaning, action }) => {
    const verdicts = verdictsOfExit(exit).map((code) => `\`${code}\``);
    return `| ${exit} | ${name} | ${verdicts.join(', ')} | ${meaning} | ${action} |`;
  });
  const verdicts = verdictRows.map(({ code, look, exit }) => {
    const { means, cause, action } = verdictPages[code];
    return `### ${code}\n\nLook: ${look}. Exit code: ${exit}.\n\n${means}\n\n- Most likely cause: ${cause}\n- What to do: ${action}\n`;
  });
  return `# Exit codes and verdict codes

${NOTE}

\`countersign verify --explain CODE\` prints the same text for an exit code, a verdict code or a finding code.

## Exit codes

| Exit | Name | Verdicts | Meaning | What to do |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

With many bundles the worst exit code wins, in this order, worst first: ${worstFirst.join(', ')}. A file that was named
as a bundle and turns out to be none counts as 60.

The numbers 20, 30, 40, 50 and 60 are those of \`specular bundle gate\`. Its wide table (0 to 6 and 130) maps so: 0 to 0,
1 to 1, 2 to 2, 3 (policy) to 20, 4 (drift) to 30, 130 to 130; 5 (sign-in) and 6 (network) cannot happen here, because
nothing is fetched.

## Verdict codes

In the order in which they are tried; the first that fits is the verdict.

${verdicts.join('\n')}`;
}

/** docs/reference/cli.md */
export function cliPage(): string {
  return `# The command line

${NOTE}

Results go to standard output; messages and progress go to standard error. The exit code tells the verdict, see
[exit codes](exit-codes.md). What \`--json\` prints has a schema, see [the page about it](json-output.md). Nothing is ever fetched or sent.

- Colours appear only on a terminal, and never with \`NO_COLOR\`, \`TERM=dumb\` or \`--no-color\`. They repeat what the words
  say.
- Control characters, escape codes and other hidden characters that come from a bundle or a file name are shown as
  \`<U+001B>\`. In JSON they are written as \`\\u001b\`.
- \`-\` is standard input. It is written to a file of yours in the temporary folder and removed afterwards, also after
  Ctrl+C, so that a large bundle never sits in memory.
- Patterns (\`*\`, \`?\`, \`[a-z]\`, \`**\`) are expanded by the program where the shell did not. What a folder or a pattern gives
  is sorted; everything else keeps the order given. A file that is named twice is judged once.

${commands.map(commandSection).join('\n')}
## Options of every command

${optionTable(commonOptions)}`;
}

function commandSection(command: CommandSpec): string {
  const examples = command.examples.map(({ run, why }) => `# ${why}\n${run}`);
  const notes = command.notes.length === 0 ? '' : `${command.notes.join('\n')}\n\n`;
  const options = command.options.length === 0 ? '' : `${optionTable(command.options)}\n`;
  return `## ${command.name}

\`${command.usage}\`: ${command.summary}.

\`\`\`sh
${examples.join('\n\n')}
\`\`\`

${notes}${options}`;
}

function optionTable(options: CommandSpec['options']): string {
  const rows = options.map(
    (option) =>
      `| \`${optionName(option)}\` | ${option.help}${option.multiple === true ? '; may be given again' : ''} |`,
  );
  return `| Option | Meaning |\n| --- | --- |\n${rows.join('\n')}\n`;
}
