import { unwrap, type IDBPDatabase } from 'idb';

/** Transactions of this page that have not ended. */
const running = new Set<IDBTransaction>();
let asleep = false;
let interrupted = false;
let listening = false;

/**
 * Gives up what runs on a database when its page is left.
 *
 * A browser may keep a page that is left asleep, for its reader may come back to it. WebKit does so in the middle of a
 * transaction, too, which then never ends and holds up every other page of this origin; the other engines discard such
 * a page. Giving up a transaction changes nothing in the database, and the page is loaded anew when its reader is back.
 */
export function endOnLeaving<D>(database: IDBPDatabase<D>): IDBPDatabase<D> {
  const raw = unwrap(database);
  const begin = raw.transaction.bind(raw);
  raw.transaction = (...args) => {
    // What goes on after another transaction was given up must not begin the next one.
    if (asleep) throw new DOMException('the page was left', 'AbortError');
    return endTransactionOnLeaving(begin(...args));
  };
  return database;
}

/** The same for one transaction, such as that of an upgrade. */
export function endTransactionOnLeaving(transaction: IDBTransaction): IDBTransaction {
  listen();
  running.add(transaction);
  for (const end of ['complete', 'abort'])
    transaction.addEventListener(end, () => running.delete(transaction));
  return transaction;
}

function listen(): void {
  if (listening || typeof addEventListener === 'undefined') return;
  listening = true;
  addEventListener('pagehide', ({ persisted }) => {
    if (!persisted) return;
    asleep = true;
    for (const transaction of running) giveUp(transaction);
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && interrupted) location.reload();
    asleep = false;
  });
}

function giveUp(transaction: IDBTransaction): void {
  interrupted = true;
  try {
    transaction.abort();
  } catch {
    // It has just ended; only its event is still to come.
  }
}
