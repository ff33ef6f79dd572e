import { join } from 'node:path';
import { build } from 'vite';
import { root } from '../../src/tools/project.mjs';

/** The command line as a program of its own in `folder`, from the sources as they are; the path of its script. */
export async function buildProgram(folder: string): Promise<string> {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    define: { __COUNTERSIGN_VERSION__: '"0"', __COUNTERSIGN_BUILD__: '"test"' },
    ssr: { noExternal: true },
    build: {
      ssr: join(root, 'src', 'cli', 'countersign.ts'),
      outDir: folder,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: '[name].mjs' } },
    },
  });
  return join(folder, 'countersign.mjs');
}
