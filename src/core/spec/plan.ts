import type { PlanDocument } from '../generated/plan.js';
import { circleIn, cyclesOf, type Waits } from './cycles.js';

/** Of the feature that a task serves. `not-recorded`: it is there, but the plan does not say which state it was made for. */
export type FeatureState = 'same' | 'changed' | 'missing' | 'not-recorded' | 'not-checked';

export interface PlanTask {
  readonly id: string;
  readonly feature: string;
  readonly featureState: FeatureState;
  readonly waitsFor: readonly string[];
  /** Those of `waitsFor` that are not in the plan. */
  readonly absent: readonly string[];
  /** How many steps come before it; null within or behind a cycle. */
  readonly layer: number | null;
  /** True when it waits, through others or not, for itself. */
  readonly inCycle: boolean;
}

export interface PlanProblem {
  readonly kind: 'cycle' | 'no-such-task' | 'feature-missing' | 'feature-changed';
  /** Tasks that it concerns; for a cycle in the order of waiting. */
  readonly tasks: readonly string[];
  readonly text: string;
}

/** A plan as a picture needs it: what waits for what, and what is wrong. */
export interface PlanView {
  readonly tasks: readonly PlanTask[];
  readonly problems: readonly PlanProblem[];
}

/**
 * Checks a plan against the hashes of the features as they stand (id to hash). Without a specification, null: then
 * no feature is checked, and none is said to be there.
 */
export function viewPlan(plan: PlanDocument, hashes: ReadonlyMap<string, string> | null): PlanView {
  const waits = new Map(plan.tasks.map(({ id, depends_on }) => [id, [...new Set(depends_on ?? [])]]));
  const layers = layersOf(waits);
  const cycles = cyclesOf(waits);
  const circling = new Set(cycles.flat());
  const tasks = plan.tasks.map((task): PlanTask => {
    const waitsFor = waits.get(task.id) ?? [];
    return {
      id: task.id,
      feature: task.feature_id,
      featureState: featureStateOf(task, hashes),
      waitsFor,
      absent: waitsFor.filter((other) => !waits.has(other)),
      layer: layers.get(task.id) ?? null,
      inCycle: circling.has(task.id),
    };
  });
  return {
    tasks,
    problems: [...tasks.flatMap(taskProblems), ...cycles.map((group) => cycleProblem(group, waits))],
  };
}

type Task = PlanDocument['tasks'][number];

function featureStateOf(task: Task, hashes: ReadonlyMap<string, string> | null): FeatureState {
  if (hashes === null) return 'not-checked';
  const hash = hashes.get(task.feature_id);
  if (hash === undefined) return 'missing';
  if (task.expected_hash === undefined) return 'not-recorded';
  return task.expected_hash === hash ? 'same' : 'changed';
}

function taskProblems({ id, feature, featureState, absent }: PlanTask): PlanProblem[] {
  const problems: PlanProblem[] = absent.map((other) => ({
    kind: 'no-such-task',
    tasks: [id],
    text: `${id} waits for ${other}, which is not in the plan`,
  }));
  if (featureState === 'missing')
    problems.push({
      kind: 'feature-missing',
      tasks: [id],
      text: `${id} lost its feature: ${feature} is not in the specification`,
    });
  else if (featureState === 'changed')
    problems.push({
      kind: 'feature-changed',
      tasks: [id],
      text: `${id} was planned for another state of ${feature}`,
    });
  return problems;
}

function cycleProblem(group: readonly string[], waits: Waits): PlanProblem {
  const cycle = circleIn(group, waits);
  return { kind: 'cycle', tasks: cycle, text: [...cycle, cycle[0]].join(' waits for ') };
}

/** Kahn's way, in layers; what is left out stands in a cycle or waits for one. */
function layersOf(waits: Waits): ReadonlyMap<string, number> {
  const layers = new Map<string, number>();
  const followers = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [id, all] of waits) {
    const known = all.filter((other) => waits.has(other));
    open.set(id, known.length);
    for (const other of known) {
      const others = followers.get(other);
      if (others === undefined) followers.set(other, [id]);
      else others.push(id);
    }
  }
  let ready = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  for (let layer = 0; ready.length > 0; layer++) {
    const next: string[] = [];
    for (const id of ready) {
      layers.set(id, layer);
      for (const follower of followers.get(id) ?? []) {
        const left = (open.get(follower) ?? 0) - 1;
        open.set(follower, left);
        if (left === 0) next.push(follower);
      }
    }
    ready = next;
  }
  return layers;
}
