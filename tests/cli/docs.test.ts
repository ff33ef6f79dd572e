import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/args.js';
import { cliPage, exitCodesPage } from './pages.js';

const pretty = (text: string): Promise<string> => format(text, { parser: 'markdown', printWidth: 110 });

test('docs/reference/exit-codes.md says what the table says', async () => {
  await expect(await pretty(exitCodesPage())).toMatchFileSnapshot('../../docs/reference/exit-codes.md');
});

test('docs/reference/cli.md says what the table says', async () => {
  await expect(await pretty(cliPage())).toMatchFileSnapshot('../../docs/reference/cli.md');
});

test('every command of the how-to parses', () => {
  const page = readFileSync(new URL('../../docs/how-to/verify-200-bundles.md', import.meta.url), 'utf8');
  const lines = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n'));
  const commands = lines.flatMap((line) => [
    ...(/(?:^|\| |if )countersign ([^|>;]*)/.exec(line)?.slice(1) ?? []),
  ]);
  expect(commands.length).toBeGreaterThan(4);
  for (const command of commands) {
    const words = command
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^["']|["']$/g, ''));
    expect(() => parseCommandLine(words), command).not.toThrow();
  }
});
