/** A short notice with at most two answers. It is spoken politely and never covers a verdict for long. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly actions: readonly { readonly label: string; readonly run: () => void }[];
  readonly sticky: boolean;
}

const SHOWN_MS = 5000;
/** An answer stays possible for longer than a note can be read. */
const ANSWER_MS = 15_000;
let list = $state.raw<readonly Toast[]>([]);
let next = 1;

export function toasts(): readonly Toast[] {
  return list;
}

export function toast(text: string, actions: Toast['actions'] = [], sticky = false): number {
  const id = next++;
  const others = list.filter((each) => each.sticky || each.actions.length === 0).slice(-2);
  list = [...others, { id, text, actions, sticky }];
  if (!sticky) setTimeout(() => dismiss(id), actions.length > 0 ? ANSWER_MS : SHOWN_MS);
  return id;
}

export function dismiss(id: number): void {
  list = list.filter((each) => each.id !== id);
}
