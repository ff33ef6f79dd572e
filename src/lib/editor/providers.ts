import * as monaco from 'monaco-editor/editor.js';
import { inert } from '../../core/messages/inert';
import type { AuthorKind } from '../../core/author/kindWords';
import type { Fix, Problem } from '../../core/author/problem';
import type { Span } from '../../core/author/places';
import { author } from '../state/policies.svelte';

/** What is known of the document in a model. */
export interface Known {
  readonly kind: AuthorKind;
  readonly problems: readonly Problem[];
}

const OWNER = 'countersign';
const known = new Map<string, Known>();

/** Gives a model what was found in its text: marks, and what its help is asked from. */
export function tellModel(model: monaco.editor.ITextModel, found: Known): void {
  known.set(model.uri.toString(), found);
  const length = model.getValueLength();
  const markers = found.problems
    // Found in a text that has become shorter meanwhile: the next answer is on its way.
    .filter(({ span }) => span.end <= length)
    .slice(0, 500)
    .map((problem) => ({
      ...rangeOf(model, wide(problem.span, length)),
      severity: SEVERITY[problem.group],
      message: inert(`${problem.message}\n${problem.cause}\n${problem.action}`),
      source: problem.code ?? problem.group,
    }));
  monaco.editor.setModelMarkers(model, OWNER, markers);
}

export function forgetModel(model: monaco.editor.ITextModel): void {
  known.delete(model.uri.toString());
}

const SEVERITY: Readonly<Record<Problem['group'], monaco.MarkerSeverity>> = {
  error: monaco.MarkerSeverity.Error,
  security: monaco.MarkerSeverity.Warning,
  warning: monaco.MarkerSeverity.Warning,
  idea: monaco.MarkerSeverity.Info,
};

/** Of nothing, nothing can be underlined. */
function wide({ start, end }: Span, length: number): Span {
  return end > start ? { start, end } : { start, end: Math.min(start + 1, length) };
}

export function rangeOf(model: monaco.editor.ITextModel, { start, end }: Span): monaco.IRange {
  return monaco.Range.fromPositions(model.getPositionAt(start), model.getPositionAt(end));
}

export function editsOf(
  model: monaco.editor.ITextModel,
  { edits }: Fix,
): readonly { readonly range: monaco.IRange; readonly text: string }[] {
  return edits.map(({ start, end, text }) => ({ range: rangeOf(model, { start, end }), text }));
}

/** Completion, hover and quick fixes, answered by our own worker from our own schemas. */
export function registerHelp(): void {
  const { languages } = monaco;
  languages.registerCompletionItemProvider('yaml', {
    triggerCharacters: [' ', '-', '{', '[', ',', '"'],
    provideCompletionItems: complete,
  });
  languages.registerHoverProvider('yaml', { provideHover: hover });
  languages.registerCodeActionProvider('yaml', { provideCodeActions: quickFixes });
}

async function complete(
  model: monaco.editor.ITextModel,
  position: monaco.Position,
  { triggerCharacter }: monaco.languages.CompletionContext,
): Promise<monaco.languages.CompletionList> {
  const found = known.get(model.uri.toString());
  const before = model.getLineContent(position.lineNumber).slice(0, position.column - 1);
  // A space begins a value after a colon, and an entry of a list; anywhere else it is only a space.
  if (found === undefined || (triggerCharacter === ' ' && !/(?::|-|,) $/.test(before)))
    return { suggestions: [] };
  const { span, items } = await author().suggest(found.kind, model.getValue(), model.getOffsetAt(position));
  if (model.isDisposed()) return { suggestions: [] };
  const range = rangeOf(model, span);
  const { Field, Value } = monaco.languages.CompletionItemKind;
  return {
    suggestions: items.map(({ label, kind, about, text, required }, index) => ({
      label: inert(label),
      kind: kind === 'field' ? Field : Value,
      detail: inert(about.slice(0, 120)),
      documentation: inert(about),
      insertText: text,
      filterText: label,
      range,
      // What must be there comes first; then the order of the schema.
      sortText: `${required ? 0 : 1}${String(index).padStart(4, '0')}`,
      ...(/: $/.test(text) ? { command: { id: 'editor.action.triggerSuggest', title: '' } } : {}),
    })),
  };
}

async function hover(
  model: monaco.editor.ITextModel,
  position: monaco.Position,
): Promise<monaco.languages.Hover | null> {
  const found = known.get(model.uri.toString());
  if (found === undefined) return null;
  const said = await author().explain(found.kind, model.getValue(), model.getOffsetAt(position));
  if (said === null || model.isDisposed()) return null;
  const contents = [`**${words(said.title)}**`, ...said.lines.map(words)].map((value) => ({ value }));
  return { range: rangeOf(model, said.span), contents };
}

/** Text as text: nothing in it is markup. */
function words(text: string): string {
  return inert(text).replaceAll(/[\\`*_{}[\]()#+\-.!|<>&~$]/g, (one) => `\\${one}`);
}

function quickFixes(
  model: monaco.editor.ITextModel,
  range: monaco.Range,
): monaco.languages.ProviderResult<monaco.languages.CodeActionList> {
  const found = known.get(model.uri.toString());
  const from = model.getOffsetAt(range.getStartPosition());
  const to = model.getOffsetAt(range.getEndPosition());
  const markers = monaco.editor.getModelMarkers({ owner: OWNER, resource: model.uri });
  const actions = (found?.problems ?? [])
    .filter(({ span }) => span.start <= to && from <= Math.max(span.end, span.start + 1))
    .flatMap(({ fixes }) =>
      fixes.map((fix, index) => ({
        title: inert(fix.title),
        kind: 'quickfix',
        isPreferred: index === 0,
        diagnostics: markers.filter((one) => monaco.Range.areIntersectingOrTouching(one, range)),
        edit: {
          edits: editsOf(model, fix).map((textEdit) => ({
            resource: model.uri,
            versionId: model.getVersionId(),
            textEdit,
          })),
        },
      })),
    );
  return { actions, dispose: () => undefined };
}
