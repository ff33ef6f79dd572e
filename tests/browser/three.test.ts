import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareApproval } from '../../src/core/approve.js';
import type { InputReport } from '../../src/core/generated/report.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { hasGnupg, openGnupg, type Gnupg } from '../openpgp/gnupg.js';
import { describeShared, sharedPath } from '../shared.js';
import { bundle, pack } from '../vectorgen/bundle.js';
import { trustText, type TrustRow } from '../vectorgen/trustText.js';
import { approverOf, toolbox, useTrustFile, type Approver, type Toolbox } from './approver.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import type { Saved } from './saves.js';
import { openPage, serveBuild, type Site } from './site.js';

/** Three people, three kinds of key, one rule of three roles, and stock tools that check each of them. */

const [PM, SECURITY, LEGAL] = ['pat@example.org', 'sam@example.org', 'lee@example.org'] as const;
const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;
const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

/** Every file of a folder by its path in it. */
function filesIn(folder: string, root = folder): Record<string, Uint8Array> {
  const found = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesIn(path, root);
    return { [relative(root, path)]: new Uint8Array(readFileSync(path)) };
  });
  return Object.assign({}, ...found) as Record<string, Uint8Array>;
}

/** The public line of the one key of a kind. Runs in the page. */
function publicLine(kind: string): Promise<string> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('countersign-keys');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('keys').objectStore('keys').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        const all = reading.result as { kind: string; publicKey: string }[];
        resolve(all.find((one) => one.kind === kind)?.publicKey ?? '');
      };
    };
  });
}

