/** A short notice with at most two answers. It is spoken politely and never covers a verdict for long. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly actions: readonly { readonly label: string; readonly run: () => void }[];
  readonly sticky: boolean;
}

const SHOWN_MS = 5000;
let list = $state.raw<readonly Toast[]>([]);
let next = 1;

export function toasts(): readonly Toast[] {
  return list;
}

export function toast(text: string, actions: Toast['actions'] = [], sticky = actions.length > 0): number {
  const id = next++;
  list = [...list.slice(-2), { id, text, actions, sticky }];
  if (!sticky) setTimeout(() => dismiss(id), SHOWN_MS);
  return id;
}

export function dismiss(id: number): void {
  list = list.filter((each) => each.id !== id);
}
