import { expose } from 'comlink';
import { hostSigning } from '../src/store/keys/host.js';
import { openSshFiles } from '../src/store/keys/openSshFiles.js';

// Started from a blob on documents that sign, never on one that verifies.
expose(hostSigning([openSshFiles()]));
