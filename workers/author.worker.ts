import { expose } from 'comlink';
import { hostAuthor } from '../src/engine/author/host.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
expose(hostAuthor());
