import type { PlanDocument } from '../generated/plan.js';

export interface PlanTask {
  readonly id: string;
  readonly feature: string;
  readonly waitsFor: readonly string[];
  /** How many steps come before it; null within or behind a cycle. */
  readonly layer: number | null;
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

/** Checks a plan against the hashes of the features as they stand (id to hash). */
export function viewPlan(plan: PlanDocument, hashes: ReadonlyMap<string, string>): PlanView {
  const waits = new Map(plan.tasks.map(({ id, depends_on }) => [id, depends_on ?? []]));
  const layers = layersOf(waits);
  const tasks = plan.tasks.map(({ id, feature_id }) => ({
    id,
    feature: feature_id,
    waitsFor: waits.get(id) ?? [],
    layer: layers.get(id) ?? null,
  }));
  return {
    tasks,
    problems: [...taskProblems(plan, waits, hashes), ...cycleProblem(waits, layers)],
  };
}

function taskProblems(
  plan: PlanDocument,
  waits: ReadonlyMap<string, readonly string[]>,
  hashes: ReadonlyMap<string, string>,
): PlanProblem[] {
  return plan.tasks.flatMap(({ id, feature_id, expected_hash }) => {
    const problems: PlanProblem[] = (waits.get(id) ?? [])
      .filter((other) => !waits.has(other))
      .map((other) => ({
        kind: 'no-such-task',
        tasks: [id],
        text: `${id} waits for ${other}, which is not in the plan`,
      }));
    const hash = hashes.get(feature_id);
    if (hash === undefined) {
      problems.push({
        kind: 'feature-missing',
        tasks: [id],
        text: `${id} lost its feature: ${feature_id} is not in the specification`,
      });
    } else if (expected_hash !== undefined && expected_hash !== hash) {
      problems.push({
        kind: 'feature-changed',
        tasks: [id],
        text: `${id} was planned for another state of ${feature_id}`,
      });
    }
    return problems;
  });
}

/** Kahn's way, in layers; what is left out stands in a cycle or waits for one. */
function layersOf(waits: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const layers = new Map<string, number>();
  const followers = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [id, all] of waits) {
    const known = [...new Set(all)].filter((other) => waits.has(other));
    open.set(id, known.length);
    for (const other of known) followers.set(other, [...(followers.get(other) ?? []), id]);
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

/** One cycle, found by walking from a task that has no layer; every such task waits for another one. */
function cycleProblem(
  waits: ReadonlyMap<string, readonly string[]>,
  layers: ReadonlyMap<string, number>,
): PlanProblem[] {
  const without = (id: string): boolean => waits.has(id) && !layers.has(id);
  const walked: string[] = [];
  let at = [...waits.keys()].find(without);
  while (at !== undefined && !walked.includes(at)) {
    walked.push(at);
    at = waits.get(at)?.find(without);
  }
  if (at === undefined) return [];
  const cycle = walked.slice(walked.indexOf(at));
  return [{ kind: 'cycle', tasks: cycle, text: `${[...cycle, at].join(' waits for ')}` }];
}
