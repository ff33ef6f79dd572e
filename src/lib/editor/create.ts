import type { Fix } from '../../core/author/problem';
import type { Span } from '../../core/author/places';
import type { Monaco } from './load';
import type { Known } from './providers';
import { useTheme } from './theme';

/** The editor in a page. */
export interface FullEditor {
  /** Shows a part of the text and puts the cursor there. */
  reveal(span: Span): void;
  /** Changes the text; one undo takes it back. */
  mend(fix: Fix): void;
  /** Takes a text from outside, unless it is what stands there. */
  take(text: string): void;
  tell(found: Known): void;
  /** What screen readers call it. */
  name(label: string): void;
  dispose(): void;
}

interface Wishes {
  readonly text: string;
  readonly label: string;
  readonly onchange: (text: string) => void;
}

/** Puts an editor into an element of the page. */
export function createEditor(
  monaco: Monaco,
  host: HTMLElement,
  { text, label, onchange }: Wishes,
): FullEditor {
  const { tellModel, forgetModel, editsOf, rangeOf } = monaco.help;
  const forgetTheme = useTheme(monaco, host);
  const model = monaco.editor.createModel(text, 'yaml');
  const editor = monaco.editor.create(host, {
    ...options,
    model,
    ariaLabel: label,
    fontFamily: fontOf(host),
  });
  const value = (): string => model.getValue(monaco.editor.EndOfLinePreference.TextDefined, true);
  let taking = false;
  editor.onDidChangeModelContent(() => {
    if (!taking) onchange(value());
  });
  return {
    reveal(span) {
      const range = rangeOf(model, span);
      editor.setSelection(range);
      editor.revealRangeInCenterIfOutsideViewport(range);
      editor.focus();
    },
    mend(fix) {
      editor.pushUndoStop();
      editor.executeEdits('countersign', [...editsOf(model, fix)]);
      editor.pushUndoStop();
      editor.focus();
    },
    take(next) {
      if (next === value()) return;
      taking = true;
      model.setValue(next);
      taking = false;
    },
    tell: (found) => tellModel(model, found),
    name: (next) => editor.updateOptions({ ariaLabel: next }),
    dispose() {
      forgetTheme();
      forgetModel(model);
      editor.dispose();
      model.dispose();
    },
  };
}

function fontOf(host: HTMLElement): string {
  return getComputedStyle(host).getPropertyValue('--font-mono').trim() || 'monospace';
}

const options = {
  automaticLayout: true,
  // A field that every screen reader knows, instead of the newest interface.
  editContext: false,
  // Inside a shadow root its menus would want a style element, which the page's policy refuses.
  useShadowDOM: false,
  fixedOverflowWidgets: true,
  fontSize: 13,
  lineNumbersMinChars: 3,
  links: false,
  minimap: { enabled: false },
  occurrencesHighlight: 'off',
  scrollBeyondLastLine: false,
  stickyScroll: { enabled: false },
  tabSize: 2,
  insertSpaces: true,
  detectIndentation: false,
  unusualLineTerminators: 'off',
  wordBasedSuggestions: 'off',
  quickSuggestions: { other: true, strings: true, comments: false },
  suggest: { showWords: false },
  guides: { indentation: true },
  padding: { top: 8, bottom: 8 },
} as const;
