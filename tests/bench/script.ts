import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../src/tools/project.mjs';

const build = join(root, 'build');

/** Script that the verify page loads before anything is given to it: what it names, and what that imports. */
export function scriptSize(): { gzBytes: number; files: number } | null {
  const page = join(build, 'verify.html');
  if (!existsSync(page)) return null;
  const found = new Set<string>();
  const named = readFileSync(page, 'utf8').matchAll(/["'](?:\.\/|\/)?(_app\/[^"']+\.js)["']/g);
  for (const [, path] of named) follow(join(build, path!), found);
  const gzBytes = [...found].reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
  return { gzBytes, files: found.size };
}

function follow(path: string, found: Set<string>): void {
  if (found.has(path) || !existsSync(path)) return;
  found.add(path);
  // Static imports alone: `import('…')` waits until it is needed.
  const imports = readFileSync(path, 'utf8').matchAll(
    /(?:^|[;}\s])(?:import|export)\s*(?:[\w*${},\s]*from\s*)?["'](\.[^"']+)["']/g,
  );
  for (const [, other] of imports) follow(join(dirname(path), other!), found);
}
