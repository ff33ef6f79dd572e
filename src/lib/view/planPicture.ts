import type { FeatureState, PlanTask, PlanView } from '../../core/spec/plan';
import { layOut, type Layered, type Link } from './layers';

/** Tasks that are drawn; the table has all of them. */
export const NODES_MAX = 400;
/** Arrows that are drawn. */
export const EDGES_MAX = 1200;

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 68;
const COLUMN_STEP = 280;
const MARGIN = 44;
const SIZES = { node: NODE_HEIGHT, gap: 22, bend: 8, bendsMax: 6000 };

export interface PlanNode {
  /** Attacker-controlled. */
  readonly id: string;
  /** Attacker-controlled; null for a task that is waited for but is not in the plan. */
  readonly feature: string | null;
  readonly featureState: FeatureState | null;
  readonly inCycle: boolean;
  /** True when something that it waits for is in a circle, so that it can never begin. */
  readonly behind: boolean;
  /** Upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly waitsFor: readonly string[];
  /** Drawn tasks that wait for it. */
  readonly followedBy: readonly string[];
}

/** An arrow from a task to one that waits for it. */
export interface PlanEdge {
  readonly from: string;
  readonly to: string;
  /** Paths of SVG. */
  readonly line: string;
  readonly head: string;
  /** True when it closes a circle: it leads back. */
  readonly back: boolean;
}

export interface PlanPicture {
  /** In reading order: column by column, from the top. */
  readonly nodes: readonly PlanNode[];
  readonly edges: readonly PlanEdge[];
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** Tasks that are not drawn, and arrows between drawn ones that are not. */
  readonly tasksLeft: number;
  readonly edgesLeft: number;
}

/**
 * The tasks of a plan in columns: each stands right of everything that it waits for, by the longest path. Bounded by
 * {@link NODES_MAX} and {@link EDGES_MAX}; tasks with something wrong are drawn before others. Names are hostile.
 */
export function planPicture({ tasks: all }: PlanView): PlanPicture {
  const tasks = chosen(all);
  const absent = [...new Set(tasks.flatMap((task) => task.absent))].slice(0, NODES_MAX - tasks.length);
  const names = [...tasks.map(({ id }) => id), ...absent];
  const number = new Map(names.map((id, at) => [id, at]));
  const links = tasks.flatMap(({ waitsFor }, to): Link[] =>
    waitsFor.flatMap((id) => {
      const from = number.get(id);
      return from === undefined ? [] : [{ from, to }];
    }),
  );
  const drawn = links.slice(0, EDGES_MAX);
  const layered = layOut(names.length, drawn, SIZES);
  const followers = followersOf(tasks);
  const nodes = names.map((id, at): PlanNode => {
    const task = tasks[at];
    const { feature = null, featureState = null, inCycle = false, waitsFor = [] } = task ?? {};
    const behind = task !== undefined && isBehind(task);
    const [x, y] = cornerOf(layered, at);
    const followedBy = followers.get(id) ?? [];
    return { id, feature, featureState, inCycle, behind, x, y, waitsFor, followedBy };
  });
  return {
    nodes: nodes.toSorted((a, b) => a.x - b.x || a.y - b.y),
    edges: drawn.map((link, at) => edgeOf(link, at, layered, names)),
    columns: layered.columns,
    width: Math.max(0, layered.columns - 1) * COLUMN_STEP + NODE_WIDTH + 2 * MARGIN,
    height: round(layered.height + 2 * MARGIN),
    tasksLeft: all.length - tasks.length,
    edgesLeft: links.length - drawn.length,
  };
}

/** Who waits for each task, by its name; also for names that are not in the plan. */
export function followersOf(tasks: readonly PlanTask[]): ReadonlyMap<string, readonly string[]> {
  const followers = new Map<string, string[]>();
  for (const { id, waitsFor } of tasks)
    for (const other of waitsFor) {
      const others = followers.get(other);
      if (others === undefined) followers.set(other, [id]);
      else others.push(id);
    }
  return followers;
}

/** True when it waits for a circle that it is not in itself. */
export function isBehind({ layer, inCycle }: PlanTask): boolean {
  return layer === null && !inCycle;
}

/** True when the reader has to look at it. */
export function isOpen({ featureState, absent, layer }: PlanTask): boolean {
  return featureState === 'missing' || featureState === 'changed' || absent.length > 0 || layer === null;
}

function chosen(tasks: readonly PlanTask[]): readonly PlanTask[] {
  if (tasks.length <= NODES_MAX) return tasks;
  const open = tasks.filter(isOpen);
  const first = new Set([...open, ...tasks.filter((task) => !isOpen(task))].slice(0, NODES_MAX));
  return tasks.filter((task) => first.has(task));
}

function cornerOf({ column, y }: Layered, at: number): readonly [number, number] {
  return [MARGIN + (column[at] ?? 0) * COLUMN_STEP, round(MARGIN + (y[at] ?? 0))];
}

const HEAD = 8;

function edgeOf({ from, to }: Link, at: number, layered: Layered, names: readonly string[]): PlanEdge {
  const [left, top] = cornerOf(layered, from);
  const [right, bottom] = cornerOf(layered, to);
  const start = [left + NODE_WIDTH, top + NODE_HEIGHT / 2] as const;
  const end = [right - HEAD, bottom + NODE_HEIGHT / 2] as const;
  const back = layered.back[at] === true;
  const trail = layered.trails[at] ?? [];
  return {
    from: names[from] ?? '',
    to: names[to] ?? '',
    line: back ? loop(start, end) : along(start, end, trail, left + COLUMN_STEP),
    head: `M${end[0] + HEAD} ${end[1]}l${-HEAD} -4.5v9z`,
    back,
  };
}

type Point = readonly [number, number];

/** From node to node, flat where it goes past a column between them. */
function along(start: Point, end: Point, trail: readonly number[], firstColumn: number): string {
  let [x, y] = start;
  let path = `M${x} ${y}`;
  trail.forEach((height, step) => {
    const left = firstColumn + step * COLUMN_STEP;
    const level = round(MARGIN + height);
    path += curve([x, y], [left, level]) + `H${left + NODE_WIDTH}`;
    [x, y] = [left + NODE_WIDTH, level];
  });
  return path + curve([x, y], end);
}

function curve([x0, y0]: Point, [x1, y1]: Point): string {
  const middle = round((x0 + x1) / 2);
  return `C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`;
}

/** Out to the right, under the tasks, and in from the left. */
function loop([x0, y0]: Point, [x1, y1]: Point): string {
  const low = Math.max(y0, y1) + NODE_HEIGHT / 2 + 11;
  const reach = 26;
  return `M${x0} ${y0}C${x0 + reach} ${y0} ${x0 + reach} ${low} ${x0} ${low}H${x1}C${x1 - reach} ${low} ${x1 - reach} ${y1} ${x1} ${y1}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