describeShared('three approvers', () => {
  let driver: Driver | undefined;
  let site: Site;
  let page: Approver;
  let box: Toolbox;
  let gnupg: Gnupg;
  let trust: TrustRow;
  const given: Saved[] = [];
  const reason = whyNot();

  /** Passkeys need an engine whose driver can be given one. */
  function whyNot(): string | null {
    if (!enginesHere().includes('chromium')) return 'passkeys need Chromium';
    if (!openssh) return 'ssh-keygen is not installed';
    return hasGnupg ? null : 'gpg is not installed';
  }

  const released = (version: string): ReturnType<typeof bundle> =>
    bundle({
      files: filesIn(sharedPath('samples', 'project')),
      roles: ['pm', 'security', 'legal'],
      manifest: { version },
    });
  async function judged(
    bytes: Uint8Array,
    loose: readonly Saved[],
    list: TrustRow = trust,
  ): Promise<InputReport> {
    const report = await engine.verify({
      inputs: [{ name: 'project.sbundle.tgz', source: bytes }],
      loose,
      trust: { name: 'trust.yaml', bytes: Buffer.from(trustText(list)) },
      now: `${new Date().toISOString().slice(0, 19)}Z`,
    });
    return report.inputs[0]!;
  }

  beforeAll(async () => {
    if (reason !== null) return;
    driver = await launch('chromium');
    site = await serveBuild();
    page = approverOf(driver, site.url);
    box = toolbox();
    gnupg = openGnupg();
  }, 120_000);
  afterAll(async () => {
    await driver?.close();
    await site?.close();
    box?.close();
    gnupg?.close();
  });

  async function begin(role: string, user: string, bytes: Uint8Array): Promise<void> {
    await page.open();
    await page.give([{ name: 'project.sbundle.tgz', bytes }]);
    await page.until('Who must approve');
    await page.toSign(role, user);
  }
  async function received(role: string): Promise<readonly Saved[]> {
    await page.until(`Signed: approved as ${role}`);
    await page.press(null, 'button[data-pair]');
    const files = await page.saves(2);
    given.push(...files);
    return files;
  }

  it('take the sample project from "nobody signed it" to "unchanged and fully approved"', async () => {
    if (reason !== null || driver === undefined) return console.log(`NOT RUN: ${reason}`);
    const project = pack(released('1.0.0'));
    expect(await driver.passkeys()).toBe(true);
    await openPage(driver, `${site.url}keys.html`);
    for (const [kind, label] of [
      ['passkey', 'Finger'],
      ['browser', 'Second'],
    ] as const) {
      await page.press(null, `[data-kind="${kind}"]`);
      await page.type('#add input[id$="-label"]', label);
      await page.type('#add input[id$="-user"]', PM);
      await page.press(null, '#add button.primary');
      await page.until(label);
      await expect
        .poll(() => driver?.evaluate(publicLine, kind), { timeout: 60_000 })
        .toMatch(/^(sk-|ssh-|ecdsa-)/);
    }
    const passkey = await driver.evaluate(publicLine, 'passkey');
    const ssh = box.sshKey('sam', 'ecdsa');
    const gpg = gnupg.makeKey(`Lee <${LEGAL}>`, 'ed25519', 'sign', 'never');
    const certificate = Buffer.from(gnupg.run(['--armor', '--export', gpg])).toString();
    const row = (id: string, key: object): TrustRow['people'][number] => ({ id, keys: [key] });
    trust = {
      people: [
        row(PM, { passkey, origins: [new URL(site.url).origin] }),
        row(SECURITY, { ssh }),
        row(LEGAL, { openpgp: gpg, certificate }),
      ],
      rules: [
        {
          name: 'release',
          level: 'L3',
          roles: { pm: { people: [PM] }, security: { people: [SECURITY] }, legal: { people: [LEGAL] } },
        },
      ],
      defaultRule: 'release',
    };
    expect((await judged(project, [])).verdict.code).toBe('B-NOSIG');
    await useTrustFile(driver, site.url, trustText(trust));

    await begin('pm', PM, project);
    await page.press(null, '[data-screen="sign"] label:has(input[name="key"])');
    await page.until('Next, your device asks for your fingerprint');
    await page.press(null, 'button[data-sign]');
    const [pmText, pmSignature] = await received('pm');
    expect(box.sshVerify(passkey, PM, pmText!.bytes, pmSignature!.bytes)).toBe(true);

    await begin('security', SECURITY, project);
    await driver.setFiles('input[data-keyfile]', [{ name: 'id_ecdsa', bytes: box.read('sam') }]);
    await page.until('the key file that you opened');
    await page.press(null, 'button[data-sign]');
    const [securityText, securitySignature] = await received('security');
    expect(box.sshVerify(ssh, SECURITY, securityText!.bytes, securitySignature!.bytes)).toBe(true);

    await begin('legal', LEGAL, project);
    await page.press(null, 'input[value="elsewhere"]');
    await page.press('else.save');
    const [words] = await page.saves(1);
    const made = gnupg.sign(gpg, words!.bytes, ['--digest-algo', 'SHA512']);
    await page.type('#else-text', Buffer.from(made).toString());
    await page.press('else.take');
    const [legalText, legalSignature] = await received('legal');
    expect(gnupg.verify(legalSignature!.bytes, legalText!.bytes)).toContain('VALIDSIG');
    await page.until('All of 3 given');

    // One file for the auditor: the same bundle digest, and nothing beside it needed.
    await page.press('attach.preview');
    await page.press(null, 'button[data-attach-save]');
    const [merged] = await page.saves(1);
    const { verdict, roles } = await judged(merged!.bytes, []);
    expect([verdict.code, verdict.headline]).toEqual(['B-OK', 'Unchanged and fully approved']);
    expect(roles.map(({ role, met }) => [role, met])).toEqual([
      ['pm', [PM]],
      ['security', [SECURITY]],
      ['legal', [LEGAL]],
    ]);
  }, 400_000);

  it('and four ways in which it is not: each has its own code and headline', async () => {
    if (reason !== null) return console.log(`NOT RUN: ${reason}`);
    const project = pack(released('1.0.0'));
    const renamed = (files: readonly Saved[]): Saved[] =>
      files.map((one, i) => ({ ...one, name: `${i >> 1}-${one.name}` }));
    const pm = (await judged(project, renamed(given))).approvals.find(({ claims }) => claims.role === 'pm');
    const withdrawn = [
      { fingerprint: pm?.key?.fingerprint ?? '', at: '2026-01-01T00:00:00Z', reason: 'lost' },
    ];
    const withdrawnKey = await judged(project, renamed(given), { ...trust, withdrawn });
    const stale = await judged(pack(released('1.0.1')), renamed(given));
    const stranger = await judged(pack(bundle({ manifest: { id: 'acme/other' } })), renamed(given));
    // The same key, with approvals in two roles that the rule would both let it give.
    const [{ id, version, root, manifestSha256 }] = [released('1.0.0')];
    const twice = prepareApproval(
      { bundleDigest: `sha256:${manifestSha256}`, id, version, contentRoot: root },
      { role: 'pm', user: SECURITY, decision: 'approved', signedAt: '2026-11-20T10:00:00Z' },
    );
    if ('findings' in twice) throw new Error('no statement');
    const both = [
      ...renamed(given.slice(2, 4)),
      { name: 'pm.json', bytes: Buffer.from(twice.statement) },
      { name: 'pm.json.sig', bytes: box.sshSign('sam', twice.statement) },
    ];
    const rule = { name: 'release', roles: { pm: { people: [SECURITY] }, security: { people: [SECURITY] } } };
    const alone = await judged(project, both, { ...trust, rules: [{ ...rule, differentPeople: false }] });
    expect(alone.roles.filter(({ state }) => state === 'met').map(({ role }) => role)).toEqual([
      'pm',
      'security',
    ]);
    const oneKey = await judged(project, both, { ...trust, rules: [rule] });
    const said = [withdrawnKey, stale, stranger, oneKey].map(({ verdict }) => [
      verdict.code,
      verdict.headline,
    ]);
    expect(said.map(([code]) => code)).toEqual(['B-WITHDRAWN', 'B-STALE', 'B-NOSIG', 'B-INCOMPLETE']);
    expect(new Set(said.map(([, headline]) => headline)).size).toBe(4);
  });
});
