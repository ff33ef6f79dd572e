import { t } from './state/locale.svelte';
import { toast } from './state/toasts.svelte';

/** Copies and says so. Plain-http intranets have no clipboard interface, so the old way stays as a second try. */
export async function copyText(text: string, what: string): Promise<void> {
  const copied = await modernCopy(text).catch(() => oldCopy(text));
  toast(copied ? t('copy.done', { what }) : t('copy.failed', { what }));
}

async function modernCopy(text: string): Promise<boolean> {
  await navigator.clipboard.writeText(text);
  return true;
}

function oldCopy(text: string): boolean {
  const area = document.createElement('textarea');
  const focused = document.activeElement;
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/** Hands a text to the reader as a file. Nothing leaves the device. */
export function saveText(name: string, text: string, type: string): void {
  saveBlob(name, new Blob([text], { type }));
}

/** The same for bytes of any size, which the browser reads when it writes the file. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
