import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/generated/report.js';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import type { VerifyRequest } from '../../src/engine/engine.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { loadVector } from '../vectors.js';
import { zeros } from './big.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type EngineName } from './driver.js';
import { enginesHere } from './installed.js';
import { serveBuild, type Site } from './site.js';

/**
 * Files of more than 64 MiB are hashed in a second worker. They are small ones with empty deflate blocks in front: the
 * same content, packed as nobody packs, so the verdict is that of the small one.
 */

const MIB = 1024 * 1024;
const EMPTY_BLOCKS = 14_000_000;
const core = createInlineEngine(nodePlatform(), { withoutControls: true });

const VECTORS = ['valid/fifty-files', 'valid/loose-pair', 'forged/content-swapped'];

function enlarged(bytes: Uint8Array): Uint8Array {
  const empty = Buffer.alloc(EMPTY_BLOCKS * 5, Uint8Array.of(0, 0, 0, 0xff, 0xff));
  return concatBytes([bytes.subarray(0, 10), empty, bytes.subarray(10)]);
}

/** What a report says, without the names of the program that made it and of its self-test. */
function substance(report: Report): object {
  return { ...report, tool: null, controls: null };
}

describe.each(enginesHere())('large files in %s', (engine: EngineName) => {
  let driver: Driver;
  let site: Site;
  let desk: Desk;

  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild();
    desk = await openDesk(driver, site.url);
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  async function same(file: string, request: VerifyRequest): Promise<void> {
    const bytes = request.inputs[0]!.source as Uint8Array;
    const own: VerifyRequest = { ...request, inputs: [{ name: file, source: enlarged(bytes) }], loose: [] };
    await desk.clear();
    await desk.setClock(request.now);
    if (request.trust !== undefined) {
      await desk.drop([request.trust]);
      await desk.until('the question about the trust list', ({ offer }) => offer !== null);
      await desk.acceptTrust();
    }
    await desk.drop([{ name: file, bytes, emptyBlocks: EMPTY_BLOCKS }]);
    await desk.until('a row or a verdict', ({ rows, verdict }) => rows.length === 1 || verdict !== null);
    await desk.settled(1, 240_000);
    expect(substance(await desk.save())).toEqual(substance(await core.verify(own)));
  }

  it('are hashed as they were when they were given: WebCrypto takes its bytes before it returns', async () => {
    const taken = await driver.evaluate(async () => {
      const bytes = new Uint8Array(1_000_000).fill(7);
      const digest = crypto.subtle.digest('SHA-256', bytes);
      const unchanged = crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000).fill(7));
      bytes.fill(0);
      const [one, other] = (await Promise.all([digest, unchanged])).map((each) =>
        new Uint8Array(each).join(),
      );
      return one === other;
    });
    expect(taken).toBe(true);
  });

  it.each(VECTORS)(
    'have the verdict that the core gives: %s',
    async (name) => same(`${name.replace('/', '-')}.sbundle.tgz`, loadVector(name).request),
    300_000,
  );

  it('with content that takes its time have the verdict that the core gives', async () => {
    await same('zeros.sbundle.tgz', {
      inputs: [{ name: 'zeros', source: await zeros(6, 24 * MIB) }],
      loose: [],
      now: '2026-11-20T12:00:00Z',
    });
    expect(await driver.consoleErrors()).toEqual([]);
  }, 300_000);
});
