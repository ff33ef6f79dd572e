import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createInlineEngine } from '../src/engine/inline.js';
import { nodePlatform } from '../src/platform/node.js';
import type { Command } from '../src/core/generated/report.js';
import { describeShared, sharedPath } from './shared.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const hasTool = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
const missing = ['tar', 'gzip', 'sha256sum', 'ssh-keygen', 'openssl'].filter((name) => !hasTool(name));
if (missing.length > 0) console.log(`NOT RUN: repeating by hand needs ${missing.join(', ')}`);
const withGnupg = hasTool('gpg');
if (!withGnupg) console.log('NOT RUN: the commands for OpenPGP signatures need gpg');

/** Runs every command of a report in a folder that holds the file, and checks that it prints what the report promises. */
async function repeat(
  folder: string,
  file: string,
  loose: readonly string[],
  trust: string | null,
): Promise<Command[]> {
  const work = mkdtempSync(join(tmpdir(), 'countersign-repeat-'));
  try {
    for (const name of [file, ...loose]) cpSync(join(folder, name), join(work, name));
    const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(join(work, name)));
    const report = await engine.verify({
      inputs: [{ name: file, source: bytes(file) }],
      loose: loose.map((name) => ({ name, bytes: bytes(name) })),
      now: '2026-11-20T12:00:00Z',
      ...(trust === null
        ? {}
        : { trust: { name: 'trust.yaml', bytes: new Uint8Array(readFileSync(trust)) } }),
    });
    const { commands } = report.inputs[0]!;
    for (const command of commands) {
      if (!withGnupg && command.run.includes('gpg ')) continue;
      rmSync(join(work, 'unpacked'), { recursive: true, force: true });
      writeFileSync(join(work, 'step.sh'), command.run);
      const ran = spawnSync('sh', ['step.sh'], { cwd: work, encoding: 'utf8' });
      expect(ran.status, `${command.title}\n${command.run}\n${ran.stderr}`).toBe(0);
      if (/^\d+ lines that end in OK$/.test(command.expect)) {
        expect(
          ran.stdout
            .trim()
            .split('\n')
            .filter((line) => line.endsWith(': OK')).length,
        ).toBe(Number.parseInt(command.expect, 10));
      } else {
        expect(ran.stdout).toContain(command.expect.replace(/ \(.*\)$/, ''));
      }
    }
    return commands;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

describe.skipIf(missing.length > 0)('repeat it by hand', () => {
  it('works on our own bundles, each kind of key', async () => {
    const root = join(import.meta.dirname, '..', 'test-vectors', 'valid');
    const kinds = readdirSync(root).filter((name) =>
      /^kind-|^key-|smallest|passkey|ed25519|p256|p384|p521|rsa/.test(name),
    );
    expect(kinds.length).toBeGreaterThan(4);
    const all = [];
    for (const name of kinds)
      all.push(...(await repeat(join(root, name), 'input.sbundle.tgz', [], join(root, name, 'trust.yaml'))));
    expect(all.some(({ run }) => run.includes('ssh-keygen -Y verify'))).toBe(true);
    // Ed25519, three curves and RSA: GnuPG agrees with what the vectors' own writer made.
    expect(all.filter(({ run }) => run.includes('gpg ')).length).toBeGreaterThanOrEqual(5);
  });
});

describeShared('repeat it by hand, released CLI', () => {
  it.skipIf(missing.length > 0)('works on a bundle with its loose approvals, OpenSSL included', async () => {
    const folder = sharedPath('samples', 'bundles');
    const loose = readdirSync(folder).filter((name) => name.startsWith('healthcare-api-1.3.0-'));
    const trust = join(import.meta.dirname, 'fixtures', 'samples-trust.yaml');
    const commands = await repeat(folder, 'healthcare-api-1.3.0.sbundle.tgz', loose, trust);
    expect(commands.filter(({ run }) => run.includes('openssl')).length).toBe(3);
  });
});
