import { expose } from 'comlink';
import { judgingTools } from '../src/engine/judgingTools.js';
import { hostMigrating } from '../src/engine/migrateHost.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
expose(hostMigrating(judgingTools(), () => performance.now()));
