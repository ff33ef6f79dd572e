import { memoryStore, openReaderStore, type ReaderStore } from '../../store/reader';

let opened: Promise<ReaderStore> | undefined;

/** The one store of this page. A write that fails is reported once and never stops the work. */
export function readerStore(): Promise<ReaderStore> {
  opened ??= typeof indexedDB === 'undefined' ? Promise.resolve(memoryStore()) : openReaderStore();
  return opened;
}
