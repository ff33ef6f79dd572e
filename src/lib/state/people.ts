import { openPeopleStore, type PeopleStore } from '../../store/people';
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
  opened ??= openPeopleStore({ reader: readerStore }).then(
    (store) => ({ store, fault: null }),
    (error: unknown) => ({ store: null, fault: error instanceof StorageError ? error.finding : null }),
  );
  return opened;
}
