import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { selfContainedWorker } from './src/tools/worker-plugin.mjs';

export default defineConfig({
  plugins: [selfContainedWorker(), sveltekit()],
  worker: { format: 'es' },
  server: {
    // Folders outside Kit's own list; without this the development server answers 403.
    fs: { allow: ['workers', 'schemas', 'test-vectors'] },
  },
  build: { target: 'es2022' },
});
