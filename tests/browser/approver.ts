import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all as en, type TextKey } from '../../src/lib/strings/all.js';
import type { Driver, GivenFile } from './driver.js';
import { openDesk } from './desk.js';
import { keepSaves, takeSaves, type Saved } from './saves.js';
import { openPage } from './site.js';

/** The approve page as a person uses it, and the stock tools beside it. */

const DEADLINE_MS = 90_000;

/** Marks the first visible, usable element that reads so or is labelled so. Runs in the page. */
function mark(selector: string, words: string | null): boolean {
  for (const old of document.querySelectorAll('[data-marked]')) old.removeAttribute('data-marked');
  const found = [...document.querySelectorAll<HTMLElement>(selector)].find((one) => {
    const texts = [one.textContent ?? '', one.getAttribute('aria-label') ?? ''];
    const said = texts.map((text) => text.replace(/\s+/g, ' ').trim());
    const free = !('disabled' in one) || one.disabled !== true;
    return free && (words === null || said.includes(words)) && one.getClientRects().length > 0;
  });
  found?.setAttribute('data-marked', '');
  return found !== undefined;
}

function fill(selector: string, value: string): boolean {
  const found = document.querySelector<HTMLInputElement | HTMLSelectElement>(selector);
  if (found === null || found.disabled) return false;
  if (
    found.tagName === 'SELECT' &&
    ![...(found as HTMLSelectElement).options].some((one) => one.value === value)
  )
    return false;
  found.value = value;
  found.dispatchEvent(new Event('input', { bubbles: true }));
  found.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}

export interface Approver {
  open(): Promise<void>;
  /** After a reload: what the page saves is kept again. */
  keep(): Promise<void>;
  /** Waits until the main part of the page says it; the failure says what it said instead. */
  until(words: string | RegExp): Promise<string>;
  press(words: TextKey | null, selector?: string): Promise<void>;
  type(selector: string, value: string): Promise<void>;
  /** Text of the main part. */
  text(): Promise<string>;
  give(files: readonly GivenFile[]): Promise<void>;
  saves(count: number): Promise<readonly Saved[]>;
  /** From the review of an open draft to its sign screen. */
  toSign(role: string, user: string, comment?: string): Promise<void>;
}

export function approverOf(driver: Driver, siteUrl: string): Approver {
  async function poll<T>(what: () => Promise<T | null | false>, why: () => Promise<string>): Promise<T> {
    for (const deadline = Date.now() + DEADLINE_MS; ;) {
      const found = await what();
      if (found !== null && found !== false) return found;
      if (Date.now() > deadline) throw new Error(await why());
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  }
  const approver: Approver = {
    async open() {
      await openPage(driver, `${siteUrl}approve.html`);
      await keepSaves(driver);
      await approver.until(en['approve.waiting']);
    },
    keep: () => keepSaves(driver),
    text: async () => ((await driver.text('main')) ?? '').replace(/\s+/g, ' '),
    until: (words) =>
      poll(
        async () => {
          const text = await approver.text();
          return (typeof words === 'string' ? text.includes(words) : words.test(text)) && text;
        },
        async () =>
          `"${String(words)}" does not appear; the page says: ${(await approver.text()).slice(0, 2500)}`,
      ),
    async press(words, selector = 'button') {
      const said = words === null ? null : (en[words] as string);
      await poll(
        () => driver.evaluate(mark, selector, said),
        async () => `nothing to press reads "${said ?? selector}": ${(await approver.text()).slice(0, 2500)}`,
      );
      await driver.click('[data-marked]');
    },
    async type(selector, value) {
      await poll(
        () => driver.evaluate(fill, selector, value),
        async () => `"${value}" cannot be put into ${selector}: ${(await approver.text()).slice(0, 2500)}`,
      );
    },
    give: (files) => driver.setFiles('input[data-given]', files),
    async saves(count) {
      const got: Saved[] = [];
      await poll(
        async () => {
          got.push(...(await takeSaves(driver)));
          return got.length >= count;
        },
        async () => `${got.length} files were saved, not ${count}`,
      );
      return got;
    },
    async toSign(role, user, comment = '') {
      for (const pane of ['who', 'rules', 'files']) await approver.press(null, `input[data-pane="${pane}"]`);
      await approver.press('review.next');
      await approver.until(en['said.title']);
      await enter(approver, driver, user);
      if (comment !== '') await approver.type('#said-comment', comment);
      await approver.type('#said-role', role);
      await approver.press('said.next');
      await approver.until(en['sign.key']);
    },
  };
  return approver;
}

/** The name of the person: typed, or chosen where the page offers it. */
async function enter(approver: Approver, driver: Driver, user: string): Promise<void> {
  if (await driver.evaluate(fill, 'select#said-user', user)) return;
  if (await driver.evaluate(fill, 'select#said-user', '')) await approver.until(en['said.user.about']);
  await approver.type('input#said-user', user);
}

/** Takes a trust list into use as its reader does: drops it, looks at it, says yes. */
export async function useTrustFile(driver: Driver, siteUrl: string, text: string): Promise<void> {
  const desk = await openDesk(driver, siteUrl);
  await desk.drop([{ name: 'trust.yaml', bytes: Buffer.from(text) }]);
  await desk.until('the question about the trust list', ({ offer }) => offer !== null);
  await desk.acceptTrust();
  await desk.until('no question any more', ({ offer }) => offer === null);
}

/** A folder with keys of the stock tools. */
export interface Toolbox {
  readonly folder: string;
  /** Makes a key pair; gives the public line without its comment. */
  sshKey(name: string, type?: string, passphrase?: string): string;
  read(name: string): Buffer;
  /** `ssh-keygen -Y sign`: the armored signature. */
  sshSign(name: string, statement: Uint8Array): Buffer;
  /** `ssh-keygen -Y verify` under the namespace of approvals. */
  sshVerify(publicLine: string, user: string, statement: Uint8Array, signature: Uint8Array): boolean;
  close(): void;
}

export function toolbox(): Toolbox {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-approve-page-'));
  const path = (name: string): string => join(folder, name);
  const run = (args: readonly string[], input?: Uint8Array): boolean =>
    spawnSync('ssh-keygen', args, input === undefined ? {} : { input }).status === 0;
  return {
    folder,
    sshKey(name, type = 'ed25519', passphrase = '') {
      // A test that is begun again makes its keys again; ssh-keygen would ask.
      for (const old of [path(name), path(`${name}.pub`)]) rmSync(old, { force: true });
      if (!run(['-q', '-t', type, '-N', passphrase, '-C', '', '-f', path(name)]))
        throw new Error('no key was made');
      return readFileSync(path(`${name}.pub`), 'utf8').trim();
    },
    read: (name) => readFileSync(path(name)),
    sshSign(name, statement) {
      writeFileSync(path('to-sign.json'), statement);
      rmSync(path('to-sign.json.sig'), { force: true });
      if (!run(['-Y', 'sign', '-f', path(name), '-n', 'approval@countersign', path('to-sign.json')]))
        throw new Error('ssh-keygen did not sign');
      return readFileSync(path('to-sign.json.sig'));
    },
    sshVerify(publicLine, user, statement, signature) {
      writeFileSync(path('signers'), `${user} namespaces="approval@countersign" ${publicLine}\n`);
      writeFileSync(path('signature'), signature);
      const who = ['-n', 'approval@countersign', '-f', path('signers'), '-I', user];
      return run(['-Y', 'verify', ...who, '-s', path('signature')], statement);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
