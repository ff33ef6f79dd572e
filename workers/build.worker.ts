import { expose } from 'comlink';
import { hostBuilder } from '../src/engine/builder.js';
import { PACKER_NAME, packPort, startPackers } from '../src/engine/packers.js';
import { servePacker } from '../src/platform/packer.js';
import { webPlatform } from '../src/platform/web.js';

// Started from a blob, so that the document's policy (`connect-src 'none'`) binds this worker too.
const scope = globalThis as unknown as Parameters<typeof packPort>[0] & { readonly name: string };
if (scope.name === PACKER_NAME) servePacker(packPort(scope));
else
  expose(
    hostBuilder(
      webPlatform(),
      () => performance.now(),
      () => startPackers(globalThis.location.href),
    ),
  );
