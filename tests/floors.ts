/**
 * Who may import whom: each folder of `src` (or `workers`) with the floor it stands on. A file imports from
 * its own folder and from lower floors; sideways only where `sideways` says so. `core` files outside any
 * folder are named one by one.
 */
export interface Floor {
  readonly folders: readonly string[];
  /** Folders of the same floor that may import each other: [from, to]. */
  readonly sideways: readonly (readonly [string, string])[];
  readonly why: string;
}

export const floors: readonly Floor[] = [
  {
    folders: ['src/core/generated'],
    sideways: [],
    why: 'made from schemas and messages; knows nothing',
  },
  {
    folders: ['src/core/messages', 'src/core/limits.ts'],
    sideways: [],
    why: 'tables: what can be said, and how much is read',
  },
  {
    folders: ['src/core/bytes', 'src/core/canon', 'src/core/merkle'],
    sideways: [
      ['src/core/canon', 'src/core/bytes'],
      ['src/core/merkle', 'src/core/bytes'],
    ],
    why: 'bytes, no format',
  },
  {
    folders: ['src/core/archive', 'src/core/manifest', 'src/core/envelope', 'src/core/signature'],
    sideways: [
      // One set of rules for paths, whoever names them.
      ['src/core/manifest', 'src/core/archive'],
      // An approval is a statement beside a signature.
      ['src/core/envelope', 'src/core/signature'],
      ['src/core/envelope', 'src/core/archive'],
    ],
    why: 'one format each',
  },
  {
    folders: ['src/core/documents', 'src/templates'],
    sideways: [],
    why: 'one way to read what people write for a project, and where they start',
  },
  {
    folders: ['src/core/trust', 'src/core/checks', 'src/core/spec', 'src/core/policy', 'src/core/project'],
    sideways: [
      ['src/core/checks', 'src/core/trust'],
      // A plan is judged by a policy.
      ['src/core/policy', 'src/core/spec'],
    ],
    why: 'what is asked of the formats',
  },
  {
    folders: [
      'src/core/report',
      'src/core/verify.ts',
      'src/core/approve.ts',
      'src/core/apply.ts',
      'src/core/apply',
      'src/core/build.ts',
      'src/core/migrate.ts',
      'src/core/diff.ts',
      'src/core/diff',
      'src/core/prove.ts',
      'src/core/author',
      'src/core/routing.ts',
      'src/core/doctor',
    ],
    sideways: [
      ['src/core/apply.ts', 'src/core/apply'],
      ['src/core/migrate.ts', 'src/core/build.ts'],
      ['src/core/approve.ts', 'src/core/report'],
      ['src/core/approve.ts', 'src/core/verify.ts'],
      ['src/core/diff.ts', 'src/core/diff'],
      ['src/core/diff', 'src/core/report'],
      ['src/core/verify.ts', 'src/core/report'],
      ['src/core/build.ts', 'src/core/report'],
      ['src/core/prove.ts', 'src/core/report'],
      ['src/core/doctor', 'src/core/build.ts'],
      ['src/core/doctor', 'src/core/routing.ts'],
    ],
    why: 'the verbs',
  },
  {
    folders: ['src/platform', 'src/engine', 'src/store', 'src/registry', 'src/wasm'],
    sideways: [
      ['src/engine', 'src/platform'],
      // Kept bytes are known by their digests.
      ['src/store', 'src/platform'],
      // The interface of the signer, and one way to start a worker under the page's policy.
      ['src/store', 'src/engine'],
    ],
    why: 'what surrounds the core',
  },
  {
    folders: ['workers', 'src/lib', 'src/index.ts'],
    sideways: [],
    why: 'the core at work',
  },
  {
    folders: [
      'src/routes',
      'src/widget',
      'src/cli',
      'src/service-worker.ts',
      'src/hooks.ts',
      'src/hooks.server.ts',
      'src/app.d.ts',
    ],
    sideways: [],
    why: 'what people meet',
  },
];

/** Imports that the floors would refuse, each with its reason. */
export const exceptions: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [
  {
    from: 'src/engine/script.ts',
    to: 'workers/engine.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/engine/buildWorker.ts',
    to: 'workers/build.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/engine/attachWorker.ts',
    to: 'workers/attach.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/engine/author/client.ts',
    to: 'workers/author.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/engine/compareWorker.ts',
    to: 'workers/compare.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/engine/migrateWorker.ts',
    to: 'workers/migrate.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/lib/editor/environment.ts',
    to: 'workers/monaco.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/store/keys/worker.ts',
    to: 'workers/sign.worker.ts',
    why: 'the text of the worker, not its code',
  },
  {
    from: 'src/store/keys/worker.ts',
    to: 'workers/signOpenPgp.worker.ts',
    why: 'the text of the worker, not its code',
  },
];

/** What may stand at the top of the repository (row F021): nothing else appears by accident. */
export const topLevelFolders: readonly string[] = [
  '.ci',
  'docs',
  'schemas',
  'src',
  'static',
  'test-vectors',
  'tests',
  'workers',
];

/** Folders that hold or use private keys. Nothing that verifies has an import path to them. */
export const keyFolders: readonly string[] = [
  'src/store/keys',
  'src/store/keys.ts',
  'src/engine/signer.ts',
  'src/core/approve.ts',
  'src/core/signature/privateKey.ts',
  'src/core/signature/privateKeyCipher.ts',
  'src/core/signature/sign.ts',
  'src/engine/openpgpSign.ts',
  'workers/sign.worker.ts',
  'workers/signOpenPgp.worker.ts',
];

/** Where verifying begins: everything that these reach, directly or not, is free of keys. */
export const verifyEntries: readonly string[] = [
  'src/core/verify.ts',
  'src/engine/inline.ts',
  'src/engine/worker.ts',
  'workers/engine.worker.ts',
  'src/cli/verify.ts',
  'src/routes/verify/+page.svelte',
  'src/routes/verify/+page.ts',
];

export const sizes = { fileLinesMax: 400, functionLinesMax: 70 } as const;

/** Files that are one table and nothing else, whatever its length. */
export const tables: readonly string[] = ['src/lib/strings/'];
