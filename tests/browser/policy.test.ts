import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../src/tools/project.mjs';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, servePlanted, type Site } from './site.js';

/**
 * Tries every way out and tells over a channel what came of each, again and again: the engine starts before the page can
 * listen. Runs as the first thing in the engine worker.
 */
const planted = `
const planted = new BroadcastChannel('planted');
const outcomes = {};
setInterval(() => planted.postMessage(outcomes), 100);
const tell = (way, outcome) => (outcomes[way] = outcome);
const out = (way) => self.location.origin + '/planted-' + way;
fetch(out('fetch')).then(() => tell('fetch', 'sent'), () => tell('fetch', 'blocked'));
try { const x = new XMLHttpRequest(); x.onload = () => tell('xhr', 'sent'); x.onerror = () => tell('xhr', 'blocked'); x.open('GET', out('xhr')); x.send(); } catch { tell('xhr', 'blocked'); }
try { const s = new EventSource(out('events')); s.onerror = () => { tell('events', 'blocked'); s.close(); }; s.onopen = () => tell('events', 'sent'); } catch { tell('events', 'blocked'); }
try { importScripts(out('script')); tell('script', 'sent'); } catch { tell('script', 'blocked'); }
`;
const ways = ['events', 'fetch', 'script', 'xhr'];

/** Collects what the planted code tells. Runs in the page. */
function listen(): void {
  const scope = globalThis as { plantedOutcomes?: Record<string, string> };
  new BroadcastChannel('planted').addEventListener(
    'message',
    (event: MessageEvent<Record<string, string>>) => {
      scope.plantedOutcomes = event.data;
    },
  );
}

function outcomes(): Record<string, string> {
  return (globalThis as { plantedOutcomes?: Record<string, string> }).plantedOutcomes ?? {};
}

const bundle = readFileSync(join(root, 'test-vectors', 'valid', 'smallest', 'input.sbundle.tgz'));

describe.each(enginesHere())('policy in %s', (engine) => {
  let driver: Driver;
  let site: Site;

  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild({ bare: true });
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  it('blocks a request planted in the verify document', async () => {
    await openPage(driver, `${site.url}verify`);
    const outcome = await driver.evaluate(async () => {
      const results: Record<string, string> = {};
      results['fetch'] = await fetch('planted-page-fetch').then(
        () => 'sent',
        () => 'blocked',
      );
      results['beacon'] = navigator.sendBeacon('planted-page-beacon') ? 'queued' : 'blocked';
      results['image'] = await new Promise<string>((resolve) => {
        const image = new Image();
        image.onload = () => resolve('sent');
        image.onerror = () => resolve('failed');
        image.src = 'https://example.invalid/planted-page-image';
      });
      return results;
    });
    expect(outcome['fetch']).toBe('blocked');
    expect(outcome['image']).toBe('failed');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(site.asked.filter((path) => path.includes('planted'))).toEqual([]);
  });

  it.each([
    ['with policy headers', false],
    ['on the plainest host', true],
  ])('blocks requests planted in the engine worker, %s', async (_, bare) => {
    const evil = await servePlanted(planted, { bare });
    try {
      await openPage(driver, `${evil.url}verify`);
      await driver.evaluate(listen);
      await driver.setFiles('input[type=file]', [{ name: 'smallest.sbundle.tgz', bytes: bundle }]);
      await expect
        .poll(async () => Object.keys(await driver.evaluate(outcomes)).sort(), { timeout: 30_000 })
        .toEqual(ways);
      expect(new Set(Object.values(await driver.evaluate(outcomes)))).toEqual(new Set(['blocked']));
      expect(evil.asked.filter((path) => path.includes('planted'))).toEqual([]);
    } finally {
      await evil.close();
    }
  });
});
