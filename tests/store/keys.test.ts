import 'fake-indexeddb/auto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromUtf8, toUtf8 } from '../../src/core/bytes/text.js';
import { verifySshsig } from '../../src/core/signature/sshsig.js';
import type { KeyCard } from '../../src/engine/signer.js';
import { eraseDatabase, openDatabase } from '../../src/store/database.js';
import { hostSigning } from '../../src/store/keys/host.js';
import { openPgpFiles } from '../../src/store/keys/openPgpFiles.js';
import { openSshFiles } from '../../src/store/keys/openSshFiles.js';
import { keysDatabase } from '../../src/store/keys/ring.js';
import { openKeyStore, type KeyStore, type KeyStoreOptions } from '../../src/store/keys/store.js';
import { readActivity } from '../../src/store/log.js';

const PASSPHRASE = 'correct horse battery';
const NAMESPACE = 'approval@countersign';
const message = toUtf8('{"what":"is signed"}');
const time = Date.parse('2026-11-21T10:00:00Z');
const alice = { label: 'Desk', user: 'alice@acme.org', endsAt: null };

/** The worker's code without a worker. */
const start: KeyStoreOptions['start'] = (family) => {
  const host = hostSigning([family === 'ssh' ? openSshFiles() : openPgpFiles()]);
  return Promise.resolve({ run: (call) => call(host), stop: () => undefined });
};

const open = (options: KeyStoreOptions = {}): Promise<KeyStore> =>
  openKeyStore({ start, clock: () => time, ...options });

/** The code of the finding that `work` is refused with. */
async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing refused',
    (error: Error & { finding?: { code: string } }) => error.finding?.code ?? error.message,
  );
}

async function raw() {
  return openDatabase(keysDatabase);
}

async function signs(keys: KeyStore, card: KeyCard, passphrase?: string): Promise<void> {
  const made = await keys.sign({
    keyId: card.id,
    namespace: NAMESPACE,
    message,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  const { outcome, key } = verifySshsig(made.bytes, message, NAMESPACE);
  expect([outcome, key?.fingerprint]).toEqual(['true', card.fingerprint]);
}

/** A `localStorage` that can be looked into. */
function fakeLocalStorage(): Map<string, string> {
  const values = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
  });
  return values;
}

let keys: KeyStore;
beforeEach(async () => {
  fakeLocalStorage();
  const database = await raw();
  await database.write([
    { table: 'keys', clear: true },
    { table: 'withdrawn', clear: true },
  ]);
  database.close();
  keys = await open();
});
afterEach(() => vi.unstubAllGlobals());

