import { expose } from 'comlink';
import { createInlineEngine } from '../src/engine/inline.js';
import { hostMigrating } from '../src/engine/migrateHost.js';
import { sourceOfBlob, webPlatform } from '../src/platform/web.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
const tools = webPlatform().then((platform) => ({
  platform,
  engine: createInlineEngine(platform, { sourceOfBlob }),
}));
expose(hostMigrating(tools, () => performance.now()));
