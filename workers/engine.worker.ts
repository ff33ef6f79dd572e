import { expose } from 'comlink';
import { hostEngine } from '../src/engine/host.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { secondWorker } from '../src/engine/second.js';
import { sourceOfBlob, webPlatform } from '../src/platform/web.js';
import hasher from './hash.worker.ts?self-contained';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
const platform = webPlatform();
const helped = secondWorker(platform, hasher);
const engine = platform.then((own) => createInlineEngine(own, { sourceOfBlob, helped }));
expose(hostEngine(engine, () => performance.now()));
