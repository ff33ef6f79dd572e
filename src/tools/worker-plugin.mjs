// `import source from './x.worker.ts?self-contained'`: the worker with everything it imports as one
// classic script, given as text. A worker started from a blob of this text inherits the policy of the
// document (`connect-src 'none'`); one that is loaded from an address does not.
import { build } from 'vite';

const SUFFIX = '?self-contained';

/**
 * @param {Record<string, string>} define Constants of the build, as vite's `define`.
 * @returns {import('vite').Plugin}
 */
export function selfContainedWorker(define) {
  /** @type {Map<string, Promise<string>>} */
  const built = new Map();
  return {
    name: 'countersign:self-contained-worker',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (!id.endsWith(SUFFIX)) return null;
      const found = await this.resolve(id.slice(0, -SUFFIX.length), importer);
      return found === null ? null : `${found.id}${SUFFIX}`;
    },
    load(id, options) {
      if (!id.endsWith(SUFFIX)) return null;
      // Prerendering never starts a worker.
      if (options?.ssr) return 'export default "";';
      const file = id.slice(0, -SUFFIX.length);
      if (this.environment.mode === 'dev') return bundle(file, define).then(asModule);
      let text = built.get(file);
      if (text === undefined) built.set(file, (text = bundle(file, define)));
      return text.then(asModule);
    },
  };
}

/** @param {string} text */
function asModule(text) {
  return { code: `export default ${JSON.stringify(text)};`, map: { mappings: '' } };
}

/**
 * @param {string} file
 * @param {Record<string, string>} define
 */
async function bundle(file, define) {
  const result = await build({
    configFile: false,
    publicDir: false,
    define,
    // A worker may hold the text of another.
    plugins: [selfContainedWorker(define)],
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      lib: { entry: file, formats: ['iife'], name: 'countersignWorker', fileName: 'worker' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    'output' in one ? one.output : [],
  );
  const chunks = outputs.filter((one) => one.type === 'chunk');
  if (chunks.length !== 1 || outputs.length !== 1) {
    throw new Error(
      `${file}: a self-contained worker must be one file, got ${outputs.map((o) => o.fileName).join(', ')}`,
    );
  }
  return chunks[0].code;
}
