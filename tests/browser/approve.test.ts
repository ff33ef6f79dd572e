import { spawnSync } from 'node:child_process';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareApproval } from '../../src/core/approve.js';
import { readCamera, writeAnswer } from '../../src/core/envelope/camera.js';
import { prepareRequest } from '../../src/core/envelope/request.js';
import type { InputReport } from '../../src/core/generated/report.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { all as en } from '../../src/lib/strings/all.js';
import { codeGrid } from '../../src/lib/view/qr.js';
import { nodePlatform } from '../../src/platform/node.js';
import { bundle, pack, SMALL_FILES } from '../vectorgen/bundle.js';
import { alice, bob, carol, personRow } from '../vectorgen/cast.js';
import { sshsig } from '../vectorgen/keys.js';
import { trustText } from '../vectorgen/trustText.js';
import { approverOf, toolbox, useTrustFile, type Approver, type Toolbox } from './approver.js';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { again } from './silence.js';
import type { Saved } from './saves.js';
import { serveBuild, type Site } from './site.js';

const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;
const USER = 'pat@example.org';
const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const first = bundle();
const second = bundle({
  files: { ...SMALL_FILES, 'policies/default.yaml': 'deny:\n  - shell\n', 'readme.md': '# New\n' },
  roles: ['pm', 'security'],
  manifest: { version: '1.4.0' },
});
const file = (name: string, bytes: Uint8Array): { name: string; bytes: Uint8Array } => ({ name, bytes });

/** The verdict of the core on a bundle with approvals beside it. */
async function judged(bytes: Uint8Array, trust: string, loose: readonly Saved[]): Promise<InputReport> {
  const report = await engine.verify({
    inputs: [{ name: 'a.sbundle.tgz', source: bytes }],
    loose,
    trust: { name: 'trust.yaml', bytes: Buffer.from(trust) },
    now: `${new Date().toISOString().slice(0, 19)}Z`,
  });
  return report.inputs[0]!;
}

/** A picture of a code, as a phone would take it: a PNG of grey pixels. */
function picture(bytes: Uint8Array, scale = 4): Uint8Array {
  const grid = codeGrid(bytes);
  const size = grid.length * scale;
  const rows = Buffer.alloc((size + 1) * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      rows[y * (size + 1) + 1 + x] = grid[Math.floor(y / scale)]![Math.floor(x / scale)]! ? 30 : 225;
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    magic,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Names of everything on the sign screen that can be reached, in reading order. Runs in the page. */
function signNames(): string[] {
  const reached = 'h2, h3, p.exact, legend, input:not([type=file]), button, textarea';
  return [...document.querySelectorAll<HTMLElement>('[data-screen="sign"] :is(' + reached + ')')]
    .filter((one) => one.getClientRects().length > 0)
    .map((one) => {
      const label =
        one.closest('label')?.textContent ?? one.getAttribute('aria-label') ?? one.textContent ?? '';
      return label.replace(/\s+/g, ' ').trim().slice(0, 60);
    });
}

/** Replaces one byte of every bundle that is kept. Runs in the page. */
function spoilLibrary(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('countersign-library');
    opening.onerror = () => reject(new Error('no library'));
    opening.onsuccess = () => {
      const database = opening.result;
      const reading = database.transaction('bundles').objectStore('bundles');
      const [keys, values] = [reading.getAllKeys(), reading.getAll()];
      values.onsuccess = () => {
        void Promise.all(
          (values.result as (Blob | ArrayBuffer)[]).map((one) => new Response(one).arrayBuffer()),
        ).then((buffers) => {
          const table = database.transaction('bundles', 'readwrite').objectStore('bundles');
          buffers.forEach((buffer, index) => {
            const bytes = new Uint8Array(buffer);
            const at = Math.floor(bytes.length / 2);
            bytes[at] = (bytes[at] ?? 0) ^ 1;
            // As it was kept: some engines keep no blobs here.
            table.put(values.result[index] instanceof Blob ? new Blob([bytes]) : buffer, keys.result[index]);
          });
          table.transaction.oncomplete = () => {
            database.close();
            resolve(buffers.length);
          };
        }, reject);
      };
    };
  });
}

