import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { contentSecurityPolicy } from './src/tools/policy.mjs';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: adapter({ pages: 'build', assets: 'build', strict: true }),
    // Any static host, any sub-path: every address in the output is relative.
    paths: { relative: true },
    // Registered by hand under our own Trusted Types policy, so that updating waits for the reader.
    serviceWorker: { register: false },
    csp: { mode: 'hash', directives: contentSecurityPolicy },
    // Two builds of the same sources are the same bytes: no time stamp in them.
    version: { name: process.env['COUNTERSIGN_BUILD'] ?? 'source' },
    prerender: { handleHttpError: 'fail', handleMissingId: 'fail' },
  },
};
