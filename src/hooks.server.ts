import type { Handle } from '@sveltejs/kit';
import { dev } from '$app/environment';

/**
 * Every document forbids connections (`connect-src 'none'`, src/tools/policy.mjs). The development
 * server alone loosens that, because hot replacement of modules speaks over a socket. A document that has to
 * reach a server (a registry) gets its own line here, and links to and from it are full loads.
 */
export const handle: Handle = async ({ event, resolve }) => {
  const response = await resolve(event);
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
