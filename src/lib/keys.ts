import { settings } from './state/settings.svelte';

/** The single key of a shortcut, or null when the key belongs to somebody else: a field, a dialog, the browser. */
export function shortcut(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return null;
  const target = event.target;
  if (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox]), select, textarea, dialog, [contenteditable]') !== null
  )
    return null;
  if (document.querySelector('dialog[open]') !== null) return null;
  // Escape is a convention, not a single-character shortcut: it stays when those are switched off.
  if (event.key === 'Escape') return event.key;
  return settings().shortcuts ? event.key : null;
}
