import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InputReport, LooseReport, Report } from '../../src/core/generated/report.js';
import { validate } from '../../src/core/generated/report.validate.js';
import type { NamedDocument, VerifyRequest } from '../../src/engine/engine.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { readTrustDocument } from '../../src/lib/trust-reader.js';
import { nodePlatform } from '../../src/platform/node.js';
import { describeShared, sharedPath } from '../shared.js';
import { differences, loadVectors, type LoadedVector } from '../vectors.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type EngineName, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { serveBuild, type Site } from './site.js';

/**
 * The same bundles through the page of each engine and through the core in Node, compared field by field. The page
 * gets them as a person gives them, by dropping, and its answer is the report that it saves.
 */

const core = createInlineEngine(nodePlatform(), { withoutControls: true });
const NOW = '2026-11-20T12:00:00Z';

/** One drop: what the page is given, and the request that it has to make of it. */
interface Case {
  readonly name: string;
  /** File name of the bundle in the list. */
  readonly file: string;
  readonly given: readonly GivenFile[];
  readonly request: VerifyRequest;
  /** Differences from what is written about this bundle, if anything is. */
  readonly promised: (report: Report) => readonly string[];
}

/** Cases that the page can judge under one trust list, rule, time and limits. */
interface Group {
  readonly cases: readonly Case[];
  readonly trust: readonly NamedDocument[];
  readonly ruleName: string | undefined;
  readonly now: string;
  readonly settings: object | null;
}

/** What a report says, without the names of the program that made it and of its self-test. */
function substance(report: Report): object {
  return { ...report, tool: null, controls: null };
}

/** Files of the page's door for bundles: it sorts by content, so supplements come as bundles do. */
function isInput({ name }: NamedDocument): boolean {
  return /\.tgz$|\.txt$/.test(name);
}

/** Each vector gets names of its own, because one list holds many; files that belong together keep a common stem. */
function caseOf({ name, request, ...vector }: LoadedVector): Case {
  const tag = name.replace('/', '__');
  const renamed = request.loose.map((one) => ({ ...one, name: `${tag}__${one.name}` }));
  const file = `${tag}.sbundle.tgz`;
  const source = request.inputs[0]?.source as Uint8Array;
  const inputs = [
    { name: file, source },
    ...renamed.filter(isInput).map((one) => ({ name: one.name, source: one.bytes })),
  ];
  const loose = renamed.filter((one) => !isInput(one));
  return {
    name,
    file,
    given: [...inputs.map((one) => ({ name: one.name, bytes: one.source })), ...loose],
    request: { ...request, inputs, loose },
    // A text file is no approval by its name, so the page reads it as a bundle of its own and says so there.
    promised: (report) =>
      inputs.some((one) => one.name.endsWith('.txt'))
        ? []
        : differences({ name, request, ...vector }, report),
  };
}

function groupsOf(vectors: readonly LoadedVector[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const vector of vectors) {
    const {
      trust,
      allowedSigners = [],
      ruleName,
      now,
      limits = {},
      limitsProfile = 'default',
    } = vector.request;
    const documents = [...(trust === undefined ? [] : [trust]), ...allowedSigners];
    const standard = Object.keys(limits).length === 0 && limitsProfile === 'default';
    const settings = standard ? null : { limits, limitsProfile };
    const key = JSON.stringify([
      documents.map(({ name, bytes }) => [name, Buffer.from(bytes).toString('base64')]),
      ruleName,
      now,
      settings,
    ]);
    const before = groups.get(key)?.cases ?? [];
    groups.set(key, { cases: [...before, caseOf(vector)], trust: documents, ruleName, now, settings });
  }
  return [...groups.values()];
}

/** The trust documents that the page must refuse to use; it says why and judges without them. */
async function refusedOf(documents: readonly NamedDocument[]): Promise<readonly NamedDocument[]> {
  const read = await Promise.all(
    documents.map(async (document) => {
      const kind = document.name === 'allowed_signers' ? 'allowed-signers' : 'trust';
      const { trust } = await readTrustDocument({ ...document, id: '', added: '', kind });
      return { document, refused: trust === null };
    }),
  );
  return read.filter(({ refused }) => refused).map(({ document }) => document);
}

