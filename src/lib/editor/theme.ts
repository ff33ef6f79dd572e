import type { Monaco } from './load';

/** Colours of the page (src/lib/styles/tokens.css) for the editor, which knows no custom properties. */
const LIGHT = { card: '#ffffff', ink: '#12181f', soft: '#48525f', line: '#dbe0e6', link: '#174a7c' };
const DARK = { card: '#1a2129', ink: '#e9edf2', soft: '#aeb8c4', line: '#2c3641', link: '#a8cbf2' };
let defined = false;

function define(monaco: Monaco): void {
  if (defined) return;
  defined = true;
  for (const [name, base, { card, ink, soft, line, link }] of [
    ['countersign-light', 'vs', LIGHT],
    ['countersign-dark', 'vs-dark', DARK],
  ] as const)
    monaco.editor.defineTheme(name, {
      base,
      inherit: true,
      rules: [
        { token: 'comment', foreground: soft.slice(1) },
        { token: 'type', foreground: link.slice(1) },
      ],
      colors: {
        'editor.background': card,
        'editor.foreground': ink,
        'editorLineNumber.foreground': soft,
        'editorLineNumber.activeForeground': ink,
        'editorWidget.background': card,
        'editorWidget.foreground': ink,
        'editorWidget.border': soft,
        'editorIndentGuide.background1': line,
        'editorSuggestWidget.background': card,
        'editorSuggestWidget.foreground': ink,
        'editorHoverWidget.background': card,
        'editorHoverWidget.foreground': ink,
        'editorHoverWidget.border': soft,
      },
    });
}

/** Follows the page between light and dark. Returns how to stop. */
export function useTheme(monaco: Monaco, host: HTMLElement): () => void {
  define(monaco);
  const apply = (): void => {
    const dark = isDark(host);
    monaco.editor.setTheme(dark ? 'countersign-dark' : 'countersign-light');
  };
  apply();
  const wish = matchMedia('(prefers-color-scheme: dark)');
  wish.addEventListener('change', apply);
  // The reader's own choice stands on the root element.
  const watcher = new MutationObserver(apply);
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    wish.removeEventListener('change', apply);
    watcher.disconnect();
  };
}

function isDark(host: HTMLElement): boolean {
  const scheme = getComputedStyle(host).colorScheme;
  if (scheme === 'dark' || scheme === 'light') return scheme === 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches;
}
