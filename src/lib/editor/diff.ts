import type { Monaco } from './load';
import { useTheme } from './theme';

/** Two texts in the large editor. */
export interface FullDiff {
  /** Side by side, or one below the other. */
  place(sides: boolean): void;
  take(before: string, after: string): void;
  dispose(): void;
}

interface Wishes {
  /** What screen readers call each side. */
  readonly labels: { readonly before: string; readonly after: string };
  readonly before: string;
  readonly after: string;
  readonly sides: boolean;
}

/** Shows what differs between two texts; neither can be changed there. */
export function createDiff(
  monaco: Monaco,
  host: HTMLElement,
  { labels, before, after, sides }: Wishes,
): FullDiff {
  const forgetTheme = useTheme(monaco, host);
  const original = monaco.editor.createModel(before, 'yaml');
  const modified = monaco.editor.createModel(after, 'yaml');
  const editor = monaco.editor.createDiffEditor(host, {
    automaticLayout: true,
    readOnly: true,
    // Tab is for moving on: nothing is written here.
    tabFocusMode: true,
    editContext: false,
    useShadowDOM: false,
    fixedOverflowWidgets: true,
    fontSize: 13,
    links: false,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    stickyScroll: { enabled: false },
    hideUnchangedRegions: { enabled: true },
    renderMarginRevertIcon: false,
    renderGutterMenu: false,
    renderSideBySide: sides,
    // What was asked for is what is shown, in a narrow pane, too.
    useInlineViewWhenSpaceIsLimited: false,
    originalEditable: false,
  });
  // The editor forgets the names of its two sides whenever one of its own options changes.
  const name = (): void => {
    editor.getOriginalEditor().updateOptions({ ariaLabel: labels.before });
    editor.getModifiedEditor().updateOptions({ ariaLabel: labels.after });
  };
  editor.onDidUpdateDiff(name);
  editor.setModel({ original, modified });
  name();
  return {
    place(next) {
      editor.updateOptions({ renderSideBySide: next });
      name();
    },
    take(one, other) {
      if (original.getValue() !== one) original.setValue(one);
      if (modified.getValue() !== other) modified.setValue(other);
    },
    dispose() {
      forgetTheme();
      editor.dispose();
      original.dispose();
      modified.dispose();
    },
  };
}