function withoutDocuments(request: VerifyRequest, refused: readonly NamedDocument[]): VerifyRequest {
  const { trust, allowedSigners = [], ...rest } = request;
  const kept = allowedSigners.filter((one) => !refused.includes(one));
  return {
    ...rest,
    ...(trust === undefined || refused.includes(trust) ? {} : { trust }),
    ...(kept.length === 0 ? {} : { allowedSigners: kept }),
  };
}

/** The part of a saved report that speaks of one bundle. */
function partOf(report: Report, file: string, tag: string): Report | null {
  const index = report.inputs.findIndex((input) => input.file === file);
  const input = report.inputs[index];
  if (input === undefined) return null;
  const loose = report.loose
    .filter((one) => one.file.startsWith(tag))
    .map((one): LooseReport => ({ ...one, inputs: one.inputs.map((at) => (at === index ? 0 : at + 1000)) }));
  return { ...report, inputs: [input], loose };
}

function dropsOf(cases: readonly Case[]): readonly (readonly GivenFile[])[] {
  // Bundles that come alone go in one drop together; files that belong together need a drop of their own.
  const alone = cases.filter(({ given }) => given.length === 1).flatMap(({ given }) => given);
  const together = cases.filter(({ given }) => given.length > 1).map(({ given }) => given);
  return [...(alone.length > 0 ? [alone] : []), ...together];
}

/** Judges a group in the page; gives what differs, in words. */
async function compare(desk: Desk, group: Group): Promise<readonly string[]> {
  await desk.clear();
  await desk.setClock(group.now);
  const problems: string[] = [];
  const refused = await refusedOf(group.trust);
  if (group.trust.length > 0) {
    await desk.drop(group.trust);
    await desk.until('the question about the trust list', ({ offer }) => offer !== null);
    const answers = await desk.acceptTrust();
    if (answers.filter((one) => one.refused).length !== refused.length)
      problems.push(`${group.cases[0]?.name}: trust lists refused by the page: ${JSON.stringify(answers)}`);
  }
  if (group.ruleName !== undefined) await chooseRule(desk, group.ruleName);
  let expectedRows = 0;
  for (const drop of dropsOf(group.cases)) {
    await desk.drop(drop);
    expectedRows += drop.filter(({ name }) => isInput({ name, bytes: new Uint8Array() })).length;
    // The list is read before the next drop, so that every file has its row.
    await desk.until('a row for each file', ({ rows }) => rows.length === expectedRows);
  }
  await desk.settled(expectedRows);
  const saved = await desk.save();
  if (!validate(saved)) problems.push(`the saved report: ${JSON.stringify(validate.errors)}`);
  for (const one of group.cases) problems.push(...(await differencesOf(one, saved, refused)));
  return problems;
}

async function differencesOf(
  one: Case,
  saved: Report,
  refused: readonly NamedDocument[],
): Promise<readonly string[]> {
  const tag = one.file.replace('.sbundle.tgz', '__');
  const part = partOf(saved, one.file, tag);
  if (part === null) return [`${one.name}: not in the saved report`];
  const own = await core.verify(withoutDocuments(one.request, refused));
  const expected = partOf(own, one.file, tag);
  const where = expected === null ? ['not in Node'] : unequal(substance(expected), substance(part), '');
  // What is written about a vector holds where the page may judge by its trust list.
  const promised = refused.length > 0 ? [] : one.promised(part);
  return [...where, ...promised].map((difference) => `${one.name}: ${difference}`);
}

/** Places where two plain values differ. */
function unequal(a: unknown, b: unknown, path: string): readonly string[] {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return Object.is(a, b) ? [] : [`${path}: ${JSON.stringify(a)} in Node, ${JSON.stringify(b)} in the page`];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) =>
    unequal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], `${path}/${key}`),
  );
}

