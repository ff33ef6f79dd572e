// The content security policies: one table, read by the build (meta tag of every page) and by the
// static server (headers). docs/THREATS.md says what each line is for.

/** @typedef {Record<string, string[]>} Policy */

/**
 * Policy of every document. `connect-src 'none'` holds for all of them: no page of this application
 * talks to anybody. A page that must (a registry) gets its own line in `src/hooks.server.ts`.
 */
export const contentSecurityPolicy = {
  'default-src': ['none'],
  // The engine worker is a blob, inherits this policy, and hashes by WebAssembly.
  'script-src': ['self', 'wasm-unsafe-eval'],
  'style-src': ['self'],
  // Kit's route announcer carries one style attribute; this is its hash.
  'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
  'img-src': ['self', 'data:'],
  'font-src': ['self'],
  'connect-src': ['none'],
  'worker-src': ['self', 'blob:'],
  'manifest-src': ['self'],
  'base-uri': ['none'],
  'form-action': ['none'],
  'require-trusted-types-for': ['script'],
  'trusted-types': ['svelte-trusted-html', 'countersign-worker', 'countersign-service-worker'],
};

/** What a meta tag cannot say; sent by `src/tools/serve.mjs`, and by any host that can set headers. */
export const documentHeaders = {
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** The documents that sign read codes with a camera, after the browser has asked. Everywhere else it stays shut. */
export const cameraHeaders = {
  ...documentHeaders,
  'Permissions-Policy': 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()',
};
export const cameraPages = ['approve.html', 'keys.html'];

export const everyHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** A worker loaded from an address does not inherit the policy of its page, so its own answer carries one. */
export const scriptHeaders = {
  serviceWorker: { 'Content-Security-Policy': "default-src 'none'; script-src 'self'; connect-src 'self'" },
  worker: { 'Content-Security-Policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" },
};
