import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareApproval } from '../../src/core/approve.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { all as en } from '../../src/lib/strings/all.js';
import { nodePlatform } from '../../src/platform/node.js';
import { alice } from '../vectorgen/cast.js';
import { sshsig } from '../vectorgen/keys.js';
import { approverOf, type Approver } from './approver.js';
import { zeros } from './big.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { again } from './silence.js';
import { serveBuild, type Site } from './site.js';

/** Approvals go into a bundle of a hundred megabytes while the page stays free. */

const MIB = 1024 * 1024;
const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

/** Starts, and stops as soon as there is something to stop. Runs in the page. */
function startAndStop(): Promise<boolean> {
  const [start] = [...document.querySelectorAll('button')].filter(
    (one) => one.dataset['attachPreview'] === '',
  );
  start?.click();
  return new Promise((resolve) => {
    const look = (): void => {
      const stop = document.querySelector<HTMLButtonElement>('button[data-attach-cancel]');
      const begun = (document.querySelector('progress')?.value ?? 0) > 0;
      if (stop === null || !begun) return void setTimeout(look, 1);
      stop.click();
      resolve(true);
    };
    look();
  });
}

/** Notes the names of workers, and every task over 50 ms where the engine tells. Runs in the page. */
function watchThread(): void {
  const scope = globalThis as { longest?: number; names?: string[] };
  scope.longest = 0;
  const names: string[] = (scope.names = []);
  const { Worker: Plain } = globalThis;
  globalThis.Worker = class extends Plain {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      names.push(options?.name ?? '');
    }
  };
  if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) scope.longest = Math.max(scope.longest ?? 0, duration);
  }).observe({ type: 'longtask' });
}

/** True where the engine tells of long tasks. Runs in the page. */
function blockFor(ms: number): boolean {
  setTimeout(() => {
    for (const end = performance.now() + ms; performance.now() < end;);
  }, 0);
  return PerformanceObserver.supportedEntryTypes.includes('longtask');
}

function forgetLongest(): void {
  (globalThis as { longest?: number }).longest = 0;
}

function seen(): { longest: number; names: string[] } {
  const { longest = 0, names = [] } = globalThis as { longest?: number; names?: string[] };
  return { longest, names };
}

describe.each(enginesHere())('attaching to a large bundle in %s', again, (engineName) => {
  let driver: Driver;
  let site: Site;
  let page: Approver;

  beforeAll(async () => {
    site = await serveBuild();
    await start();
  }, 180_000);
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) === 0) return;
    await driver.close();
    await start();
  }, 180_000);
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  async function start(): Promise<void> {
    driver = await launch(engineName);
    page = approverOf(driver, site.url);
  }

  it('can be stopped, goes on in a worker, and leaves what was approved as it is', async () => {
    const bytes = await zeros(4, 25 * MIB);
    const judged = async (source: Uint8Array) =>
      (await engine.verify({ inputs: [{ name: 'a', source }], loose: [], now: '2026-11-20T12:00:00Z' }))
        .inputs[0]!;
    const before = await judged(bytes);
    const { bundleDigest, contentRoot, bundle } = before;
    const { id, version } = bundle!;
    const made = prepareApproval(
      { bundleDigest: bundleDigest!, contentRoot: contentRoot!, id, version },
      { role: 'pm', user: alice.id, decision: 'approved', signedAt: '2026-11-20T10:00:00Z' },
    );
    if ('findings' in made) throw new Error('no statement');
    await page.open();
    await page.give([
      { name: 'big.sbundle.tgz', bytes },
      { name: 'pm-1.json', bytes: made.statement },
      { name: 'pm-1.json.sig', bytes: sshsig(alice.key, made.statement) },
    ]);
    await page.until(en['attach.title']);
    await driver.evaluate(watchThread);
    // What is measured can be measured: a task of its own length is noted.
    if (await driver.evaluate(blockFor, 120))
      await expect.poll(async () => (await driver.evaluate(seen)).longest).toBeGreaterThan(100);
    await driver.evaluate(forgetLongest);
    expect(await driver.evaluate(startAndStop)).toBe(true);
    await page.until(en['attach.stopped']);
    await page.press('attach.preview');
    await page.until(en['attach.same']);
    await page.press(null, 'button[data-attach-save]');
    const [saved] = await page.saves(1);
    const { longest, names } = await driver.evaluate(seen);
    // The one that was stopped is gone; the other did both steps.
    expect(names.filter((name) => name === 'countersign-attach')).toHaveLength(2);
    console.log(
      `${engineName}: longest task of the page while attaching to 100 MiB: ${Math.round(longest)} ms`,
    );
    const after = await judged(saved!.bytes);
    expect(after.bundleDigest).toBe(bundleDigest);
    expect(after.approvals.map(({ signature, binding }) => [signature, binding])).toEqual([
      ['true', 'bundle'],
    ]);
  }, 240_000);
});
