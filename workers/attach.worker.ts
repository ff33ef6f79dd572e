import { expose } from 'comlink';
import { hostAttaching } from '../src/engine/attacher.js';
import { webPlatform } from '../src/platform/web.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
expose(hostAttaching(webPlatform(), () => performance.now()));
