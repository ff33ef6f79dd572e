import type { Handle } from '@sveltejs/kit';
import { dev } from '$app/environment';
import { hasEditor } from './lib/links';

/**
 * Every document forbids connections (`connect-src 'none'`, src/tools/policy.mjs). The development
 * server alone loosens that, because hot replacement of modules speaks over a socket. A document that has to
 * reach a server (a registry) gets its own line here, and links to and from it are full loads.
 */
export const handle: Handle = async ({ event, resolve }) => {
  const edits = hasEditor(event.route.id);
  const response = await resolve(event, {
    // Kit gives the whole of a prerendered document at once, its policy included.
    transformPageChunk: ({ html }) =>
      edits && html.includes('trusted-types') ? withEditorPolicy(html) : html,
  });
  const policy = response.headers.get('content-security-policy');
  if (dev && policy !== null) {
    response.headers.set(
      'content-security-policy',
      policy
        .replace("connect-src 'none'", "connect-src 'self' ws:")
        .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
    );
  }
  return response;
};

/**
 * The policy of a document with the large editor: it places its lines by style attributes, and its markup passes two
 * policies of its own (src/lib/editor/environment.ts). Everything else stays as it is in src/tools/policy.mjs.
 */
function withEditorPolicy(html: string): string {
  const swaps: readonly (readonly [RegExp, string])[] = [
    [/style-src-attr 'unsafe-hashes' 'sha256-[^']+'/, "style-src-attr 'unsafe-inline'"],
    [/trusted-types [^;"]*/, '$& monaco dompurify'],
  ];
  return swaps.reduce((now, [from, to]) => {
    if (!from.test(now)) throw new Error(`the policy of the document has no ${from.source}`);
    return now.replace(from, to);
  }, html);
}
