/// <reference types="@sveltejs/kit" />
import { build, files, prerendered, version } from '$service-worker';

const scope = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = 'countersign-';
const CACHE = `${PREFIX}build-${version}`;
const SHARED_CACHE = `${PREFIX}shared`;
/** The build before the last stays while a tab may still run it. */
const BUILDS_KEPT = 2;
/** A worker loaded from an address does not inherit the policy of its page, so its answer carries one. */
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
const SHARED_FILES_MAX = 64;
/**
 * The large editor (src/tools/monaco-plugin.mjs names its files): no part of the installation, which it must neither
 * delay nor fail. It is fetched behind it; until then a plain field does the same work, without a network too.
 */
const LATER = /\/(?:chunks\/editor\.|assets\/(?:monaco|codicon)[.-])/;

/** Address of this application, with a slash at the end, wherever it is served from. */
const root = new URL('./', scope.location.href).pathname;

scope.addEventListener('install', (event) => {
  event.waitUntil(precache());
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(removeOldBuilds().then(() => scope.clients.claim()));
});

scope.addEventListener('message', (event) => {
  const type = (event.data as { type?: unknown } | null)?.type;
  // Only a reader's answer to "a new version is ready" starts it.
  if (type === 'skip-waiting') void scope.skipWaiting();
  else if (type === 'keep-rest') event.waitUntil(keepRest().then((kept) => tell(event.source, kept)));
});

scope.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== scope.location.origin || !url.pathname.startsWith(root)) return;
  if (event.request.method === 'POST' && url.pathname === `${root}share`)
    event.respondWith(receiveShare(event.request));
  else if (event.request.method === 'GET') event.respondWith(answer(event.request, url));
});

/** Static hosts differ in how they name a page; the file with its ending exists on all of them. */
function pageFile(path: string): string {
  if (path.endsWith('/')) return `${path}index.html`;
  return path.endsWith('.html') ? path : `${path}.html`;
}

async function precache(): Promise<void> {
  const cache = await caches.open(CACHE);
  const pages = [...new Set(prerendered.map(pageFile))];
  const addresses = [...new Set([...build, ...files, ...pages])].filter((one) => !LATER.test(one));
  // A few at a time, so that a small server is not flooded on the first visit.
  const queue = [...addresses];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await store(cache, next);
    }),
  );
}

let keeping: Promise<boolean> | undefined;

/**
 * Fetches what the installation left out, one file after the other; what is here is not asked for again, so it goes on
 * where it was interrupted. True when everything is here. A file that cannot be had ends it until a page asks again.
 */
function keepRest(): Promise<boolean> {
  keeping ??= keepEach([...build, ...files].filter((one) => LATER.test(one)))
    .catch(() => false)
    .finally(() => (keeping = undefined));
  return keeping;
}

async function keepEach(addresses: readonly string[]): Promise<boolean> {
  const cache = await caches.open(CACHE);
  for (const address of addresses) {
    if ((await cache.match(address)) !== undefined) continue;
    // The names hold a digest: what the build before kept under this name is this file.
    const earlier = await caches.match(address);
    if (earlier === undefined) await store(cache, address);
    else await cache.put(address, earlier);
  }
  return true;
}

function tell(source: ExtendableMessageEvent['source'], kept: boolean): void {
  source?.postMessage({ type: 'rest', kept });
}

async function store(cache: Cache, address: string): Promise<void> {
  const response = await fetch(new Request(address, { cache: 'reload' }));
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  // An answer that came by redirect may not answer a navigation: keep its body alone.
  const { status, headers } = response;
  await cache.put(
    address,
    response.redirected ? new Response(await response.blob(), { status, headers }) : response,
  );
}

async function answer(request: Request, url: URL): Promise<Response> {
  const cached = await stored(request, url);
  if (cached !== undefined) return request.destination === 'worker' ? withWorkerPolicy(cached) : cached;
  return LATER.test(url.pathname) ? fetchAndKeep(url.pathname) : fetch(request);
}

async function fetchAndKeep(path: string): Promise<Response> {
  const response = await fetch(path);
  // No room for it is no reason to withhold it.
  if (response.ok)
    await caches
      .open(CACHE)
      .then((cache) => cache.put(path, response.clone()))
      .catch(() => undefined);
  return response;
}

async function stored(request: Request, url: URL): Promise<Response | undefined> {
  const current = await caches.open(CACHE);
  const path = request.mode === 'navigate' ? pageFile(url.pathname) : url.pathname;
  // Parts of the build before the last have other names, so any cache may answer for them.
  return (await current.match(path)) ?? (request.mode === 'navigate' ? undefined : caches.match(path));
}

function withWorkerPolicy(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('content-security-policy', WORKER_POLICY);
  return new Response(response.body, { status: response.status, headers });
}

async function removeOldBuilds(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => name.startsWith(`${PREFIX}build-`) && name !== CACHE);
  for (const name of builds.slice(0, Math.max(0, builds.length - (BUILDS_KEPT - 1))))
    await caches.delete(name);
}

/** Keeps shared files until the verify page takes them. They never leave the device. */
async function receiveShare(request: Request): Promise<Response> {
  const form = await request.formData();
  const shared = form.getAll('files').filter((entry): entry is File => entry instanceof File);
  const cache = await caches.open(SHARED_CACHE);
  for (const [index, file] of shared.slice(0, SHARED_FILES_MAX).entries()) {
    const headers = { 'x-file-name': encodeURIComponent(file.name) };
    await cache.put(`${root}shared/${index}`, new Response(file, { headers }));
  }
  return Response.redirect(`${root}verify.html`, 303);
}
