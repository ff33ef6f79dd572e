import { serveHasher, type HashPort } from '../src/platform/hasher.js';
import { webHashing } from '../src/platform/webHashing.js';

// Small, because a large bundle is waiting for it: started by the worker that reads one.
serveHasher(globalThis as unknown as HashPort, webHashing());
