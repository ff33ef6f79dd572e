// What the large editor needs to run under our content policy, and to stay out of everybody's way.

const STYLES = /monaco-editor\/esm\/vs\/base\/browser\/domStylesheets\.js$/;
const MADE = "const style = document.createElement('style');";
const KEPT = 'container.appendChild(style);';
const CLONED = 'const clone = globalStylesheet.cloneNode(true);';

/** A style element that the policy would refuse, as a sheet that a script may add. Runs in the page. */
const SHEET = `const style = (() => {
  const sheet = new CSSStyleSheet();
  return {
    sheet, type: '', media: '', className: '', text: '',
    get textContent() { return this.text; },
    set textContent(css) { this.text = css; sheet.replaceSync(css); },
    add() { document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]; },
    remove() { document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet); },
  };
})();`;

/**
 * Style sheets of the editor are constructed, because `style-src 'self'` refuses style elements; its code lies in
 * files of their own, which the service worker fetches when they are wanted (src/service-worker.ts).
 *
 * @returns {import('vite').Plugin}
 */
export function monacoUnderPolicy() {
  return {
    name: 'countersign:monaco-under-policy',
    enforce: 'pre',
    transform(code, id) {
      if (!STYLES.test(id.replaceAll('\\\\', '/').replace(/\?.*$/, ''))) return null;
      for (const part of [MADE, KEPT, CLONED])
        if (!code.includes(part))
          this.error(`the editor makes its style sheets in another way now: no "${part}"`);
      const changed = code
        .replace(MADE, SHEET)
        .replace(KEPT, 'style.add();')
        // There are no windows beside this one, so nothing is cloned.
        .replace(CLONED, "throw new Error('one window only'); const clone = null;");
      return { code: changed, map: null };
    },
    outputOptions(options) {
      const { chunkFileNames } = options;
      if (typeof chunkFileNames !== 'string' || !chunkFileNames.includes('immutable')) return null;
      return {
        ...options,
        chunkFileNames: (chunk) =>
          chunk.moduleIds.some((id) => id.includes('/monaco-editor/') || id.includes('monaco.worker'))
            ? chunkFileNames.replace('[hash]', 'editor.[hash]')
            : chunkFileNames,
      };
    },
  };
}
