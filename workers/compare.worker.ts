import { expose } from 'comlink';
import { hostComparing } from '../src/engine/compareHost.js';
import { judgingTools } from '../src/engine/judgingTools.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
expose(hostComparing(judgingTools(), () => performance.now()));
