// The library in a process of its own: one path in, milliseconds and what was found out. Started by inProcess.ts.
import { createReadStream, statSync } from 'node:fs';
import { verify } from '../../dist/index.js';

process.on('message', (path) => void answer(String(path)));

/** @param {string} path */
async function answer(path) {
  const data = {
    sizeBytes: statSync(path).size,
    reopenable: true,
    open: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
  };
  const start = performance.now();
  const report = await verify({ name: 'bundle', data }, { limitsProfile: 'large' });
  const ms = performance.now() - start;
  const [input] = report.inputs;
  process.send?.({
    ms,
    unchanged: input?.axes.unchanged,
    contentRoot: input?.contentRoot,
    entries: input?.counts.entries,
  });
}
