/** How the lines of a file are looked at: as plain lines, or in the large editor in one column or side by side. */
export type TextView = 'lines' | 'column' | 'sides';

export const textViews: readonly TextView[] = ['lines', 'column', 'sides'];
const KEY = 'countersign.compare-view';

/** What was chosen last on this device. */
export function keptTextView(): TextView {
  try {
    const kept = localStorage.getItem(KEY);
    return textViews.find((one) => one === kept) ?? 'lines';
  } catch {
    return 'lines';
  }
}

export function keepTextView(view: TextView): void {
  try {
    localStorage.setItem(KEY, view);
  } catch {
    // Storage is switched off: the choice holds for this page.
  }
}
