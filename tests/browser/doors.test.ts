import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareRequest } from '../../src/core/envelope/request.js';
import { prepareWithdrawal } from '../../src/core/envelope/withdrawal.js';
import { all as en } from '../../src/lib/strings/all.js';
import { approval, bundle, pack, packItems } from '../vectorgen/bundle.js';
import { alice, carol, personRow } from '../vectorgen/cast.js';
import { sshsig } from '../vectorgen/keys.js';
import { sha256Hex } from '../vectorgen/raw.js';
import { trustText } from '../vectorgen/trustText.js';
import { approverOf, useTrustFile, type Approver } from './approver.js';
import { axeViolations } from './axe.js';
import { openDesk } from './desk.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { again } from './silence.js';
import { serveBuild, type Site } from './site.js';

/** What is dropped on the page Verify and belongs to another page goes there in one step, with the file in hand. */

const made = bundle();
const trust = trustText({
  people: [personRow(alice), personRow(carol)],
  rules: [{ name: 'release', roles: { pm: { people: [alice.id] }, security: { people: [carol.id] } } }],
  defaultRule: 'release',
});

const bytesOf = (prepared: object): Uint8Array => {
  if (!('bytes' in prepared)) throw new Error('not made');
  return prepared.bytes as Uint8Array;
};

const requestFor = ({ manifestSha256, root, id, version }: typeof made): Uint8Array =>
  bytesOf(
    prepareRequest({
      bundle: { digest: `sha256:${manifestSha256}`, contentRoot: root, id, version },
      roles: ['pm'],
      from: 'desk@example.org',
      requestedAt: '2026-11-20T10:00:00Z',
    }),
  );

describe.each(enginesHere())('the way to the right page in %s', again, (engineName) => {
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
    await useTrustFile(driver, site.url, trust);
  }

  /** Goes to another document; what is asked of the page while it leaves has no answer. */
  const goTo = async (door: string, words: string): Promise<void> => {
    await page.press(null, `button[data-door="${door}"]`);
    await expect.poll(() => page.text().catch(() => ''), { timeout: 90_000 }).toContain(words);
  };

  const drop = async (files: readonly { name: string; bytes: Uint8Array }[]): Promise<void> =>
    (await openDesk(driver, site.url)).drop(files);

  it('a request is answered by the page Approve', async () => {
    await drop([{ name: 'please.json', bytes: requestFor(made) }]);
    await page.until(en['door.request'].replace('{name}', 'please.json'));
    // It waits for no bundle.
    expect(await page.text()).not.toContain(en['intake.looseOnly'].one.replace('{n}', '1'));
    expect(await axeViolations(driver)).toEqual([]);
    await goTo('approve', en['scan.noBundle']);
    await page.until('desk@example.org');
  });

  it('a supplement finds its bundle among those that are kept', async () => {
    await page.open();
    await page.give([{ name: 'release.sbundle.tgz', bytes: pack(made) }]);
    await page.until(en['pane.who']);
    const supplement = packItems(approval(made, { role: 'security', by: carol }));
    await drop([{ name: 'security.tgz', bytes: supplement }]);
    await page.until(en['queue.supplementAlone']);
    await goTo('approve', en['ask.title']);
    await page.until(/security Given/);
  });

  it('one of a bundle that nobody has here says what is missing', async () => {
    const other = bundle({ manifest: { id: 'example/elsewhere' } });
    await page.open();
    await page.give([
      { name: 'other.tgz', bytes: packItems(approval(other, { role: 'security', by: carol })) },
    ]);
    await page.until(en['approve.looseAlone'].one.replace('{n}', '1'));
  });

  it('a file of the same name does not take the place of a withdrawal that is kept', async () => {
    const signed = bundle({ manifest: { id: 'example/taken-back' } });
    const pm = approval(signed, { role: 'pm', by: alice });
    const statement = bytesOf(
      prepareWithdrawal({
        what: { is: 'approval', statement: `sha256:${sha256Hex(pm[0]!.bytes)}` },
        at: '2026-11-01T00:00:00Z',
        user: alice.id,
        reason: 'a mistake',
      }),
    );
    const taken = [
      { name: 'note.json', bytes: statement },
      { name: 'note.json.sig', bytes: sshsig(alice.key, statement, { namespace: 'withdrawal@countersign' }) },
    ];
    const security = approval(signed, { role: 'security', by: carol });
    await page.open();
    // What begins a decision is kept with everything that came beside it.
    await page.give([
      { name: 'signed.tgz', bytes: pack(signed, [...pm, ...security]) },
      { name: 'please.json', bytes: requestFor(signed) },
      ...taken,
    ]);
    await page.until(en['pane.who']);
    await page.open();
    const [harmless] = approval(signed, { role: 'security', by: carol, number: 2 });
    await page.give([{ name: 'note.json', bytes: harmless!.bytes }]);
    await page.until(en['ask.title']);
    expect(await page.until(/pm (Given|Missing)/)).toContain('pm Missing');
  });

  it('the withdrawal of a key is looked at by the page People', async () => {
    const fingerprint = await keyOf(carol);
    const statement = bytesOf(
      prepareWithdrawal({
        what: { is: 'key', fingerprint },
        at: '2026-11-01T00:00:00Z',
        user: carol.id,
        reason: 'lost laptop',
      }),
    );
    await drop([
      { name: 'withdrawal.json', bytes: statement },
      {
        name: 'withdrawal.json.sig',
        bytes: sshsig(carol.key, statement, { namespace: 'withdrawal@countersign' }),
      },
    ]);
    await page.until(en['door.key-withdrawal'].replace('{name}', 'withdrawal.json'));
    await goTo('people', 'is withdrawn from 2026-11-01');
    await page.press('folk.preview.keep');
    await page.until(en['folk.state.withdrawn']);
    await page.until('lost laptop');
  });
});

async function keyOf(person: typeof carol): Promise<string> {
  const { parseAuthorizedKey } = await import('../../src/core/signature/publicKey.js');
  const read = parseAuthorizedKey(personRow(person).keys[0]?.ssh ?? '');
  if ('problem' in read) throw new Error(read.problem.message);
  return read.key.fingerprint;
}
