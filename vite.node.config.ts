import { defineConfig } from 'vite';

/** The command line and the library, each with what it needs inside, so that the files run wherever Node is. */
export default defineConfig({
  publicDir: false,
  build: {
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: true,
    minify: false,
    ssr: true,
    rolldownOptions: {
      input: { 'cli/countersign': 'src/cli/countersign.ts', index: 'src/index.ts' },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true },
});
