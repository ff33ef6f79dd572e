/** Every table of this program, so that it can begin with nothing known. */
const tables = new Set<Map<string, unknown>>();

/** Answers that are kept under everything that they depend on. */
export interface Answers<T> {
  /** The answer under `key`, from `work` when it is not known. `keep` says which are worth keeping, or may be. */
  of(key: string, work: () => T, keep?: (answer: T) => boolean): T;
}

/**
 * Answers of a pure calculation that costs much more than its key: the same keys and trust lists come with bundle
 * after bundle. Bounded: what hostile input brings pushes out what is known, and costs no more than before.
 */
export function keptAnswers<T>(answersMax: number): Answers<T> {
  const table = new Map<string, T>();
  tables.add(table);
  return {
    of(key, work, keep = () => true) {
      const known = table.get(key);
      if (known !== undefined) return known;
      const answer = work();
      if (table.size >= answersMax) table.clear();
      if (keep(answer)) table.set(key, answer);
      return answer;
    },
  };
}

/** For the self-test: whatever it asks is calculated anew. */
export function forgetAnswers(): void {
  for (const table of tables) table.clear();
}