async function chooseRule({ driver }: Desk, name: string): Promise<void> {
  await driver.evaluate((wanted: string) => {
    const select = document.querySelector<HTMLSelectElement>('.judged select');
    if (select === null || ![...select.options].some(({ value }) => value === wanted))
      throw new Error(`the page offers no rule ${wanted}`);
    select.value = wanted;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }, name);
}

function plainCase(...parts: readonly string[]): Case {
  const bytes = new Uint8Array(readFileSync(sharedPath(...parts)));
  const file = basename(parts.at(-1) ?? '');
  return {
    name: parts.join('/'),
    file,
    given: [{ name: file, bytes }],
    request: { inputs: [{ name: file, source: bytes }], loose: [], now: NOW },
    promised: () => [],
  };
}

/** Vectors that no reader of the page can bring about, and why; each is checked to be refused in the way said. */
const unreachable: Readonly<Record<string, string>> = {
  'archive/gzip-zip': 'the page names a ZIP archive and does not queue it (journey.test.ts)',
};

function reachable({ name, request }: LoadedVector): boolean {
  if (name in unreachable) return false;
  const rule = request.ruleName;
  return rule === undefined || (request.trust !== undefined && hasRule(request.trust, rule));
}

function hasRule({ bytes }: NamedDocument, rule: string): boolean {
  return new TextDecoder().decode(bytes).includes(`name: "${rule}"`);
}

describe.each(enginesHere())('verdicts of the page in %s', (engine: EngineName) => {
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

  const vectors = loadVectors();
  const left = vectors.filter((vector) => !reachable(vector));
  const groups = groupsOf(vectors.filter(reachable));
  const standard = groups.filter(({ settings }) => settings === null);
  const limited = groups.filter(({ settings }) => settings !== null);

  it(`are those of the core: ${standard.flatMap(({ cases }) => cases).length} vectors`, async () => {
    for (const { name } of left)
      console.warn(
        `NOT RUN in the page: ${name} (${unreachable[name] ?? 'the page offers only rules that exist'})`,
      );
    expect(left.length).toBeLessThanOrEqual(2);
    const problems: string[] = [];
    for (const group of standard) problems.push(...(await compare(desk, group)));
    expect(problems).toEqual([]);
    expect(await driver.consoleErrors()).toEqual([]);
  }, 600_000);

  it(`are those of the core under limits of the reader's own: ${limited.flatMap(({ cases }) => cases).length} vectors`, async () => {
    const problems: string[] = [];
    try {
      for (const group of limited) {
        const text = JSON.stringify(group.settings);
        await driver.evaluate((kept: string) => localStorage.setItem('countersign.settings', kept), text);
        desk = await openDesk(driver, site.url);
        problems.push(...(await compare(desk, group)));
      }
    } finally {
      await driver.evaluate(() => localStorage.clear());
    }
    expect(problems).toEqual([]);
  }, 300_000);

  describeShared('on published bundles', () => {
    it.each([
      ['hostile', ['corpora', 'bundles', 'hostile']],
      ['golden', ['corpora', 'bundles', 'golden']],
      ['sample', ['samples', 'bundles']],
    ])(
      'are those of the core: %s',
      async (_, folder) => {
        const names = readdirSync(sharedPath(...folder)).filter((name) => name.endsWith('.tgz'));
        expect(names.length).toBeGreaterThan(3);
        desk = await openDesk(driver, site.url);
        const cases = names.map((name) => plainCase(...folder, name));
        const group = { cases, trust: [], ruleName: undefined, now: NOW, settings: null };
        expect(await compare(desk, group)).toEqual([]);
      },
      300_000,
    );
  });
});

describe('the comparison', () => {
  it('sees a field that differs', () => {
    const input = (code: string): Partial<InputReport> => ({
      file: 'a',
      verdict: { code } as InputReport['verdict'],
    });
    expect(unequal({ inputs: [input('B-OK')] }, { inputs: [input('B-NOSIG')] }, '')).toEqual([
      '/inputs/0/verdict/code: "B-OK" in Node, "B-NOSIG" in the page',
    ]);
  });
});
