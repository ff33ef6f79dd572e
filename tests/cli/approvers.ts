import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { bundle, pack } from '../vectorgen/bundle.js';
import { runHere, type Ran } from './run.js';

/** Three people with a key of their own kind each, a rule that asks all of them, and a bundle in a fresh folder for every test. */

export const NAMESPACE = 'approval@countersign';
const home = mkdtempSync(join(tmpdir(), 'countersign-approve-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const people = ['alice', 'bob', 'carol'] as const;
export const made = bundle({ roles: ['lead', 'pm', 'security'] });

/** Of the running test. */
export let folder = '';
let count = 0;
export const at = (name: string): string => join(folder, name);
export const key = (name: string): string => join(home, name);
export const read = (name: string): string => readFileSync(at(name), 'utf8');

export function sshKeygen(...args: string[]): void {
  execFileSync('ssh-keygen', args, { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] });
}

beforeAll(() => {
  sshKeygen('-q', '-t', 'ed25519', '-N', '', '-f', 'alice', '-C', 'alice@example.org');
  sshKeygen('-q', '-t', 'ecdsa', '-b', '384', '-N', 'swordfish', '-a', '2', '-f', 'bob', '-C', 'bob');
  sshKeygen('-q', '-t', 'rsa', '-b', '3072', '-N', '', '-f', 'carol', '-C', 'carol');
  const keys = people.map((name) => {
    const line = readFileSync(key(`${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
    return `  - id: "${name}@example.org"\n    keys:\n      - ssh: "${line}"\n`;
  });
  writeFileSync(
    key('trust.yaml'),
    `schema: "countersign.trust/v1"\nid: "test"\nserial: 1\npeople:\n${keys.join('')}rules:\n  - name: "release"\n` +
      '    roles:\n      lead: {people: ["bob@example.org"]}\n      pm: {people: ["alice@example.org"]}\n' +
      '      security: {people: ["carol@example.org"]}\ndefaultRule: "release"\n',
  );
});

beforeEach(() => {
  folder = join(home, `run-${(count += 1)}`);
  mkdirSync(folder);
  writeFileSync(at('a.sbundle.tgz'), pack(made));
});

export function approve(who: (typeof people)[number], role: string, ...more: string[]): Promise<Ran> {
  const argv = ['approve', at('a.sbundle.tgz'), '--role', role, '--user', `${who}@example.org`];
  return runHere([...argv, '--key', key(who), ...more], undefined, 'swordfish');
}

/** Puts every approval of the folder into `b.sbundle.tgz`. */
export function attachAll(): Promise<Ran> {
  return runHere([
    'approve',
    'attach',
    at('a.sbundle.tgz'),
    '--approval',
    folder,
    '--out',
    at('b.sbundle.tgz'),
  ]);
}

/** What `ssh-keygen -Y verify` says of a statement and its signature. */
export function sshVerify(statement: string, signature: string, who: string): string {
  const line = readFileSync(key(`${who}.pub`), 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ');
  writeFileSync(at('signers'), `${who}@example.org namespaces="${NAMESPACE}" ${line}\n`);
  const args = [
    '-Y',
    'verify',
    '-f',
    at('signers'),
    '-I',
    `${who}@example.org`,
    '-n',
    NAMESPACE,
    '-s',
    signature,
  ];
  const run = spawnSync('ssh-keygen', args, { input: readFileSync(statement), encoding: 'utf8' });
  return run.status === 0 ? 'accepted' : `${run.stdout}${run.stderr}`;
}

/** Every embedded approval, checked by `ssh-keygen` after plain `tar` unpacked it. */
export function sshVerifyAll(name: string): string[] {
  const out = at('unpacked');
  mkdirSync(out);
  execFileSync('tar', ['-xzf', at(name), '-C', out]);
  const statements = readdirSync(join(out, 'approvals')).filter((file) => file.endsWith('.json'));
  execFileSync('sha256sum', ['--check', '--quiet', 'checksums.txt'], { cwd: out });
  return statements.map((file) => {
    const path = join(out, 'approvals', file);
    const { predicate } = JSON.parse(readFileSync(path, 'utf8')) as {
      predicate: { user: string; role: string };
    };
    return `${predicate.role} ${sshVerify(path, `${path}.sig`, predicate.user.replace('@example.org', ''))}`;
  });
}
