/** A role and how many different people must give it. */
export interface RoleNeed {
  readonly role: string;
  readonly threshold: number;
}

/** A person who gave a role by an approval that holds. Repeated approvals are repeated candidates and count once. */
export interface RoleCandidate {
  readonly role: string;
  readonly person: string;
}

interface Slot {
  readonly role: string;
  person: string | null;
}

/**
 * Decides who counts for which role (docs/SPEC.md, "Rule"). A person counts once per role; when
 * `differentPeople` is set, once in the whole bundle. The assignment is a maximum bipartite matching, so
 * that an approval given for two roles is used where nobody else can stand in. Roles named first are
 * filled first, people in code unit order: the same input gives the same answer everywhere.
 *
 * @returns for every needed role the people who count, at most `threshold` of them when `differentPeople`.
 */
export function assignPeople(
  needs: readonly RoleNeed[],
  candidates: readonly RoleCandidate[],
  differentPeople: boolean,
): Map<string, string[]> {
  const byRole = peopleByRole(candidates);
  const givers = new Map(needs.map(({ role }) => [role, byRole.get(role) ?? []]));
  return differentPeople ? matchPeople(needs, givers) : givers;
}

function peopleByRole(candidates: readonly RoleCandidate[]): Map<string, string[]> {
  const sets = new Map<string, Set<string>>();
  for (const { role, person } of candidates) sets.set(role, (sets.get(role) ?? new Set()).add(person));
  return new Map([...sets].map(([role, people]) => [role, [...people].sort()]));
}

function matchPeople(
  needs: readonly RoleNeed[],
  givers: ReadonlyMap<string, string[]>,
): Map<string, string[]> {
  const slots = needs.flatMap((need) => slotsOf(need, givers.get(need.role)!.length));
  const taken = new Map<string, Slot>();
  for (const slot of slots) augment(slot, givers, taken, new Set());
  const assigned = new Map<string, string[]>(needs.map(({ role }) => [role, []]));
  for (const { role, person } of slots) if (person !== null) assigned.get(role)!.push(person);
  for (const people of assigned.values()) people.sort();
  return assigned;
}

/** More places than people who gave the role cannot be filled; leaving them out keeps a huge threshold cheap. */
function slotsOf(need: RoleNeed, people: number): Slot[] {
  return Array.from({ length: Math.min(need.threshold, people) }, () => ({ role: need.role, person: null }));
}

/** Kuhn's step: finds a person for `slot`, moving others to places that they can also fill. */
function augment(
  slot: Slot,
  givers: ReadonlyMap<string, string[]>,
  taken: Map<string, Slot>,
  seen: Set<string>,
): boolean {
  for (const person of givers.get(slot.role)!) {
    if (seen.has(person)) continue;
    seen.add(person);
    const holder = taken.get(person);
    if (holder !== undefined && !augment(holder, givers, taken, seen)) continue;
    taken.set(person, slot);
    slot.person = person;
    return true;
  }
  return false;
}
