import { expose } from 'comlink';
import { hostBuilder } from '../src/engine/builder.js';
import { webPlatform } from '../src/platform/web.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
expose(hostBuilder(webPlatform(), () => performance.now()));
