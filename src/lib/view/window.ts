/** The slice of a long list that is in view, with some rows around it. */
export interface Slice {
  readonly first: number;
  /** Exclusive. */
  readonly last: number;
}

/** Rows of equal height; sizes in CSS pixels. */
export function visibleSlice(
  rows: number,
  rowHeight: number,
  scrollTop: number,
  viewHeight: number,
  margin = 12,
): Slice {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
  const last = Math.min(rows, Math.ceil((scrollTop + viewHeight) / rowHeight) + margin);
  return { first: Math.min(first, rows), last: Math.max(last, Math.min(first, rows)) };
}