describe('a key of the browser', () => {
  it('signs after a reload, and its private half cannot be read', async () => {
    const card = await keys.makeBrowserKey(alice);
    expect(card).toMatchObject({ kind: 'browser', lives: 'device', wrapped: 'none', user: alice.user });
    expect(card.words.split('-')).toHaveLength(8);
    const passphrase = await keys.makePassphraseKey({ ...alice, label: 'Second' }, PASSPHRASE);
    await keys.restore((await keys.backUp(passphrase.id)).bytes, PASSPHRASE, passphrase.id);
    const again = await open();
    await signs(again, card);
    const record = (await (await raw()).get('keys', card.id)) as { secret: { key: CryptoKey } };
    expect(record.secret.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', record.secret.key)).rejects.toThrow();
    expect(await code(keys.backUp(card.id))).toBe('key-not-exportable');
  });

  it('falls back to P-256 where the engine has no Ed25519', async () => {
    const generate = crypto.subtle.generateKey.bind(crypto.subtle) as (
      ...given: unknown[]
    ) => Promise<CryptoKey>;
    vi.spyOn(crypto.subtle, 'generateKey').mockImplementation(((how: { name: string }, ...rest: unknown[]) =>
      how.name === 'Ed25519' ? Promise.reject(new Error('no')) : generate(how, ...rest)) as never);
    const card = await keys.makeBrowserKey(alice);
    vi.restoreAllMocks();
    expect(card.algorithm).toBe('ecdsa-sha2-nistp256');
    const second = await keys.makePassphraseKey(alice, PASSPHRASE);
    await keys.restore((await keys.backUp(second.id)).bytes, PASSPHRASE, second.id);
    await signs(keys, card);
  });

  it('is refused when somebody exchanged it', async () => {
    const card = await keys.makeBrowserKey(alice);
    const database = await raw();
    const record = (await database.get('keys', card.id)) as { secret: object };
    const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    const put = (change: object): Promise<void> =>
      database.write([{ table: 'keys', key: card.id, value: { ...record, ...change } }]);
    await put({ secret: { how: 'crypto-key', key: privateKey } });
    expect(await keys.list()).toEqual([]);
    expect((await keys.damaged()).map(({ id }) => id)).toEqual([card.id]);
    await put({ fingerprint: 'SHA256:AAAA' });
    expect(await code(keys.sign({ keyId: card.id, namespace: NAMESPACE, message }))).toBe(
      'key-record-damaged',
    );
    const own = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    await put({ secret: { how: 'crypto-key', key: own.privateKey }, backedUpAt: '2026-11-20T10:00:00Z' });
    expect(await code(keys.sign({ keyId: card.id, namespace: NAMESPACE, message }))).toBe(
      'key-self-check-failed',
    );
    expect((await readActivity()).links.at(-1)?.kind).not.toBe('key-used');
  });
});

describe('a passphrase key', () => {
  it('opens with its passphrase only, and nothing in the record is the seed', async () => {
    expect(await code(keys.makePassphraseKey(alice, 'short'))).toBe('key-passphrase-short');
    const card = await keys.makePassphraseKey(alice, PASSPHRASE);
    await keys.restore((await keys.backUp(card.id)).bytes, PASSPHRASE, card.id);
    const sign = (passphrase?: string): Promise<unknown> =>
      keys.sign({ keyId: card.id, namespace: NAMESPACE, message, ...(passphrase && { passphrase }) });
    expect(await code(sign())).toBe('key-passphrase-needed');
    expect(await code(sign(`${PASSPHRASE}.`))).toBe('key-passphrase-wrong');
    await signs(await open(), card, PASSPHRASE);
    const { secret } = (await (await raw()).get('keys', card.id)) as { secret: { sealed: object } };
    expect(secret.sealed).toMatchObject({
      derivation: { name: 'argon2id', memoryKiB: 65536, passes: 3, lanes: 1 },
    });
  });

  it('does not open under the name of another key', async () => {
    const one = await keys.makePassphraseKey(alice, PASSPHRASE);
    const two = await keys.makePassphraseKey(alice, PASSPHRASE);
    const database = await raw();
    const [first, second] = (await Promise.all([
      database.get('keys', one.id),
      database.get('keys', two.id),
    ])) as [object, { secret: object }];
    await database.write([
      {
        table: 'keys',
        key: one.id,
        value: { ...first, secret: second.secret, backedUpAt: '2026-11-20T10:00:00Z' },
      },
    ]);
    const swapped = keys.sign({ keyId: one.id, namespace: NAMESPACE, message, passphrase: PASSPHRASE });
    expect(await code(swapped)).toBe('key-passphrase-wrong');
  });
});

describe('the gate', () => {
  const gates = async (): Promise<readonly string[]> => (await keys.list()).map(({ gate }) => gate);
  const closed = 'needs-second-key-or-backup';

  it('stays closed for one key, and for two that would be lost together', async () => {
    const first = await keys.makeBrowserKey(alice);
    expect(first.gate).toBe(closed);
    expect(await code(keys.sign({ keyId: first.id, namespace: NAMESPACE, message }))).toBe('key-gate-closed');
    await keys.makeBrowserKey(alice);
    expect(await gates()).toEqual([closed, closed]);
  });

  it('opens for both when one of them has a backup that was read back, not when it was only saved', async () => {
    await keys.makeBrowserKey(alice);
    const second = await keys.makePassphraseKey(alice, PASSPHRASE);
    const { bytes, name } = await keys.backUp(second.id);
    expect(name).toBe('desk-2026-11-21.countersign-key.json');
    expect(await gates()).toEqual([closed, closed]);
    expect(await code(keys.restore(bytes, 'something else', second.id))).toBe('key-passphrase-wrong');
    expect(await gates()).toEqual([closed, closed]);
    expect((await keys.restore(bytes, PASSPHRASE, second.id)).backedUpAt).toBe('2026-11-21T10:00:00Z');
    expect(await gates()).toEqual(['open', 'open']);
  });

  it('does not open by the key of somebody else, or by one that ended or was withdrawn', async () => {
    await keys.makeBrowserKey(alice);
    const other = await keys.makePassphraseKey({ ...alice, user: 'bob@acme.org' }, PASSPHRASE);
    await keys.restore((await keys.backUp(other.id)).bytes, PASSPHRASE, other.id);
    const gate = async (): Promise<string | undefined> =>
      (await keys.list()).find(({ kind }) => kind === 'browser')?.gate;
    expect(await gate()).toBe(closed);
    await keys.change(other.id, { user: alice.user });
    expect(await gate()).toBe('open');
    await keys.change(other.id, { endsAt: '2026-11-21T09:59:59Z' });
    expect(await gate()).toBe(closed);
  });
});

describe('ends and withdrawals', () => {
  it('refuses a key from its end on', async () => {
    const card = await keys.makePassphraseKey({ ...alice, endsAt: '2026-11-21T10:00:00Z' }, PASSPHRASE);
    const sign = keys.sign({ keyId: card.id, namespace: NAMESPACE, message, passphrase: PASSPHRASE });
    expect(await code(sign)).toBe('key-ended');
  });

  it('signs its own withdrawal while the gate is closed, then nothing, also after a restore', async () => {
    const card = await keys.makePassphraseKey(alice, PASSPHRASE);
    const { bytes } = await keys.backUp(card.id);
    const statement = toUtf8('{"withdrawn":"this"}');
    const at = '2026-11-21T10:00:00Z';
    const made = await keys.withdraw(card.id, { statement, at, passphrase: PASSPHRASE });
    expect(verifySshsig(made.bytes, statement, 'withdrawal@countersign').outcome).toBe('true');
    expect((await keys.withdrawalOf(card.fingerprint))?.statement).toEqual(statement);
    const sign = (): Promise<unknown> =>
      keys.sign({ keyId: card.id, namespace: NAMESPACE, message, passphrase: PASSPHRASE });
    expect(await code(sign())).toBe('key-withdrawn-here');
    await keys.remove(card.id);
    expect(await code(sign())).toBe('key-missing');
    expect((await keys.restore(bytes, PASSPHRASE)).withdrawnAt).toBe(at);
    expect(await code(sign())).toBe('key-withdrawn-here');
  });

  it('signs nothing in read-only mode, nor without a gesture where the engine can tell', async () => {
    const card = await keys.makePassphraseKey(alice, PASSPHRASE);
    await keys.restore((await keys.backUp(card.id)).bytes, PASSPHRASE, card.id);
    const request = { keyId: card.id, namespace: NAMESPACE, message, passphrase: PASSPHRASE };
    const reading = await open({ readOnly: () => true });
    expect(await code(reading.sign(request))).toBe('key-store-read-only');
    expect(await code(reading.makeBrowserKey(alice))).toBe('key-store-read-only');
    vi.stubGlobal('navigator', { userActivation: { isActive: false } });
    expect(await code(keys.sign(request))).toBe('key-needs-gesture');
    vi.stubGlobal('navigator', { userActivation: { isActive: true } });
    await signs(keys, card, PASSPHRASE);
  });
});

describe('a browser that deletes', () => {
  it('says what was lost until it was read, and gives it back from a backup', async () => {
    await keys.makeBrowserKey(alice);
    const second = await keys.makePassphraseKey({ ...alice, label: 'Second' }, PASSPHRASE);
    const { bytes } = await keys.backUp(second.id);
    expect(await keys.lost()).toEqual([]);
    const database = await raw();
    await database.write([{ table: 'keys', clear: true }]);
    database.close();
    const after = await open();
    expect((await after.lost()).map(({ label }) => label).sort()).toEqual(['Desk', 'Second']);
    const restored = await after.restore(bytes, PASSPHRASE);
    expect(restored).toMatchObject({ id: second.id, fingerprint: second.fingerprint, gate: 'open' });
    await signs(after, restored, PASSPHRASE);
    expect((await after.lost()).map(({ label }) => label)).toEqual(['Desk']);
    await after.forgetLost();
    expect(await after.lost()).toEqual([]);
    expect((await readActivity()).links.at(-1)?.kind).toBe('key-lost');
  });

  it('does not call a key lost that its owner removed, and survives a hostile note', async () => {
    const card = await keys.makeBrowserKey(alice);
    await keys.remove(card.id);
    expect(await keys.lost()).toEqual([]);
    localStorage.setItem('countersign.keys-here', '{"__proto__":[1]}');
    expect(await keys.lost()).toEqual([]);
    localStorage.setItem('countersign.keys-here', '[{"fingerprint":1},null,"x"]');
    expect(await keys.lost()).toEqual([]);
  });

  it('keeps a damaged record and names it', async () => {
    const database = await raw();
    await database.write([{ table: 'keys', key: 'a', value: { schema: 'countersign.key/v1', id: 'b' } }]);
    expect((await keys.damaged()).map(({ id, finding }) => [id, finding.code])).toEqual([
      ['a', 'key-record-damaged'],
    ]);
    expect(await keys.list()).toEqual([]);
    await keys.remove('a');
    expect(await keys.damaged()).toEqual([]);
    await eraseDatabase({ name: 'unrelated', versions: [['a']] });
  });
});

describe('hostile backups (D09)', () => {
  async function saved(): Promise<{ card: KeyCard; document: Record<string, Record<string, unknown>> }> {
    const card = await keys.makePassphraseKey(alice, PASSPHRASE);
    const { bytes } = await keys.backUp(card.id);
    return { card, document: JSON.parse(fromUtf8(bytes) ?? '') as Record<string, Record<string, unknown>> };
  }
  const restoring = (document: unknown, passphrase = PASSPHRASE): Promise<string> =>
    code(
      keys.restore(toUtf8(typeof document === 'string' ? document : JSON.stringify(document)), passphrase),
    );

  it('are refused before anything is calculated when they ask for too little or too much', async () => {
    const { document } = await saved();
    const withDerivation = (derivation: object): object => ({
      ...document,
      sealed: { ...document['sealed'], derivation: { salt: 'AAAAAAAAAAAAAAAAAAAAAA==', ...derivation } },
    });
    const argon = { name: 'argon2id', memoryKiB: 65536, passes: 3, lanes: 1 };
    for (const derivation of [
      { ...argon, passes: 1 },
      { ...argon, passes: 2 ** 31 },
      { ...argon, passes: 3.5 },
      { ...argon, memoryKiB: 8 },
      { ...argon, memoryKiB: 2 ** 31 },
      { ...argon, lanes: 0 },
      { ...argon, lanes: 255 },
      { name: 'pbkdf2-sha256', count: 1 },
      { name: 'pbkdf2-sha256', count: 2 ** 31 },
    ])
      expect([derivation, await restoring(withDerivation(derivation))]).toEqual([derivation, 'backup-cost']);
    expect(await restoring(withDerivation({ ...argon, salt: 'AAAA' }))).toBe('backup-cost');
    expect(await restoring(withDerivation({ name: 'scrypt', count: 3 }))).toBe('backup-unreadable');
    expect(await restoring(withDerivation({ ...argon, extra: 1 }))).toBe('backup-unreadable');
  });

  it('are refused when they are of another form', async () => {
    const { document } = await saved();
    expect(await restoring('')).toBe('backup-unreadable');
    expect(await restoring('{')).toBe('backup-unreadable');
    expect(await restoring({ ...document, schema: 'countersign.backup/v2' })).toBe('backup-newer');
    expect(await restoring({ ...document, more: 1 })).toBe('backup-unreadable');
    expect(
      await restoring(JSON.stringify(document).replace('{"schema"', '{"__proto__":{"schema":1},"schema"')),
    ).toBe('backup-unreadable');
    expect(await restoring({ ...document, key: { ...document['key'], kind: 'browser' } })).toBe(
      'backup-unreadable',
    );
    expect(await restoring({ ...document, key: { ...document['key'], id: '../../x' } })).toBe(
      'backup-unreadable',
    );
    expect(await restoring(`${JSON.stringify(document)}${' '.repeat(600 * 1024)}`)).toBe('backup-unreadable');
    expect(({} as Record<string, unknown>)['schema']).toBeUndefined();
  });

  it('are refused when a bit of the cipher text or a bound field was changed', async () => {
    const { document, card } = await saved();
    const text = Buffer.from(String(document['sealed']?.['text']), 'base64');
    text[text.length - 1]! ^= 1;
    const sealed = { ...document['sealed'], text: text.toString('base64') };
    expect(await restoring({ ...document, sealed })).toBe('key-passphrase-wrong');
    const other = await keys.makePassphraseKey(alice, PASSPHRASE);
    const key = { ...document['key'], publicKey: other.publicKey };
    expect(await restoring({ ...document, key })).toBe('key-passphrase-wrong');
    expect(await code(keys.restore(toUtf8(JSON.stringify(document)), PASSPHRASE, other.id))).toBe(
      'backup-other-key',
    );
    expect((await keys.list()).every(({ backedUpAt }) => backedUpAt === null)).toBe(true);
    expect(await restoring(document)).toBe('nothing refused');
    expect((await keys.list()).find(({ id }) => id === card.id)?.backedUpAt).not.toBeNull();
  });
});

const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;

describe.skipIf(!openssh)('with OpenSSH', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'countersign-keys-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function accepts(card: KeyCard, signature: Uint8Array): boolean {
    writeFileSync(join(folder, 'signers'), `alice@acme.org ${card.publicKey}\n`);
    writeFileSync(join(folder, 'sig'), signature);
    const args = ['-Y', 'verify', '-n', NAMESPACE, '-f', join(folder, 'signers'), '-I', 'alice@acme.org'];
    return spawnSync('ssh-keygen', [...args, '-s', join(folder, 'sig')], { input: message }).status === 0;
  }

  it('its verifier accepts what a browser key and a passphrase key sign', async () => {
    const browser = await keys.makeBrowserKey(alice);
    const sealed = await keys.makePassphraseKey(alice, PASSPHRASE);
    await keys.restore((await keys.backUp(sealed.id)).bytes, PASSPHRASE, sealed.id);
    for (const card of [browser, sealed]) {
      const made = await keys.sign({ keyId: card.id, namespace: NAMESPACE, message, passphrase: PASSPHRASE });
      expect(accepts(card, made.bytes)).toBe(true);
    }
  });

  it.each([
    ['ed25519', []],
    ['ecdsa', ['-b', '384']],
    ['rsa', ['-b', '2048']],
  ])('a key file of the type %s signs for this page, and afterwards from the store', async (type, more) => {
    const path = join(folder, 'id');
    spawnSync('ssh-keygen', [
      '-q',
      '-t',
      type,
      ...more,
      '-N',
      'file words',
      '-C',
      'alice laptop',
      '-f',
      path,
    ]);
    const file = { name: 'id', bytes: new Uint8Array(readFileSync(path)), user: alice.user };
    expect(await code(keys.useFile(file))).toBe('key-passphrase-needed');
    expect(await code(keys.useFile({ ...file, passphrase: 'no' }))).toBe('key-passphrase-wrong');
    const card = await keys.useFile({ ...file, passphrase: 'file words' });
    expect(card).toMatchObject({ kind: 'openssh', lives: 'session', gate: 'open', label: 'alice laptop' });
    expect(accepts(card, (await keys.sign({ keyId: card.id, namespace: NAMESPACE, message })).bytes)).toBe(
      true,
    );
    expect(await (await open()).list()).toEqual([]);
    const kept = await keys.keepFile(card.id, PASSPHRASE);
    expect(kept).toMatchObject({ lives: 'device', wrapped: 'passphrase', gate: 'open' });
    const again = await open();
    const request = { keyId: kept.id, namespace: NAMESPACE, message, passphrase: PASSPHRASE };
    expect(accepts(card, (await again.sign(request)).bytes)).toBe(true);
    expect(await code(again.useFile({ ...file, passphrase: 'file words' }))).toBe('key-already-here');
    await again.restore((await again.backUp(kept.id)).bytes, PASSPHRASE, kept.id);
  });
});

