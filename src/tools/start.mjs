// `npm start`: install and build when needed, serve the site on this machine, say where.
import { ensureBuilt, ensureInstalled, requireNode } from './project.mjs';

requireNode();
await ensureInstalled();
try {
  await ensureBuilt();
} catch {
  process.exit(1);
}
const { serve, serveOptions } = await import('./serve.mjs');
const { url } = await serve(serveOptions(process.argv.slice(2)));
console.log(`\nCountersign is at ${url}verify (this machine only; stop it with Ctrl+C).`);
console.log('Open it and drop a .sbundle.tgz with its approvals and your trust.yaml onto the page.');
