import { expose } from 'comlink';
import { openPgpFiles } from '../src/store/keys/openPgpFiles.js';
import { hostSigning } from '../src/store/keys/host.js';

// Started from a blob on documents that sign, and only for a key of this kind: its library is large.
expose(hostSigning([openPgpFiles()]));
