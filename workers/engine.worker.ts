import { expose } from 'comlink';
import { hostEngine } from '../src/engine/host.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { webPlatform } from '../src/platform/web.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
expose(hostEngine(createInlineEngine(webPlatform()), () => performance.now()));
