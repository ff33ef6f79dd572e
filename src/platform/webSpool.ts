import { newId } from './newId.js';

/** Bytes up to here are gathered before they become a piece of a Blob, which the browser may put on disk. */
const PIECE_BYTES = 4 * 1024 * 1024;
const FOLDER = 'countersign-build';
const DROP_TRIES = 50;
const DROP_AGAIN_MS = 100;
const TYPE = 'application/gzip';

/** What a session writes lies in a folder of its own, until the session's page is gone. */
interface Spool {
  write(bytes: Uint8Array): void;
  close(): Promise<Blob>;
  /** Removes what was written. */
  drop(): Promise<void>;
}

/**
 * Gathers a stream of any length in bounded memory: in the browser's own folder for this origin where it has one
 * (workers alone may write there at once), else in a Blob made of pieces. What is written there when a page is lost
 * is removed by {@link forgetSpools}. Rejects as `pieces` does, or with `QuotaExceededError`; then nothing is left.
 */
export async function spool(
  pieces: AsyncIterable<Uint8Array>,
  session: string,
  bytesAtMost: number,
): Promise<Blob> {
  const out = (bytesAtMost > PIECE_BYTES * 4 ? await fileSpool(session) : null) ?? blobSpool();
  try {
    for await (const piece of pieces) out.write(piece);
    return await out.close();
  } catch (error) {
    await out.drop();
    throw error;
  }
}

/** Holds the folder of `session` for as long as this page lives. */
export function holdSpool(session: string): void {
  const locks = locksHere();
  // Never answered: the lock ends with the page, however it ends.
  void locks?.request(lockName(session), () => new Promise(() => undefined)).catch(() => undefined);
}

/** Removes what a session wrote before it was ended; its worker may need a moment to let go of the file. */
export async function dropSpool(session: string): Promise<void> {
  for (let tries = 0; tries < DROP_TRIES; tries += 1) {
    try {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle(FOLDER);
      await folder.removeEntry(session, { recursive: true });
      return;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name === 'NotFoundError') return;
      await new Promise((resolve) => setTimeout(resolve, DROP_AGAIN_MS));
    }
  }
}

/** Removes what pages that are gone left behind. */
export async function forgetSpools(): Promise<void> {
  const locks = locksHere();
  if (locks === null) return;
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER);
    const held = (await locks.query()).held?.map(({ name }) => name) ?? [];
    const keys = (folder as unknown as { keys(): AsyncIterable<string> }).keys();
    for await (const name of keys)
      if (!held.includes(lockName(name))) await folder.removeEntry(name, { recursive: true });
  } catch {
    // No such folder, or none at all: nothing to remove.
  }
}

function locksHere(): LockManager | null {
  // Pages without a secure context have none, whatever the types say.
  const { locks } = (globalThis as { navigator?: { locks?: LockManager } }).navigator ?? {};
  return locks ?? null;
}

function lockName(session: string): string {
  return `${FOLDER}:${session}`;
}

function blobSpool(): Spool {
  const blobs: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const flush = (): void => {
    blobs.push(new Blob(waiting));
    waiting = [];
    bytes = 0;
  };
  return {
    write(piece) {
      waiting.push(piece.slice());
      bytes += piece.length;
      if (bytes >= PIECE_BYTES) flush();
    },
    close() {
      flush();
      return Promise.resolve(new Blob(blobs, { type: TYPE }));
    },
    drop: () => Promise.resolve(),
  };
}

/** The parts of a handle that only workers have. */
interface SyncHandle {
  write(bytes: Uint8Array, at: { readonly at: number }): number;
  flush(): void;
  close(): void;
}

/** Null where the browser has no such folder, or none for this window. */
async function fileSpool(session: string): Promise<Spool | null> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    const own = await folder.getDirectoryHandle(session, { create: true });
    const name = `${newId()}.tgz`;
    const file = await own.getFileHandle(name, { create: true });
    const handle = await (
      file as unknown as { createSyncAccessHandle(): Promise<SyncHandle> }
    ).createSyncAccessHandle();
    return syncSpool(handle, file, () => own.removeEntry(name));
  } catch {
    return null;
  }
}

function syncSpool(handle: SyncHandle, file: FileSystemFileHandle, remove: () => Promise<void>): Spool {
  let size = 0;
  return {
    write(piece) {
      const written = handle.write(piece, { at: size });
      if (written !== piece.length) throw new DOMException('no room is left', 'QuotaExceededError');
      size += written;
    },
    async close() {
      handle.flush();
      handle.close();
      return file.getFile();
    },
    async drop() {
      handle.close();
      await remove().catch(() => undefined);
    },
  };
}