const gnupg = spawnSync('gpg', ['--version']).error === undefined;

describe.skipIf(!gnupg)('with GnuPG', () => {
  let home: string;
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'countersign-gpg-'))));
  afterEach(() => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  });

  const gpg = (...args: readonly string[]): Uint8Array => {
    const base = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', 'gpg words'];
    const { stdout, status, stderr } = spawnSync('gpg', [...base, ...args]);
    if (status !== 0) throw new Error(String(stderr));
    return new Uint8Array(stdout);
  };

  it('its key signs for this page and from the store, and gpg accepts both', async () => {
    gpg('--quick-gen-key', 'Alice <alice@acme.org>', 'ed25519', 'sign', '1y');
    const bytes = gpg('--armor', '--export-secret-keys', 'alice@acme.org');
    const wall = await open({ clock: Date.now });
    const file = { name: 'secret.asc', bytes, user: alice.user };
    expect(await code(wall.useFile(file))).toBe('openpgp-passphrase-needed');
    expect(await code(wall.useFile({ ...file, passphrase: 'no' }))).toBe('openpgp-passphrase-wrong');
    const card = await wall.useFile({ ...file, passphrase: 'gpg words' });
    expect(card).toMatchObject({ kind: 'openpgp', lives: 'session', gate: 'open' });
    const agrees = (signature: Uint8Array): void => {
      writeFileSync(join(home, 'statement'), message);
      writeFileSync(join(home, 'statement.asc'), signature);
      gpg('--verify', join(home, 'statement.asc'), join(home, 'statement'));
    };
    agrees((await wall.sign({ keyId: card.id, namespace: NAMESPACE, message })).bytes);
    const kept = await wall.keepFile(card.id, PASSPHRASE);
    const again = await open({ clock: Date.now });
    agrees(
      (await again.sign({ keyId: kept.id, namespace: NAMESPACE, message, passphrase: PASSPHRASE })).bytes,
    );
    await again.restore((await again.backUp(kept.id)).bytes, PASSPHRASE, kept.id);
  });
});
