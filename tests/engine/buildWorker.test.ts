import type { Remote } from 'comlink';
import { describe, expect, it } from 'vitest';
import type { BuildFile, BuildHost, BuildWishes, Planned } from '../../src/engine/builder.js';
import { createBuilder } from '../../src/engine/buildWorker.js';
import type { Seat } from '../../src/engine/seat.js';

const nothing: Planned = { findings: [], secrets: [], plan: null };
const wishes = {} as BuildWishes;

/** A worker that remembers the files that it was told of; each telling ends when the test says so. */
function slowHost(): {
  readonly seat: Seat<BuildHost>;
  readonly tellings: (() => void)[];
  readonly planned: (string | undefined)[];
} {
  const tellings: (() => void)[] = [];
  const planned: (string | undefined)[] = [];
  let held: readonly BuildFile[] = [];
  const host: BuildHost = {
    ping: async () => true,
    open: (given) => {
      held = given;
      return new Promise((resolve) => tellings.push(resolve));
    },
    plan: async () => {
      planned.push(held[0]?.path);
      return nothing;
    },
    pack: async () => ({ findings: [] }),
  };
  const seat: Seat<BuildHost> = {
    alive: true,
    stop: () => undefined,
    run: (call) => call(host as unknown as Remote<BuildHost>),
  };
  return { seat, tellings, planned };
}

const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the builder beside the page', () => {
  it('never plans older files for newer ones that were opened meanwhile', async () => {
    const { seat, tellings, planned } = slowHost();
    const builder = createBuilder(async () => seat);
    builder.open([{ path: 'old.yaml', blob: new Blob() }]);
    const first = builder.plan(['old.yaml'], wishes, {});
    await turns();
    // The worker is still being told of the old files.
    builder.open([{ path: 'new.yaml', blob: new Blob() }]);
    tellings.shift()?.();
    await turns();
    tellings.shift()?.();
    await first;
    const second = builder.plan(['new.yaml'], wishes, {});
    await turns();
    tellings.shift()?.();
    await second;
    expect(planned).toEqual(['new.yaml', 'new.yaml']);
  });
});
