import { expose } from 'comlink';
import { hostEngine } from '../src/engine/host.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { sourceOfBlob, webPlatform } from '../src/platform/web.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
const engine = webPlatform().then((platform) => createInlineEngine(platform, { sourceOfBlob }));
expose(hostEngine(engine, () => performance.now()));
