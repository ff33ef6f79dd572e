import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** GnuPG with a home folder of its own. Nothing of the person who runs the tests is read or changed. */
export interface Gnupg {
  readonly folder: string;
  run(args: readonly string[], input?: Uint8Array): Uint8Array;
  /** Fingerprint of the primary key, upper-case hex. */
  makeKey(user: string, algorithm: string, usage: string, expire: string, passphrase?: string): string;
  addSubkey(fingerprint: string, algorithm: string, usage: string, expire: string): void;
  sign(user: string, message: Uint8Array, more?: readonly string[], passphrase?: string): Uint8Array;
  /** The status lines of `gpg --verify`. */
  verify(signature: Uint8Array, message: Uint8Array): string;
  close(): void;
}

export const hasGnupg = spawnSync('gpg', ['--version']).status === 0;
if (!hasGnupg) console.log('NOT RUN: tests against GnuPG need gpg');

export function openGnupg(): Gnupg {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-gpg-'));
  const env = { ...process.env, GNUPGHOME: folder, LC_ALL: 'C' };
  const fixed = ['--batch', '--quiet', '--no-tty', '--yes', '--pinentry-mode', 'loopback'];
  const run = (args: readonly string[], input?: Uint8Array): Uint8Array =>
    new Uint8Array(execFileSync('gpg', [...fixed, ...args], { env, input, stdio: ['pipe', 'pipe', 'pipe'] }));
  const fingerprints = (): string[] =>
    new TextDecoder()
      .decode(run(['--list-keys', '--with-colons']))
      .split('\n')
      .filter((line, i, all) => line.startsWith('fpr:') && all[i - 1]?.startsWith('pub:'))
      .map((line) => line.split(':')[9]!);
  return {
    folder,
    run,
    makeKey(user, algorithm, usage, expire, passphrase = '') {
      run(['--passphrase', passphrase, '--quick-gen-key', user, algorithm, usage, expire]);
      return fingerprints().at(-1)!;
    },
    addSubkey: (fingerprint, algorithm, usage, expire) =>
      void run(['--passphrase', '', '--quick-add-key', fingerprint, algorithm, usage, expire]),
    sign: (user, message, more = [], passphrase = '') =>
      run(['--passphrase', passphrase, '-u', user, '--armor', ...more, '--detach-sign'], message),
    verify(signature, message) {
      const files = [join(folder, 'm.asc'), join(folder, 'm')] as const;
      writeFileSync(files[0], signature);
      writeFileSync(files[1], message);
      return spawnSync('gpg', [...fixed, '--status-fd', '1', '--verify', ...files], { env, encoding: 'utf8' })
        .stdout;
    },
    close() {
      spawnSync('gpgconf', ['--kill', 'all'], { env });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
