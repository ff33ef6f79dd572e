/** A drawing in columns: what comes first stands left. All numbers are places in lists, or pixels. */
export interface Link {
  readonly from: number;
  readonly to: number;
}

export interface Layered {
  /** Column of each node, from 0 on. */
  readonly column: readonly number[];
  /** Upper edge of each node. */
  readonly y: readonly number[];
  /** Of each link: true when it closes a circle and so leads back. */
  readonly back: readonly boolean[];
  /** Of each link: heights at which it goes past the columns between its ends. */
  readonly trails: readonly (readonly number[])[];
  readonly columns: number;
  readonly height: number;
}

export interface Sizes {
  readonly node: number;
  readonly gap: number;
  /** Room that a link takes where it goes past a column. */
  readonly bend: number;
  /** Most places at which links go past columns; those beyond go straight. */
  readonly bendsMax: number;
}

/** A node, or the point at which a link goes past a column. */
interface Item {
  readonly height: number;
  readonly before: Item[];
  readonly after: Item[];
  /** Place in its column, from 0 on. */
  at: number;
  y: number;
}

/** Longest path first, then less crossing by the middle of the neighbours, then heights. Ends for every graph. */
export function layOut(count: number, links: readonly Link[], sizes: Sizes): Layered {
  const back = closing(count, links);
  const column = columnsOf(
    count,
    links.filter((_, at) => !back[at]),
  );
  const nodes = column.map(() => newItem(sizes.node));
  const grid: Item[][] = Array.from({ length: Math.max(0, ...column.map((one) => one + 1)) }, () => []);
  nodes.forEach((item, at) => grid[column[at] ?? 0]?.push(item));
  let bends = 0;
  const trails = links.map(({ from, to }, at): Item[] => {
    const length = (column[to] ?? 0) - (column[from] ?? 0);
    if (back[at] || bends + length - 1 > sizes.bendsMax) return [];
    bends += length - 1;
    const trail = Array.from({ length: length - 1 }, () => newItem(sizes.bend));
    trail.forEach((item, step) => grid[(column[from] ?? 0) + step + 1]?.push(item));
    const chain = [nodes[from], ...trail, nodes[to]].filter((item) => item !== undefined);
    chain.forEach((item, step) => {
      const next = chain[step + 1];
      if (next === undefined) return;
      item.after.push(next);
      next.before.push(item);
    });
    return trail;
  });
  sortColumns(grid);
  const height = setHeights(grid, sizes.gap);
  return {
    column,
    y: nodes.map(({ y }) => y),
    back,
    trails: trails.map((trail) => trail.map(({ y }) => y + sizes.bend / 2)),
    columns: grid.length,
    height,
  };
}

function newItem(height: number): Item {
  return { height, before: [], after: [], at: 0, y: 0 };
}

/** Which links lead back to a node on the way to them; without these there is no circle. No recursion: chains are long. */
function closing(count: number, links: readonly Link[]): readonly boolean[] {
  const leaving: number[][] = Array.from({ length: count }, () => []);
  links.forEach(({ from }, at) => leaving[from]?.push(at));
  const back = links.map(() => false);
  const state = new Array<'new' | 'open' | 'done'>(count).fill('new');
  const next = new Array<number>(count).fill(0);
  for (let start = 0; start < count; start++) {
    if (state[start] !== 'new') continue;
    const path = [start];
    state[start] = 'open';
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const step = next[at] ?? 0;
      next[at] = step + 1;
      const link = leaving[at]?.[step];
      if (link === undefined) {
        state[at] = 'done';
        path.pop();
        continue;
      }
      const to = links[link]?.to ?? 0;
      if (state[to] === 'open') back[link] = true;
      else if (state[to] === 'new') {
        state[to] = 'open';
        path.push(to);
      }
    }
  }
  return back;
}

/** Each node one column right of the last one that it waits for. Without circles. */
function columnsOf(count: number, links: readonly Link[]): readonly number[] {
  const column = new Array<number>(count).fill(0);
  const open = new Array<number>(count).fill(0);
  const leaving: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of links) {
    leaving[from]?.push(to);
    open[to] = (open[to] ?? 0) + 1;
  }
  const ready = [...open.keys()].filter((at) => open[at] === 0);
  for (let at = ready.pop(); at !== undefined; at = ready.pop())
    for (const to of leaving[at] ?? []) {
      column[to] = Math.max(column[to] ?? 0, (column[at] ?? 0) + 1);
      const left = (open[to] ?? 0) - 1;
      open[to] = left;
      if (left === 0) ready.push(to);
    }
  return column;
}

const SWEEPS = 4;

/** To and fro: each column in the order of the middle of its neighbours. What has none keeps its place. */
function sortColumns(grid: readonly Item[][]): void {
  const number = (items: readonly Item[]): void => items.forEach((item, at) => (item.at = at));
  grid.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const items of forth ? grid : grid.toReversed()) {
      const middle = new Map(items.map((item) => [item, meanOf(forth ? item.before : item.after, item.at)]));
      items.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0) || a.at - b.at);
      number(items);
    }
  }
}

function meanOf(
  items: readonly Item[],
  without: number,
  of: (item: Item) => number = ({ at }) => at,
): number {
  if (items.length === 0) return without;
  return items.reduce((sum, item) => sum + of(item), 0) / items.length;
}

/** Heights near those of what comes first, none above another. Gives the whole height. */
function setHeights(grid: readonly (readonly Item[])[], gap: number): number {
  for (const items of grid) {
    let free = -Infinity;
    let off = 0;
    for (const item of items) {
      const above = free === -Infinity ? 0 : free;
      const wish = meanOf(item.before, above + item.height / 2, centre) - item.height / 2;
      item.y = Math.max(wish, free);
      off += item.y - wish;
      free = item.y + item.height + gap;
    }
    const shift = items.length === 0 ? 0 : off / items.length;
    for (const item of items) item.y -= shift;
  }
  const all = grid.flat();
  const top = all.reduce((least, { y }) => Math.min(least, y), Infinity);
  for (const item of all) item.y -= top;
  return all.reduce((most, { y, height }) => Math.max(most, y + height), 0);
}

function centre({ y, height }: Item): number {
  return y + height / 2;
}
