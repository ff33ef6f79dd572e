import { resolve } from '$app/paths';

/**
 * Address of a page with its file ending, so that it works on every static host and before the service worker
 * is there. `src/hooks.ts` tells the router that both forms are the same page.
 */
export function pageHref(page: string): string {
  const root = resolve('/');
  return page === '' ? root : `${root}${root.endsWith('/') ? '' : '/'}${page}.html`;
}

/** Documents that use private keys. What verifies never shares a document with them. */
const signing: readonly string[] = ['/approve', '/keys'];

/** Documents with the large editor, whose content policy allows it style attributes (src/hooks.server.ts). */
const editing: readonly string[] = ['/policies', '/compare'];

function within(routes: readonly string[], route: string | null | undefined): boolean {
  return routes.some((one) => route === one || route?.startsWith(`${one}/`) === true);
}

/** Whether a route is a document with the large editor. */
export function hasEditor(route: string | null | undefined): boolean {
  return within(editing, route);
}

/** Whether two routes live in different documents, so that the way between them is a full load. */
export function crosses(from: string | null | undefined, to: string | null | undefined): boolean {
  return [signing, editing].some((routes) => within(routes, from) !== within(routes, to));
}
