import type { Monaco } from './load';

/** Colours of the page (src/lib/styles/tokens.css) for the editor, which knows no custom properties. */
const LIGHT = { card: '#ffffff', ink: '#12181f', soft: '#48525f', line: '#dbe0e6', link: '#174a7c' };
const DARK = { card: '#1a2129', ink: '#e9edf2', soft: '#aeb8c4', line: '#2c3641', link: '#a8cbf2' };
/** Words that are read on the grounds below, too: those of the editor's own themes are too pale there. */
const LIGHT_WORDS = { text: '#0b3f8a', number: '#0a5238', keyword: '#10289e' };
const DARK_WORDS = { text: '#f0c5ad', number: '#cfe6c4', keyword: '#a9d3f7' };
/** Grounds of what came and what went: of lines, and of the words in them. */
const LIGHT_GROUNDS = {
  came: '#2ea04318',
  cameWords: '#2ea04330',
  went: '#d1242f12',
  wentWords: '#d1242f26',
};
const DARK_GROUNDS = { came: '#3fb95014', cameWords: '#3fb9502e', went: '#f8514914', wentWords: '#f851492e' };
let defined = false;

function define(monaco: Monaco): void {
  if (defined) return;
  defined = true;
  for (const [name, base, { card, ink, soft, line, link }, words, grounds] of [
    ['countersign-light', 'vs', LIGHT, LIGHT_WORDS, LIGHT_GROUNDS],
    ['countersign-dark', 'vs-dark', DARK, DARK_WORDS, DARK_GROUNDS],
  ] as const)
    monaco.editor.defineTheme(name, {
      base,
      inherit: true,
      rules: [
        { token: 'comment', foreground: soft.slice(1) },
        { token: 'type', foreground: link.slice(1) },
        { token: 'number', foreground: words.number.slice(1) },
        { token: 'number.yaml', foreground: words.number.slice(1) },
        { token: 'string', foreground: words.text.slice(1) },
        { token: 'string.yaml', foreground: words.text.slice(1) },
        { token: 'keyword', foreground: words.keyword.slice(1) },
      ],
      colors: {
        'editor.background': card,
        'editor.foreground': ink,
        'editorLineNumber.foreground': soft,
        'editorLineNumber.activeForeground': ink,
        'editorLineNumber.dimmedForeground': soft,
        'diffEditor.insertedLineBackground': grounds.came,
        'diffEditor.insertedTextBackground': grounds.cameWords,
        'diffEditor.removedLineBackground': grounds.went,
        'diffEditor.removedTextBackground': grounds.wentWords,
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

/** Follows the page between light and dark; `onchange` is called after each change. Returns how to stop. */
export function useTheme(monaco: Monaco, host: HTMLElement, onchange?: () => void): () => void {
  define(monaco);
  let now: string | null = null;
  const apply = (): void => {
    const theme = isDark(host) ? 'countersign-dark' : 'countersign-light';
    monaco.editor.setTheme(theme);
    if (now !== null && now !== theme) onchange?.();
    now = theme;
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
