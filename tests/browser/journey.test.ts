import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/generated/report.js';
import { validate } from '../../src/core/generated/report.validate.js';
import { all as en } from '../../src/lib/strings/all.js';
import { samples } from '../../src/lib/samples/generated.js';
import { root } from '../../src/tools/project.mjs';
import { runApart } from '../cli/run.js';
import { describeShared, sharedPath } from '../shared.js';
import { vectorsRoot } from '../vectors.js';
import { zeros } from './big.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { serveBuild, type Site } from './site.js';

/** What a person does with the pages, from the first visit on. */

const vector = (name: string, file: string): Uint8Array =>
  new Uint8Array(readFileSync(join(vectorsRoot, name, file)));
const given = (name: string, bytes: Uint8Array | string): GivenFile => ({
  name,
  bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
});
const smallest = vector('valid/smallest', 'input.sbundle.tgz');
const sampleTrust = readFileSync(join(root, 'tests', 'fixtures', 'samples-trust.yaml'));

/** What two reports say, without what names the program and its self-test. */
function substance({ tool: _tool, controls: _controls, ...rest }: Report): object {
  return rest;
}

interface Standing {
  readonly title: string;
  readonly focused: string;
  readonly headline: string;
  readonly text: string;
}

function standing(): Standing {
  const headline = document.querySelector<HTMLElement>('article.verdict h1')?.innerText ?? '';
  return {
    title: document.title,
    focused: document.activeElement?.tagName ?? '',
    headline,
    text: document.querySelector<HTMLElement>('main')?.innerText ?? '',
  };
}

interface Tasks {
  readonly longest: number;
  readonly total: number;
  readonly elapsed: number;
}

/** Notes every task of the page over 50 ms; false where the engine does not tell. Runs in the page, as the next three. */
function watchTasks(): boolean {
  if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return false;
  const found: PerformanceEntry[] = [];
  Object.assign(globalThis, { longTasks: found });
  new PerformanceObserver((list) => void found.push(...list.getEntries())).observe({ type: 'longtask' });
  return true;
}
/** Handing large files over from outside is no work of the page. */
function beginNow(): void {
  Object.assign(globalThis, { watchedFrom: performance.now() });
}
function tasks(): Tasks {
  const scope = globalThis as { longTasks?: PerformanceEntry[]; watchedFrom?: number };
  const from = scope.watchedFrom ?? 0;
  const long = (scope.longTasks ?? []).filter((one) => one.startTime >= from).map((one) => one.duration);
  const total = long.reduce((sum, each) => sum + each, 0);
  return { longest: Math.max(0, ...long), total, elapsed: performance.now() - from };
}
function blockPage(): void {
  setTimeout(() => {
    for (const end = performance.now() + 120; performance.now() < end;);
  }, 0);
}

