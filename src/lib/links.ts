import { resolve } from '$app/paths';

/**
 * Address of a page with its file ending, so that it works on every static host and before the service worker
 * is there. `src/hooks.ts` tells the router that both forms are the same page.
 */
export function pageHref(page: string): string {
  const root = resolve('/');
  return page === '' ? root : `${root}${root.endsWith('/') ? '' : '/'}${page}.html`;
}
