import { deleteDB, openDB } from 'idb';
import { endOnLeaving } from './leaving.js';

const PROBE = 'countersign-probe';
const PROBE_MS = 5000;

let known: Promise<boolean> | undefined;

/**
 * Whether this window keeps blobs in its database. Private windows of WebKit do not, and there a blob that is written
 * together with other records never lets the transaction end: so one is tried alone, in a database of its own.
 */
export function keepsBlobs(): Promise<boolean> {
  known ??= Promise.race([
    probe().catch(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PROBE_MS)),
  ]);
  return known;
}

async function probe(): Promise<boolean> {
  const database = endOnLeaving(
    await openDB(PROBE, 1, { upgrade: (made) => void made.createObjectStore('blobs') }),
  );
  try {
    await database.put('blobs', new Blob(['x']), 'x');
    return (await database.get('blobs', 'x')) instanceof Blob;
  } finally {
    database.close();
    void deleteDB(PROBE).catch(() => undefined);
  }
}
