/** What waits for what, by name. Names that are no keys are ignored. */
export type Waits = ReadonlyMap<string, readonly string[]>;

interface Step {
  readonly id: string;
  readonly next: Iterator<string>;
}

/**
 * Groups of names that wait for each other in a circle (strongly connected components, after Tarjan), each in the
 * order of the map. Without recursion: a plan may be a chain of ten thousand. Attacker-controlled; never throws.
 */
export function cyclesOf(waits: Waits): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open = new Set<string>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const numberOf = (id: string): number => index.get(id) ?? 0;
  const lower = (id: string, to: number): void => void low.set(id, Math.min(low.get(id) ?? to, to));
  const enter = (id: string): Step => {
    index.set(id, index.size);
    low.set(id, numberOf(id));
    stack.push(id);
    open.add(id);
    return { id, next: (waits.get(id) ?? [])[Symbol.iterator]() };
  };
  const leave = (id: string): void => {
    if (low.get(id) !== numberOf(id)) return;
    const group: string[] = [];
    for (let last = stack.pop(); last !== undefined; last = last === id ? undefined : stack.pop()) {
      open.delete(last);
      group.push(last);
    }
    if (group.length > 1 || (waits.get(id) ?? []).includes(id)) groups.push(group);
  };
  for (const start of waits.keys()) {
    if (index.has(start)) continue;
    const path = [enter(start)];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const step = at.next.next();
      if (step.done === true) {
        path.pop();
        const above = path.at(-1);
        if (above !== undefined) lower(above.id, low.get(at.id) ?? 0);
        leave(at.id);
      } else if (waits.has(step.value) && !index.has(step.value)) path.push(enter(step.value));
      else if (open.has(step.value)) lower(at.id, numberOf(step.value));
    }
  }
  const order = new Map([...waits.keys()].map((id, at) => [id, at]));
  const placeOf = (id: string | undefined): number => order.get(id ?? '') ?? 0;
  return groups
    .map((group) => group.toSorted((a, b) => placeOf(a) - placeOf(b)))
    .toSorted((a, b) => placeOf(a[0]) - placeOf(b[0]));
}

/** One circle within a group of {@link cyclesOf}, in the order of waiting, from its first name on. */
export function circleIn(group: readonly string[], waits: Waits): readonly string[] {
  const members = new Set(group);
  const walked = new Map<string, number>();
  let at = group[0];
  while (at !== undefined && !walked.has(at)) {
    walked.set(at, walked.size);
    at = waits.get(at)?.find((other) => members.has(other));
  }
  return [...walked.keys()].slice(walked.get(at ?? '') ?? 0);
}
