import { readFileSync } from 'node:fs';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { monacoUnderPolicy } from './src/tools/monaco-plugin.mjs';
import { selfContainedWorker } from './src/tools/worker-plugin.mjs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What a report says of the program that made it; the worker is built apart and needs the same. */
const define = {
  __COUNTERSIGN_VERSION__: JSON.stringify(version),
  __COUNTERSIGN_BUILD__: JSON.stringify(process.env['COUNTERSIGN_BUILD'] ?? 'source'),
};

export default defineConfig({
  define,
  plugins: [selfContainedWorker(define), monacoUnderPolicy(), sveltekit()],
  worker: { format: 'es' },
  server: {
    // Folders outside Kit's own list; without this the development server answers 403.
    fs: { allow: ['workers', 'schemas', 'test-vectors'] },
  },
  build: { target: 'es2022' },
});
