import { isObject, isText, isTexts, isTimeText } from './approvingShape.js';
import { openDatabase, type DatabaseSpec } from './database.js';

/**
 * What an author chose for a project, so that it outlives the tab. Never the bytes of a seed, which whoever has them
 * can use to guess small files, and never a file.
 */
export interface BuildDraft {
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** Id, version and time of creation: null where they were what the project itself says, or the time of opening. */
  readonly id: string | null;
  readonly version: string | null;
  readonly created: string | null;
  readonly level: string;
  readonly roles: string;
  readonly description: string;
  readonly metadata: readonly { readonly name: string; readonly value: string }[];
  readonly include: string;
  readonly exclude: string;
  readonly external: string;
  readonly putIn: readonly string[];
  readonly leftOut: readonly string[];
  /** Reasons for what looks like a secret: place, reason. */
  readonly reasons: readonly { readonly place: string; readonly why: string }[];
  /** Name of the seed file that was in use; null when none was. */
  readonly seedName: string | null;
}

/** Choices by project. @throws StorageError */
export interface DraftStore {
  /** False when nothing survives this page. */
  readonly lasting: boolean;
  /** Null when there is none, or what lies there is not what was written. */
  read(project: string): Promise<BuildDraft | null>;
  /** Null removes it. */
  keep(project: string, draft: BuildDraft | null): Promise<void>;
  close(): void;
}

/** So many projects are remembered, the ones that were worked on last. */
export const DRAFTS_MAX = 50;

export const draftsDatabase: DatabaseSpec = { name: 'countersign-build', versions: [['drafts']] };

export async function openDraftStore(): Promise<DraftStore> {
  const database = await openDatabase(draftsDatabase);
  return {
    lasting: database.lasting,
    read: async (project) => readDraft(await database.get('drafts', project)),
    keep: (project, draft) =>
      database.exclusively(async () => {
        if (draft === null) return database.write([{ table: 'drafts', key: project, remove: true }]);
        const others = [...(await database.all('drafts'))].filter(([key]) => key !== project);
        const oldest = others
          .map(([key, value]) => ({ key, at: readDraft(value)?.at ?? '' }))
          .sort((a, b) => (a.at < b.at ? 1 : -1))
          .slice(DRAFTS_MAX - 1);
        await database.write([
          { table: 'drafts', key: project, value: draft },
          ...oldest.map(({ key }) => ({ table: 'drafts', key, remove: true as const })),
        ]);
      }),
    close: () => database.close(),
  };
}

function readDraft(value: unknown): BuildDraft | null {
  if (!isObject(value)) return null;
  const draft = value as unknown as BuildDraft;
  const texts = ['level', 'roles', 'description', 'include', 'exclude', 'external'] as const;
  const perhaps = ['id', 'version', 'created', 'seedName'] as const;
  const whole =
    isTimeText(draft.at) &&
    texts.every((name) => isText(draft[name])) &&
    perhaps.every((name) => draft[name] === null || isText(draft[name])) &&
    isTexts(draft.putIn) &&
    isTexts(draft.leftOut) &&
    arePairs(draft.metadata, 'name', 'value') &&
    arePairs(draft.reasons, 'place', 'why');
  return whole ? draft : null;
}

function arePairs(value: unknown, one: string, two: string): boolean {
  return (
    Array.isArray(value) && value.every((pair) => isObject(pair) && isText(pair[one]) && isText(pair[two]))
  );
}
