import { expose } from 'comlink';
import { hostEngine } from '../src/engine/host.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { HASHER_NAME, secondWorker } from '../src/engine/second.js';
import { serveHasher, type HashPort } from '../src/platform/hasher.js';
import { sourceOfBlob, webPlatform } from '../src/platform/web.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
const platform = webPlatform();
const scope = globalThis as unknown as HashPort & { readonly name: string };
if (scope.name === HASHER_NAME) serveHasher(scope, platform);
else {
  const helped = secondWorker(platform, globalThis.location.href);
  const engine = platform.then((own) => createInlineEngine(own, { sourceOfBlob, helped }));
  expose(hostEngine(engine, () => performance.now()));
}
