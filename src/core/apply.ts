/**
 * Applying a verified bundle to a folder (docs/SPEC.md, "Applying"): look, plan, decide, then write by a journal.
 * Pure: what is in the folder comes in, what is to be done goes out; the platforms read and write.
 */
export { foldersToLook, FolderView, NOTES_FOLDER, type FileState, type FolderEntry } from './apply/folder.js';
export { INFO_BYTES_MAX, INFO_PATH, previousOf, readInfo } from './apply/info.js';
export {
  changedSince,
  decideApply,
  journalOfRecord,
  progressOf,
  readJournal,
  writeJournal,
  type ApplyDecision,
  type ApplyJournal,
  type ApplyStep,
} from './apply/journal.js';
export {
  contentOf,
  planApply,
  refusals,
  sameState,
  type ApplyAction,
  type ApplyContent,
  type ApplyPlan,
  type PlannedFile,
} from './apply/plan.js';
export { suppliedEntries } from './apply/supplied.js';
