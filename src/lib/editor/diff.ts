import { inertText } from '../../core/messages/inert';
import type { Monaco } from './load';
import { useTheme } from './theme';

/** How two texts are looked at. */
export interface DiffLook {
  /** Side by side, or in one column. */
  readonly sides: boolean;
  /** Lines that differ only in white space at their ends are the same. */
  readonly ignoreWhitespace: boolean;
}

/** Two texts in the large editor. */
export interface FullDiff {
  look(look: DiffLook): void;
  take(before: string, after: string): void;
  dispose(): void;
}

interface Wishes extends DiffLook {
  /** Of the file, for its colours. Attacker-controlled. */
  readonly name: string;
  /** What screen readers call each side. */
  readonly labels: { readonly before: string; readonly after: string };
  readonly before: string;
  readonly after: string;
}

/** Shows what differs between two texts; neither can be changed there. Hidden characters are written out. */
export function createDiff(monaco: Monaco, host: HTMLElement, wishes: Wishes): FullDiff {
  const { labels, name } = wishes;
  const language = /\.(?:ya?ml|json)$/i.test(name) ? 'yaml' : 'plaintext';
  const original = monaco.editor.createModel(inertText(wishes.before), language);
  const modified = monaco.editor.createModel(inertText(wishes.after), language);
  const editor = monaco.editor.createDiffEditor(host, { ...options, ...optionsOf(wishes) });
  const names = [
    keepName(monaco, editor.getOriginalEditor(), labels.before),
    keepName(monaco, editor.getModifiedEditor(), labels.after),
  ];
  const show = (): void => editor.setModel({ original, modified });
  show();
  // Lines that went, in one column, keep the colours of the theme that they were drawn in: they are drawn again.
  const forgetTheme = useTheme(monaco, host, () => {
    editor.setModel(null);
    show();
  });
  return {
    look: (look) => editor.updateOptions(optionsOf(look)),
    take(before, after) {
      const [one, other] = [inertText(before), inertText(after)];
      if (original.getValue() !== one) original.setValue(one);
      if (modified.getValue() !== other) modified.setValue(other);
    },
    dispose() {
      forgetTheme();
      for (const { dispose } of names) dispose();
      editor.dispose();
      original.dispose();
      modified.dispose();
    },
  };
}

type Side = ReturnType<ReturnType<Monaco['editor']['createDiffEditor']>['getOriginalEditor']>;

/**
 * Gives one side its name, and gives it again whenever it is lost: with each change of any option, the editor hands
 * down to its sides what changed and an empty name along with it. The first time, that is while it is being made.
 */
function keepName(monaco: Monaco, side: Side, ariaLabel: string): { readonly dispose: () => void } {
  const name = (): void => side.updateOptions({ ariaLabel });
  const watching = side.onDidChangeConfiguration((change) => {
    if (!change.hasChanged(monaco.editor.EditorOption.ariaLabel)) return;
    if (side.getOption(monaco.editor.EditorOption.ariaLabel) !== ariaLabel) name();
  });
  name();
  return { dispose: () => watching.dispose() };
}

function optionsOf({ sides, ignoreWhitespace }: DiffLook) {
  return { renderSideBySide: sides, ignoreTrimWhitespace: ignoreWhitespace };
}

const options = {
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
  // What was asked for is what is shown, in a narrow pane, too.
  useInlineViewWhenSpaceIsLimited: false,
  originalEditable: false,
} as const;