describe.each(enginesHere())('approving in %s', again, (engineName) => {
  let driver: Driver;
  let site: Site;
  let page: Approver;
  let box: Toolbox;
  let line: string;
  let trust: string;
  /** Versions that this browser holds an approval of. */
  const approved = new Set<string>();

  beforeAll(async () => {
    site = await serveBuild();
    box = toolbox();
    if (!openssh) return start();
    line = box.sshKey('pat');
    const key = { ssh: line, from: '2026-01-01T00:00:00Z', checked: 'in person' };
    trust = trustText({
      people: [{ id: USER, name: 'Pat', keys: [key] }, ...[alice, bob, carol].map((one) => personRow(one))],
      rules: [
        {
          name: 'release',
          roles: { pm: { people: [USER, alice.id] }, security: { people: [carol.id, bob.id] } },
        },
      ],
      defaultRule: 'release',
    });
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
    box?.close();
  });

  /** A browser with nothing in it but the trust list. */
  async function start(): Promise<void> {
    driver = await launch(engineName);
    page = approverOf(driver, site.url);
    approved.clear();
    if (openssh) await useTrustFile(driver, site.url, trust);
  }

  /** What a test finds approved before it: by the test before, or now, when it begins in another browser. */
  async function approvedBefore(made: typeof first): Promise<void> {
    if (approved.has(made.version)) return;
    await page.open();
    await page.give([file(`healthcare-${made.version}.sbundle.tgz`, pack(made))]);
    await page.until(en['review.next']);
    await page.toSign('pm', USER);
    await driver.setFiles('input[data-keyfile]', [file('id_ed25519', box.read('pat'))]);
    await page.until(en['sign.file.next']);
    await page.press(null, 'button[data-sign]');
    await page.until('Signed: approved as pm');
    approved.add(made.version);
  }

  async function clean(): Promise<void> {
    expect(await axeViolations(driver)).toEqual([]);
    if (await driver.emulate({ colorScheme: 'dark', reducedMotion: 'reduce' })) {
      expect(await axeViolations(driver)).toEqual([]);
      await driver.emulate(null);
    }
    await driver.setViewport(360, 780);
    const wide = await driver.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main *')]
        .filter((one) => one.getClientRects().length > 0 && one.closest('.visually-hidden, .diff') === null)
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 80)),
    );
    expect(wide).toEqual([]);
    await driver.setViewport(1280, 900);
  }

  async function checkedByAll(files: readonly Saved[], bytes: Uint8Array): Promise<void> {
    const [statement, signature] = files;
    expect(box.sshVerify(line, USER, statement!.bytes, signature!.bytes)).toBe(true);
    const input = await judged(bytes, trust, files);
    expect(input.roles.find(({ role }) => role === 'pm')).toMatchObject({ state: 'met', met: [USER] });
  }

  it('says that nothing waits, and what to do', async () => {
    await page.open();
    await page.until(en['approve.empty']);
    await clean();
  });

  it('signs with a key file, keeps every step over a reload, and stock tools agree', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    await page.open();
    await page.give([file('healthcare-1.3.0.sbundle.tgz', pack(first))]);
    await page.until(en['review.first']);
    await clean();
    // Not everything was read, and no reason given: the way on is shut and says why.
    await page.press(null, 'input[data-pane="who"]');
    expect(await page.until(en['review.blocked'])).toContain('“Rules and policies”, “Files”');
    await reload();
    await page.until(en['review.blocked']);
    await page.press(null, 'input[data-pane="rules"]');
    await page.press(null, 'input[data-pane="files"]');
    await page.press('review.next');
    await page.until(en['said.title']);
    await page.type('#said-user', 'nobody@example.org');
    await page.until('knows nobody called nobody@example.org');
    await page.type('#said-user', USER);
    await page.type('#said-role', 'pm');
    await page.type('#said-comment', 'read in full');
    await page.until(`${USER} approves this bundle in the role pm.`);
    await clean();
    await reload();
    await page.until(`${USER} approves this bundle in the role pm.`);
    await page.press('said.next');
    await page.until(en['sign.key']);
    await reload();
    await page.until(en['sign.key']);
    await driver.setFiles('input[data-keyfile]', [file('id_ed25519', box.read('pat'))]);
    await page.until(en['sign.file.next']);
    const names = await driver.evaluate(signNames);
    expect(names.map((name) => name.slice(0, 34))).toEqual([
      'Approve as pm',
      'In plain words',
      names[2]?.slice(0, 34),
      names[3]?.slice(0, 34),
      'The exact text that is signed',
      names[5]?.slice(0, 34),
      names[6]?.slice(0, 34),
      'Sign with',
      names[8]?.slice(0, 34),
      en['sign.elsewhere'].slice(0, 34),
      en['sign.useFile'].slice(0, 34),
      'Approve as pm',
      en['sign.back'],
      en['sign.later'],
    ]);
    expect(names[5]).toContain('{"_type":"https://in-toto.io/Statement/v1"');
    expect(names[8]).toContain('id_ed25519');
    // Nothing leads to a signature by itself.
    expect(await driver.evaluate(() => document.activeElement?.matches('[data-sign]'))).toBe(false);
    await clean();
    await page.press(null, 'button[data-sign]');
    await page.until('Signed: approved as pm');
    await page.until('1 of 2 given: security missing');
    await clean();
    await page.press(null, 'button[data-pair]');
    const files = await page.saves(2);
    expect(files.map(({ name }) => name)).toEqual(['pm-1.json', 'pm-1.json.sig']);
    await checkedByAll(files, pack(first));
    await page.press('receipt.send');
    const [supplement] = await page.saves(1);
    const beside = await judged(pack(first), trust, [supplement!]);
    expect(beside.roles.find(({ role }) => role === 'pm')?.state).toBe('met');
    // The new bundle: more in it, and the same digest.
    await page.press('attach.preview');
    await page.until(en['attach.same']);
    await page.press(null, 'button[data-attach-save]');
    const [merged] = await page.saves(1);
    const inside = await judged(merged!.bytes, trust, []);
    expect(inside.bundleDigest).toBe(`sha256:${first.manifestSha256}`);
    expect(inside.roles.find(({ role }) => role === 'pm')?.state).toBe('met');
    approved.add(first.version);
  });

  it('compares with what was approved before, rules first, and takes a signature of ssh-keygen', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    await approvedBefore(first);
    await page.open();
    await page.give([file('healthcare-1.4.0.sbundle.tgz', pack(second))]);
    const text = await page.until('Compared with 1.3.0, the last one that you approved');
    expect(text.indexOf('policies/default.yaml')).toBeGreaterThan(text.indexOf(en['pane.who']));
    expect(text.indexOf('readme.md')).toBeGreaterThan(text.indexOf('policies/default.yaml'));
    await page.press(null, 'section[aria-labelledby="pane-rules"] button[aria-expanded]');
    await page.until('- shell');
    await page.type('#unread-because', 'reviewed on paper');
    await page.press('review.next');
    await page.until(en['said.title']);
    await page.type('#said-user', USER);
    await page.type('#said-role', 'pm');
    await page.press('said.next');
    await page.until(en['sign.key']);
    await page.press(null, 'input[value="elsewhere"]');
    await page.press('else.save');
    const [statement] = await page.saves(1);
    expect(statement!.bytes.toString()).toContain('Reason: reviewed on paper');
    const good = box.sshSign('pat', statement!.bytes).toString();
    // Over one byte more: refused, nothing kept.
    const bad = box.sshSign('pat', Buffer.concat([statement!.bytes, Buffer.from('\n')])).toString();
    await page.type('#else-text', bad);
    await page.press('else.take');
    await page.until(en['sign.notSigned']);
    await page.type('#else-text', good);
    await page.press('else.take');
    await page.until('Signed: approved as pm');
    await page.press(null, 'button[data-pair]');
    await checkedByAll(await page.saves(2), pack(second));
    approved.add(second.version);
  });

  it('stops for good when the bundle changed after the review', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    await approvedBefore(second);
    await page.open();
    await page.give([file('healthcare-1.4.0.sbundle.tgz', pack(second))]);
    await page.until(en['review.sameAsBefore']);
    await page.toSign('pm', USER);
    await driver.setFiles('input[data-keyfile]', [file('id_ed25519', box.read('pat'))]);
    await page.until(en['sign.file.next']);
    expect(await driver.evaluate(spoilLibrary)).toBeGreaterThan(0);
    await page.press(null, 'button[data-sign]');
    await page.until(en['approve.stop.moved']);
    await page.press('approve.stop.end');
    await page.until(en['approve.waiting']);
  });

  it('never offers to approve what contradicts itself', async () => {
    const spoiled = Uint8Array.from(pack(first));
    const at = Math.floor(spoiled.length / 2);
    spoiled[at] = spoiled[at]! ^ 1;
    await page.open();
    await page.give([file('spoiled.sbundle.tgz', spoiled)]);
    await page.until('approve-bundle-not-sound');
    expect(await page.text()).not.toContain(en['said.title']);
  });

  it('crosses an air gap: request in a picture, signature, answer in a code', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    const third = bundle({ manifest: { version: '1.5.0' } });
    const request = prepareRequest({
      bundle: {
        digest: `sha256:${third.manifestSha256}`,
        contentRoot: third.root,
        id: third.id,
        version: third.version,
      },
      roles: ['pm'],
      from: 'desk@example.org',
      requestedAt: '2026-11-20T10:00:00Z',
    });
    if ('findings' in request) throw new Error('no request');
    await page.open();
    await page.press(null, 'button[data-scan]');
    await driver.setFiles('input[data-picture]', [
      file('other.png', picture(Buffer.from('https://example.org'))),
    ]);
    await page.until('camera-code-refused');
    await driver.setFiles('input[data-picture]', [file('request.png', picture(request.bytes))]);
    await page.until(en['scan.noBundle']);
    await clean();
    await page.press(null, 'input[data-pane="request"]');
    await page.press('review.next');
    await page.until(en['said.title']);
    await page.type('#said-user', USER);
    await page.type('#said-role', 'pm');
    await page.press('said.next');
    await page.until(en['sign.unseen']);
    await driver.setFiles('input[data-keyfile]', [file('id_ed25519', box.read('pat'))]);
    await page.until(en['sign.file.next']);
    await page.press(null, 'button[data-sign]');
    await page.until(en['receipt.statusNone']);
    await page.press(null, 'button[data-pair]');
    const files = await page.saves(2);
    await checkedByAll(files, pack(third));
    // What the screen shows as a code is these two files.
    const [statement, signature] = files;
    const answer = writeAnswer(statement!.bytes, { kind: 'sshsig', bytes: signature!.bytes });
    if ('findings' in answer) throw new Error('no answer');
    expect(
      await driver.evaluate(() => document.querySelector('[data-code] path')?.getAttribute('d')?.length ?? 0),
    ).toBe(pathLength(answer.bytes));
    expect(readCamera(answer.bytes)).toMatchObject({ kind: 'answer' });
  });

  it('asks for an approval, takes the answer from a picture, and refuses one for another bundle', async () => {
    const asked = bundle({ manifest: { version: '1.6.0' } });
    const answerFor = (made: typeof asked): Uint8Array => {
      const statement = prepareApproval(
        {
          bundleDigest: `sha256:${made.manifestSha256}`,
          id: made.id,
          version: made.version,
          contentRoot: made.root,
        },
        { role: 'security', user: carol.id, decision: 'approved', signedAt: '2026-11-20T10:00:00Z' },
      );
      if ('findings' in statement) throw new Error('no statement');
      const bytes = sshsig(carol.key, statement.statement);
      const code = writeAnswer(statement.statement, { kind: 'sshsig', bytes });
      if ('findings' in code) throw new Error('no code');
      return code.bytes;
    };
    await page.open();
    await page.give([
      file('healthcare-1.6.0.sbundle.tgz', pack(asked)),
      file('note.json', Buffer.from('{}')),
    ]);
    await page.until(en['ask.title']);
    await page.type('#ask-from', USER);
    await page.press(null, 'button[data-make]');
    await page.until(en['ask.compare']);
    await clean();
    await page.press(null, 'button[data-scan-answer]');
    await driver.setFiles('input[data-picture]', [file('a.png', picture(answerFor(second)))]);
    await page.until('camera-answer-differs');
    await page.press(null, 'button[data-scan-answer]');
    await driver.setFiles('input[data-picture]', [file('b.png', picture(answerFor(asked)))]);
    await page.until(/security Given/);
    await page.press('ask.save');
    const [saved] = await page.saves(1);
    expect(readCamera(saved!.bytes)).toMatchObject({ kind: 'request', request: { from: USER } });
  });

  async function reload(): Promise<void> {
    const address = await driver.evaluate(() => location.href);
    await driver.open(`${site.url}settings.html`);
    await driver.open(address);
    await page.until(/Review:|Statement:|Sign:/);
    await page.keep();
  }
});

function pathLength(bytes: Uint8Array): number {
  return codeGrid(bytes)
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`.length] : [])))
    .reduce((sum, length) => sum + length, 0);
}