describe.each(enginesHere())('the way of a newcomer in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let desk: Desk;

  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild();
  });
  beforeEach(async () => {
    desk = await openDesk(driver, site.url);
    await desk.clear();
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  it('three samples are one click away, and each gives its verdict', async () => {
    const expected = ['B-OK', 'B-CHANGED', 'B-UNKNOWN'];
    expect(samples).toHaveLength(3);
    for (const [index, sample] of samples.entries()) {
      desk = await openDesk(driver, site.url);
      await desk.press(en[`samples.${sample.kind}`], '#samples-title ~ ul strong');
      const { rows, verdict } = await desk.until('a verdict', (seen) => seen.verdict !== null);
      expect(rows.map(({ code }) => code)).toEqual([expected[index]]);
      const { title, focused, headline } = await driver.evaluate(standing);
      expect(headline).toBe(verdict);
      expect(title).toContain(headline);
      expect(title).toContain(sample.name);
      expect(focused).toBe('H1');
      const report = await desk.save();
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
      expect(report.controls).toMatchObject({ behaved: report.controls?.total });
      expect(report.controls?.total).toBeGreaterThanOrEqual(24);
    }
    expect(await driver.consoleErrors()).toEqual([]);
  });

  describeShared('with the sample release and its three approvals', () => {
    const folder = sharedPath('samples', 'bundles');
    const approvals = (): string[] =>
      readdirSync(folder).filter((name) => /^healthcare-api-1\.3\.0-.*-approval\.json$/.test(name));
    const all = (): GivenFile[] => [
      ...['healthcare-api-1.3.0.sbundle.tgz', ...approvals()].map((name) =>
        given(name, new Uint8Array(readFileSync(join(folder, name)))),
      ),
      given('samples-trust.yaml', new Uint8Array(sampleTrust)),
    ];

    it('one drop, one question, and the answer of the command line; the trust list stays', async () => {
      await desk.drop(all());
      const { offer, refused } = await desk.until('the question', (seen) => seen.offer !== null);
      expect(refused).toBe(false);
      expect(offer).toContain('Alice (product)');
      expect((await desk.see()).rows).toEqual([]);
      await desk.acceptTrust();
      await desk.until('a verdict', (seen) => seen.verdict !== null);
      const { text } = await driver.evaluate(standing);
      expect(text).toContain('Still needs 1 approval (2 of 3 given)');
      expect(text).toContain('B-INCOMPLETE');
      // What to do next names the person and the role.
      expect(text).toMatch(/What to do:[^\n]*carol@acme\.org[^\n]*security/);

      const report = await desk.save();
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
      const [input] = report.inputs;
      expect(input?.axes).toMatchObject({ readable: 'pass', unchanged: 'pass' });
      expect(Object.fromEntries((input?.roles ?? []).map(({ role, state }) => [role, state]))).toEqual({
        pm: 'met',
        lead: 'met',
        security: 'weak',
      });

      await desk.press(en['action.lead.incomplete']);
      const people = await driver.text('#panel-people');
      for (const name of ['Alice (product)', 'Bob (lead)', 'Carol (security)'])
        expect(people).toContain(name);
      expect(people).toContain(en['people.signature.weak']);
      await driver.evaluate(() => document.querySelector<HTMLElement>('#tab-findings')?.click());
      expect(await driver.text('#panel-findings')).toMatch(/SHA-1/);

      const { code, out } = await runApart(
        [
          'verify',
          join(folder, 'healthcare-api-1.3.0.sbundle.tgz'),
          ...approvals().flatMap((name) => ['--approval', join(folder, name)]),
          '--rule',
          join('tests', 'fixtures', 'samples-trust.yaml'),
          '--now',
          report.now,
          '--json',
        ],
        { cwd: root },
      );
      expect(code).toBe(40);
      // Paths are as typed on the command line; the page knows names alone.
      const bare = out
        .replaceAll(`${JSON.stringify(`${folder}/`).slice(1, -1)}`, '')
        .replaceAll('tests/fixtures/', '');
      expect(substance(report)).toEqual(substance(JSON.parse(bare) as Report));

      desk = await openDesk(driver, site.url);
      await desk.until('the kept trust list', () => true);
      await expect.poll(() => driver.text('.judged')).toContain('samples-trust.yaml');
      await expect.poll(() => driver.text('main')).toContain(en['recent.title']);
      await desk.clear();
    });
  });

  it('a batch of thirty goes on past a bad file; chips show only what they name', async () => {
    const files = Array.from({ length: 30 }, (_, index) =>
      given(
        `release-${String(index).padStart(2, '0')}.sbundle.tgz`,
        index === 11 ? smallest.subarray(0, 200) : smallest,
      ),
    );
    await desk.drop(files);
    const { rows } = await desk.settled(30);
    expect(rows.filter(({ code }) => code === 'B-UNREADABLE').map(({ text }) => text)).toEqual([
      expect.stringContaining('release-11.sbundle.tgz'),
    ]);
    expect(new Set(rows.map(({ code }) => code)).size).toBe(2);
    expect(await driver.text('header [role=status]')).toContain('30 of 30 read');

    await desk.press('B-UNREADABLE 1', '.chip');
    expect((await desk.until('one row', (seen) => seen.rows.length === 1)).rows[0]?.text).toContain(
      'release-11',
    );
    await desk.press('All 30', '.chip');
    await desk.until('all rows', (seen) => seen.rows.length === 30);

    // Arrows move, Enter opens, Escape comes back to the same row, Delete removes with a way back.
    await driver.evaluate(() => document.querySelector<HTMLElement>('.rows .open')?.focus());
    await driver.press('ArrowDown');
    await driver.press('Enter');
    await desk.until('the second verdict', (seen) => seen.verdict !== null);
    expect((await driver.evaluate(standing)).title).toContain('release-01');
    await driver.press('Escape');
    await desk.until('the list', (seen) => seen.verdict === null);
    const focusedRow = (): string => document.activeElement?.closest('li')?.textContent ?? '';
    await expect.poll(() => driver.evaluate(focusedRow)).toContain('release-01');
    await driver.press('Delete');
    await desk.until('one row less', (seen) => seen.rows.length === 29);
    await desk.press(en['common.undo']);
    await desk.until('all rows again', (seen) => seen.rows.length === 30);

    const report = await desk.save();
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.inputs).toHaveLength(30);
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('after a reload with an open verdict the way back leads to the list', async () => {
    await desk.drop([given('first.sbundle.tgz', smallest)]);
    await desk.until('a verdict', (seen) => seen.verdict !== null);
    desk = await openDesk(driver, site.url);
    await desk.drop([given('second.sbundle.tgz', smallest), given('third.sbundle.tgz', smallest)]);
    await desk.settled(2);
    expect((await desk.see()).verdict).toBeNull();
    await desk.clickOn('.rows > li:last-child .open');
    await desk.until('the verdict', (seen) => seen.verdict !== null);
    expect((await driver.evaluate(standing)).title).toContain('third.sbundle.tgz');
    await desk.backToList();
    expect((await desk.see()).rows).toHaveLength(2);
  });

  it('two drops that wait for the same question are both kept', async () => {
    const trust = given('trust.yaml', vector('valid/loose-pair', 'trust.yaml'));
    const signers = given('allowed_signers', 'carol@example.org ssh-ed25519 AAAA\n');
    await desk.drop([given('first.sbundle.tgz', smallest), trust]);
    await desk.until('the question', (seen) => seen.offer !== null);
    await desk.drop([given('second.sbundle.tgz', smallest), signers]);
    await expect.poll(() => driver.evaluate(() => document.querySelectorAll('.rows > li').length)).toBe(0);
    const answers = await desk.acceptTrust();
    if (answers.length === 1) {
      await desk.until('the second question', (seen) => seen.offer !== null || seen.rows.length === 2);
      await desk.acceptTrust();
    }
    await desk.settled(2);
  });

  it('a long reading stops at a word, without a verdict; another drop is judged meanwhile', async () => {
    const long = await zeros(9, 104_857_600);
    await desk.drop([given('long.sbundle.tgz', long)]);
    await desk.until('the reading', (seen) => seen.rows[0]?.text.includes(en['common.cancel']) === true);
    await desk.drop([given('short.sbundle.tgz', smallest)]);
    const codes = (
      await desk.until('the short one done', (seen) => seen.rows[1]?.code.startsWith('B-') === true)
    ).rows;
    expect(codes[0]?.code).toBe('');
    await desk.press(`Cancel long.sbundle.tgz`, 'button');
    const { rows } = await desk.until('the end of work', (seen) => !seen.working);
    expect(rows[0]?.text).toContain(`${en['queue.stopped']} ${en['queue.stoppedAbout']}`);
    expect(rows[0]?.code).toBe('');
    expect(rows[1]?.code).toBe(codes[1]?.code);
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('the page is at rest while 900 MB are hashed elsewhere', async () => {
    if (!(await driver.evaluate(watchTasks))) {
      console.warn(`NOT RUN: ${engine} does not tell of long tasks`);
      return;
    }
    const bundle = await zeros(9, 104_857_600);
    await desk.drop([given('long.sbundle.tgz', bundle), given('short.sbundle.tgz', smallest)]);
    await driver.evaluate(beginNow);
    await desk.settled(2);
    const { longest, total, elapsed } = await driver.evaluate(tasks);
    const share = total / elapsed;
    console.info(
      `longest task ${Math.round(longest)} ms; long tasks took ${(share * 100).toFixed(1)} % of the time`,
    );
    expect(share).toBeLessThan(0.25);
    // What the above rests on: time in which the page is blocked is told.
    await driver.evaluate(blockPage);
    await expect.poll(async () => (await driver.evaluate(tasks)).total).toBeGreaterThan(total);
  }, 120_000);

  it('an approval pasted after its bundle is put to it', async () => {
    const name = 'valid/loose-pair';
    await desk.setClock('2026-11-20T12:00:00Z');
    await desk.drop([
      given('release.sbundle.tgz', vector(name, 'input.sbundle.tgz')),
      given('trust.yaml', vector(name, 'trust.yaml')),
    ]);
    await desk.until('the question', (seen) => seen.offer !== null);
    await desk.acceptTrust();
    const before = await desk.until('a verdict', (seen) => seen.verdict !== null);
    expect(before.rows[0]?.code).toBe('B-INCOMPLETE');
    await desk.backToList();
    for (const file of ['security-1.json', 'security-1.json.sig']) {
      await desk.press(en['drop.paste']);
      const text = new TextDecoder().decode(vector(name, `loose/${file}`));
      await driver.evaluate((value: string) => {
        const area = document.querySelector<HTMLTextAreaElement>('#paste-text');
        if (area === null) throw new Error('nowhere to paste');
        area.value = value;
        area.dispatchEvent(new Event('input', { bubbles: true }));
      }, text);
      await desk.press(en['paste.use']);
    }
    await desk.until('every approval', (seen) => seen.rows[0]?.code === 'B-OK' && !seen.working);
    await desk.clear();
  });

  it.each([
    ['letter.pdf', '%PDF-1.7\n', 'intake.wrong.pdf'],
    ['archive.zip', 'PK\u0003\u0004', 'intake.wrong.zip'],
    ['letter.docx', 'PK\u0003\u0004', 'intake.wrong.office'],
    ['photo.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'intake.wrong.image'],
  ] as const)('%s is named for what it is, and not queued', async (name, bytes, key) => {
    await desk.drop([given(name, bytes), given('smallest.sbundle.tgz', smallest)]);
    const { notices, rows } = await desk.until(
      'a notice and a row',
      (seen) => seen.notices.length > 0 && seen.rows.length > 0,
    );
    expect(notices.join(' ')).toContain(`${name}: this is ${en[key]}. Drop the .sbundle.tgz it came with.`);
    expect(rows).toHaveLength(1);
  });

  it('a trust list in an older form is refused with what to do, and used for nothing', async () => {
    await desk.drop([
      given('trust.yaml', 'version: 1\nroles:\n  pm: {}\n'),
      given('a.sbundle.tgz', smallest),
    ]);
    const { refused, offer } = await desk.until('the answer', (seen) => seen.offer !== null);
    expect(refused).toBe(true);
    expect(offer).toContain('older');
    await desk.acceptTrust();
    await desk.until('a verdict without it', (seen) => seen.verdict !== null);
    expect((await desk.save()).trust.sources).toEqual([]);
  });
});
