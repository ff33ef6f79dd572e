import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { toUtf8 } from '../core/bytes/text.js';
import { starterFiles } from '../templates/starter.js';
import { packFiles, packs } from '../templates/packs.js';
import { templates, type Template } from '../templates/templates.js';
import { valueOf, type Arguments } from './args.js';
import type { Io } from './io.js';
import { saveFiles } from './save.js';
import { orRefusal } from './signing.js';
import { UsageError } from './usage.js';
import { claim, plural } from './words.js';

const NAME = 'init';

/** Templates for policies in general, then the packs for industries. */
const choices: readonly {
  readonly name: string;
  readonly summary: string;
  readonly files: () => Template['files'];
}[] = [
  ...templates.map(({ name, summary, files }) => ({ name, summary, files: () => files })),
  ...packs.map((pack) => ({ name: pack.name, summary: pack.summary, files: () => packFiles(pack) })),
];

/** `countersign init`: exit 2 when a file is there already; then nothing was written. */
export function runInit(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    if (args.flags.has('list')) {
      io.out(choices.map(({ name, summary }) => `${name.padEnd(10)} ${summary}\n`).join(''));
      return Promise.resolve(0);
    }
    const wanted = valueOf(args, 'template') ?? 'balanced';
    const template = choices.find(({ name }) => name === wanted);
    if (template === undefined)
      throw new UsageError(
        `There is no template ${wanted}: ${choices.map(({ name }) => name).join(', ')}.`,
        NAME,
      );
    const dir = valueOf(args, 'dir') ?? '.';
    if (existsSync(dir) && !statSync(dir).isDirectory()) throw new UsageError(`${dir} is no folder.`, NAME);
    const product = valueOf(args, 'id') ?? `my/${basename(resolve(dir)).toLowerCase()}`;
    const files = [...starterFiles(product), ...template.files()].map(({ path, text }) => ({
      path,
      name: join(dir, path),
      bytes: toUtf8(text),
    }));
    const force = args.flags.has('force');
    const taken = files.find(({ name }) => existsSync(name));
    if (taken !== undefined && !force)
      throw new UsageError(`${taken.name} is there already; nothing was written.`, NAME);
    for (const { name } of files) mkdirSync(dirname(name), { recursive: true });
    saveFiles(files, { command: NAME, force });
    if (!args.flags.has('quiet')) io.out(receipt(files, wanted, dir));
    return Promise.resolve(0);
  });
}

function receipt(files: readonly { readonly path: string }[], template: string, dir: string): string {
  const at = claim(dir, 400);
  return [
    `Written: ${plural(files.length, 'file')} of the template ${template} in ${at}`,
    ...files.map(({ path }) => `  ${path}`),
    'Next: fill in .specular/spec.yaml, then',
    `  countersign lock --dir ${at} --product-version 0.1.0`,
    `  countersign build --dir ${at} --out release.sbundle.tgz`,
    '',
  ].join('\n');
}
