// `node src/tools/run.mjs tests/fuzz/fuzz.ts --target tar --executions 10000000 --seconds 3600 --seed 1`: makes one
// file of the fuzzer, which runs several times faster than the sources one by one, and starts it.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'vite';

// A folder of its own for each run: several may run side by side.
const outDir = join(process.cwd(), 'tests', '.artefacts', 'fuzz', `build-${process.pid}`);

/** The sources find their vectors from where they lie, not from where the one file lies. */
const placed: Plugin = {
  name: 'placed',
  transform: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
};

await build({
  configFile: false,
  plugins: [placed],
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: 'tests/fuzz/main.ts',
    target: 'node20',
    outDir,
    emptyOutDir: true,
    minify: false,
    rolldownOptions: { output: { entryFileNames: 'fuzzer.mjs', codeSplitting: false } },
  },
});

const child = spawn(process.execPath, [join(outDir, 'fuzzer.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
child.on('exit', (code) => {
  rmSync(outDir, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
