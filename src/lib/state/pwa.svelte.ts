import { asset } from '$app/paths';
import { isBusy } from './queue.svelte';
import { t } from './locale.svelte';
import { toast } from './toasts.svelte';

let ready = $state(false);
let whole = $state(false);
let updating = false;
let asked = false;

/** True when the application is on this device; the large editor may still be on its way. */
export function offlineReady(): boolean {
  return ready;
}

/** True when the large editor is on this device, too. */
export function editorKept(): boolean {
  return whole;
}

interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/**
 * Registers the service worker by hand: under our own Trusted Types policy, and so that a new version waits for
 * the reader. A build without one (development) simply stays online.
 */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const hadController = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener('controllerchange', () => controllerChanged(hadController));
  try {
    const registration = await navigator.serviceWorker.register(workerUrl(), { updateViaCache: 'none' });
    watch(registration);
    const { active } = await navigator.serviceWorker.ready;
    if (!hadController) toast(t('pwa.ready'));
    ready = true;
    keepRest(active);
  } catch {
    // Blocked, or a plain-http host: the page works, only not offline.
    ready = false;
  }
}

/**
 * Has the worker fetch what its installation left out, or go on with it, once this page has come to rest. A worker of
 * an earlier version knows nothing of it and does not answer.
 */
function keepRest(worker: ServiceWorker | null): void {
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener(
    'message',
    ({ data }: MessageEvent<{ type?: unknown; kept?: unknown } | null>) => {
      if (data?.type === 'rest') whole = data.kept === true;
    },
  );
  serviceWorker.startMessages();
  worker?.postMessage({ type: 'keep-rest' });
}

/** The policy accepts exactly one address. */
function workerUrl(): string {
  const url = new URL(asset('/service-worker.js'), location.href).href;
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  return factory === undefined
    ? url
    : factory.createPolicy('countersign-service-worker', { createScriptURL: () => url }).createScriptURL(url);
}

/**
 * A version is new only beside one that is at work. What controls this page does not tell: WebKit may tell of the first
 * worker's being installed when that worker has already claimed the page.
 */
function watch(registration: ServiceWorkerRegistration): void {
  if (registration.waiting !== null && registration.active !== null) offer(registration);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    if (registration.active === null) return;
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed') offer(registration);
    });
  });
}

function offer(registration: ServiceWorkerRegistration): void {
  if (asked) return;
  asked = true;
  toast(t('pwa.update'), [{ label: t('pwa.updateNow'), run: () => update(registration) }], true);
}

function update(registration: ServiceWorkerRegistration): void {
  if (isBusy()) {
    // Never under work: ask again, the new version can wait.
    asked = false;
    toast(t('pwa.busy'), [{ label: t('pwa.updateNow'), run: () => update(registration) }], true);
    return;
  }
  updating = true;
  registration.waiting?.postMessage({ type: 'skip-waiting' });
}

function controllerChanged(hadController: boolean): void {
  if (updating) location.reload();
  else if (hadController)
    toast(t('pwa.otherTab'), [{ label: t('pwa.reload'), run: () => !isBusy() && location.reload() }]);
}
