/** How long an opening may take before it counts as held up, in milliseconds. */
const OPEN_TIMEOUT_MS = 3000;

/** A database that is made with the first write; until then there is nothing in it, and nothing to open. */
export interface OnDemand<D> {
  /** For reading: null when there is no such database. Another page may have made it since the last time. */
  there(this: void): Promise<D | null>;
  /** For writing. A failure is not remembered: the next one tries again. */
  made(this: void): Promise<D>;
  /** What is open already, for closing it. */
  readonly opened: D | null;
}

/**
 * A page that only looks makes no database: one that is left in the middle of making it, and kept asleep by WebKit, is
 * waited for by every page that comes after. Where the browser does not tell what there is, looking is opening.
 *
 * @param late - made when the browser gives no answer in time.
 */
export function onDemand<D>(name: string, open: () => Promise<D>, late: () => Error): OnDemand<D> {
  let opening: Promise<D> | null = null;
  let opened: D | null = null;

  function made(): Promise<D> {
    opening ??= inTime(open(), late).then(
      (database) => (opened = database),
      (error: unknown) => {
        opening = null;
        throw error;
      },
    );
    return opening;
  }

  return {
    made,
    there: async () => (opening !== null || (await inTime(isThere(name), late)) ? made() : null),
    get opened() {
      return opened;
    },
  };
}

async function isThere(name: string): Promise<boolean> {
  // Whatever stands in the way of the question is told by opening.
  if (typeof indexedDB.databases !== 'function') return true;
  const all = await indexedDB.databases().catch(() => null);
  return all === null || all.some((each) => each.name === name);
}

async function inTime<T>(work: Promise<T>, late: () => Error): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), OPEN_TIMEOUT_MS);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}
