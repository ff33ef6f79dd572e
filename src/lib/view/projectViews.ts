import type { KnownKind } from '../../core/project/recognise';
import { readRouting, viewRouting, type RoutingView } from '../../core/routing';
import { lockedBytes, type Blake3 } from '../../core/spec/lock';
import { viewPlan, type PlanView } from '../../core/spec/plan';
import { readPlan, readSpec, type Reading } from '../../core/spec/readSpec';
import { kindsOf, type Known } from './build';

type Document = Known['documents'][number];

/** What the pictures of a project show. */
export interface ProjectViews {
  /** `features`: the one specification was read, so that features can be found in it. */
  readonly plan: { readonly path: string; readonly view: PlanView; readonly features: boolean } | null;
  readonly routing: { readonly path: string; readonly view: RoutingView } | null;
}

export const noViews: ProjectViews = { plan: null, routing: null };

/** Plan and routing as pictures need them. Of two documents of one kind neither counts: it is not clear which does. */
export function viewsOf(documents: readonly Document[], blake3: Blake3): ProjectViews {
  const kinds = kindsOf(documents);
  const one = <T>(kind: KnownKind, reader: (source: Source) => Reading<T>): One<T> | null => {
    const [first, second] = kinds.filter((document) => document.kind === kind);
    if (first === undefined || second !== undefined) return null;
    const { value } = reader({ name: first.path, bytes: first.bytes });
    return value === null ? null : { path: first.path, value };
  };
  const [spec, plan, routing] = [one('spec', readSpec), one('plan', readPlan), one('routing', readRouting)];
  const hashes =
    spec === null
      ? null
      : new Map(spec.value.features.map((feature) => [feature.id, blake3(lockedBytes(feature))]));
  return {
    plan: plan && { path: plan.path, view: viewPlan(plan.value, hashes), features: hashes !== null },
    routing: routing && { path: routing.path, view: viewRouting(routing.value, plan?.value ?? null) },
  };
}

interface Source {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface One<T> {
  readonly path: string;
  readonly value: T;
}
