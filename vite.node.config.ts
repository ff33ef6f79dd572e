import { readFileSync } from 'node:fs';
import { defineConfig, type EnvironmentOptions } from 'vite';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** One output folder with every package inside: only Node's own modules stay outside. */
function target(outDir: string, input: Record<string, string>, oneFile: boolean): EnvironmentOptions {
  return {
    consumer: 'server',
    // Packages in the form that asks nothing of Node: a page loads the library, too.
    resolve: { noExternal: true, conditions: ['module', 'browser', 'import', 'default'] },
    build: {
      target: 'node20',
      outDir,
      emptyOutDir: true,
      copyPublicDir: false,
      minify: false,
      ssr: true,
      rolldownOptions: {
        input,
        // What chunks share must not become part of what the library offers.
        preserveEntrySignatures: 'strict',
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          ...(oneFile ? { codeSplitting: false } : {}),
        },
      },
    },
  };
}

/**
 * The library and the command line. The command line is one file, so that it can be carried to a machine without a
 * network; the library keeps its chunks, because a page must not load what is for Node.
 */
export default defineConfig({
  define: {
    __COUNTERSIGN_VERSION__: JSON.stringify(version),
    __COUNTERSIGN_BUILD__: JSON.stringify(process.env['COUNTERSIGN_BUILD'] ?? 'source'),
  },
  environments: {
    library: target('dist', { index: 'src/index.ts', inflater: 'src/platform/nodeInflaterThread.ts' }, false),
    cli: target('dist/cli', { countersign: 'src/cli/countersign.ts' }, true),
  },
  builder: {
    // In this order: building the library empties dist/.
    async buildApp(builder) {
      for (const name of ['library', 'cli']) {
        const environment = builder.environments[name];
        if (environment === undefined) throw new Error(`no environment ${name}`);
        await builder.build(environment);
      }
    },
  },
});
