import { openPeopleStore, type PeopleStore, type TrustChange } from '../../store/people';
import { StorageError } from '../../store/database';
import type { Finding } from '../../core/generated/report';
import { readerStore } from './store';

/** The people of this page, or why they cannot be read: then lists are used for this page alone. */
export type OpenedPeople =
  | { readonly store: PeopleStore; readonly fault: null }
  | { readonly store: null; readonly fault: Finding | null };

let opened: Promise<OpenedPeople> | undefined;

/** The one store of people of this page. */
export function peopleStore(): Promise<OpenedPeople> {
  opened ??= openPeopleStore({ reader: readerStore, written: noteChange }).then(
    (store) => ({ store, fault: null }),
    (error: unknown) => ({ store: null, fault: error instanceof StorageError ? error.finding : null }),
  );
  return opened;
}

/** One line in the log of this device; its code comes only with the first change. */
async function noteChange({ id, source, at }: TrustChange): Promise<void> {
  const { appendActivity } = await import('../../store/log');
  await appendActivity({ kind: source === 'undo' ? 'trust-undone' : 'trust-changed', subject: id, at });
}
