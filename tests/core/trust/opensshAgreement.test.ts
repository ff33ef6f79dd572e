import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseTime } from '../../../src/core/bytes/time.js';
import { readAllowedSigners } from '../../../src/core/trust/allowedSigners.js';
import { findSigner, mayUseNamespace } from '../../../src/core/trust/lookup.js';
import { ecdsaKey, ed25519Key, rsaKey, sshsig, type TestKey } from '../../vectorgen/keys.js';
import { utf8 } from '../../vectorgen/raw.js';

/**
 * One allowed_signers file, one signature, one question, put to OpenSSH and to us. Where the two differ we must be
 * the stricter one, and the row says why.
 */
interface Row {
  readonly about: string;
  readonly file: string;
  readonly openSsh: boolean;
  /** Set where we refuse what OpenSSH accepts. */
  readonly stricter?: string;
  readonly who?: string;
  readonly namespace?: string;
  /** RFC 3339. */
  readonly at?: string;
  readonly key?: TestKey;
}

const alice = ed25519Key('alice');
const bob = ecdsaKey('bob', 'nistp384');
const erin = rsaKey('erin');
const NAMESPACE = 'approval@countersign';
const WHO = 'alice@example.org';
const NOON = '2026-11-20T12:00:00Z';
const K = alice.line;

const folder = mkdtempSync(join(tmpdir(), 'countersign-signers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const yes = (about: string, file: string, more: Partial<Row> = {}): Row => ({
  about,
  file,
  openSsh: true,
  ...more,
});
const no = (about: string, file: string, more: Partial<Row> = {}): Row => ({
  about,
  file,
  openSsh: false,
  ...more,
});

const ns = (list: string): string => `${WHO} namespaces="${list}" ${K}`;
const after = (time: string): string => `${WHO} valid-after="${time}" ${K}`;
const before = (time: string): string => `${WHO} valid-before="${time}" ${K}`;

const rows: readonly Row[] = [
  yes('a plain line', `${WHO} ${K}`),
  yes('with a comment', `${WHO} ${K} alice's laptop`),
  yes('a tab between', `${WHO}\t${K}`),
  yes('several spaces', `${WHO}   ${K}`),
  yes('space in front', `  ${WHO} ${K}`),
  yes('a comment line above', `# people\n\n${WHO} ${K}`),
  yes('CRLF', `${WHO} ${K}\r`),
  yes('quoted principals', `"${WHO}" ${K}`),
  yes('two principals, the second one', `ali@example.org,${WHO} ${K}`),
  yes('the second line', `bob@example.org ${bob.line}\n${WHO} ${K}`),
  yes('an ECDSA key', `${WHO} ${bob.line}`, { key: bob }),
  yes('an RSA key', `${WHO} ${erin.line}`, { key: erin }),
  no('another key', `${WHO} ${bob.line}`),
  no('another person', `bob@example.org ${K}`),
  no('a longer name', `x${WHO} ${K}`),
  no('a shorter name', `alice@example ${K}`),
  no('a name in capitals', `ALICE@example.org ${K}`),
  no('an empty file', ''),
  no('only a comment', `# ${WHO} ${K}`),
  no('no key', WHO),
  no('a key that is cut', `${WHO} ${K.slice(0, -8)}`),
  no('a key type that is not inside', `${WHO} ssh-rsa ${K.split(' ')[1]!}`),

  yes('our namespace', ns(NAMESPACE)),
  yes('two namespaces', ns(`file,${NAMESPACE}`)),
  yes('an option in capitals', `${WHO} NAMESPACES="${NAMESPACE}" ${K}`),
  no('another namespace', ns('file')),
  no('a namespace that only begins alike', ns('approval@countersignX')),
  no('a shorter namespace', ns('approval')),
  yes('a namespace pattern', ns('*@countersign'), { stricter: 'patterns are refused' }),
  yes('any namespace', ns('*'), { stricter: 'patterns are refused' }),
  no('a negated namespace', ns(`!${NAMESPACE},file`)),
  yes('the namespace of withdrawals', ns('withdrawal@countersign'), { namespace: 'withdrawal@countersign' }),
  no('asked for another namespace than listed', ns(NAMESPACE), { namespace: 'withdrawal@countersign' }),
  yes('no namespace listed, another one asked', `${WHO} ${K}`, { namespace: 'withdrawal@countersign' }),

  yes('valid-after yesterday', after('20261119000000Z')),
  no('valid-after tomorrow', after('20261121000000Z')),
  yes('valid-after this very second', after('20261120120000Z')),
  no('valid-after the next second', after('20261120120001Z')),
  yes('valid-after a day', after('20261120Z')),
  yes('valid-after without seconds', after('202611201200Z')),
  yes('valid-before tomorrow', before('20261121000000Z')),
  no('valid-before yesterday', before('20261119000000Z')),
  yes('valid-before this very second', before('20261120120000Z'), {
    stricter: 'our end is the first moment that does not count',
  }),
  no('valid-before the second before', before('20261120115959Z')),
  yes('a window', `${WHO} valid-after="20260101Z",valid-before="20270101Z" ${K}`),
  no('a window that is over', `${WHO} valid-after="20250101Z",valid-before="20260101Z" ${K}`),
  no('a window the wrong way round', `${WHO} valid-after="20270101Z",valid-before="20260101Z" ${K}`),
  yes('a date in the time of the machine', after('20261119'), { stricter: 'the date has no zone' }),
  no('a date that is none', after('20261340Z')),
  no('a date in words', after('yesterday')),
  yes(
    'all options together',
    `${WHO} namespaces="${NAMESPACE}",valid-after="20260101Z",valid-before="20270101Z" ${K}`,
  ),
  yes('judged long ago', before('20261120Z'), { at: '2026-01-01T00:00:00Z' }),

  yes('a wildcard for anybody', `* ${K}`, { stricter: 'wildcards are refused' }),
  yes('a wildcard domain', `*@example.org ${K}`, { stricter: 'wildcards are refused' }),
  yes('a question mark', `alic?@example.org ${K}`, { stricter: 'wildcards are refused' }),
  no('a wildcard of another domain', `*@example.com ${K}`),
  no('a negated principal', `!${WHO},*@example.org ${K}`),
  no('an authority for certificates, used as a key', `${WHO} cert-authority ${K}`),
  no('an option that nobody knows', `${WHO} no-such-option ${K}`),
  no('an option twice', `${WHO} namespaces="file",namespaces="${NAMESPACE}" ${K}`),
  no('an option without its end', `${WHO} namespaces="${NAMESPACE} ${K}`),
];

function openSshAccepts(row: Row, number: number): boolean {
  const { file, who = WHO, namespace = NAMESPACE, at = NOON, key = alice } = row;
  const message = utf8('one approval');
  const path = (name: string): string => join(folder, `${number}.${name}`);
  writeFileSync(path('signers'), `${file}\n`);
  writeFileSync(path('sig'), sshsig(key, message, { namespace }));
  const time = at.replaceAll(/[-:TZ]/g, '');
  const args = ['-Y', 'verify', '-f', path('signers'), '-I', who, '-n', namespace, '-s', path('sig')];
  const run = spawnSync('ssh-keygen', [...args, '-O', `verify-time=${time}`], {
    input: message,
    env: { ...process.env, TZ: 'UTC' },
  });
  if (run.status === null) throw new Error('ssh-keygen did not run');
  return run.status === 0;
}

function weAccept({ file, who = WHO, namespace = NAMESPACE, at = NOON, key = alice }: Row): boolean {
  const { trust } = readAllowedSigners({ name: 'allowed_signers', bytes: utf8(`${file}\n`) });
  const match = trust === null ? null : findSigner(trust, key, parseTime(at)!);
  const named = match?.person.id === who || match?.person.also.includes(who);
  return named === true && match?.state === 'current' && mayUseNamespace(match.key, namespace);
}

describe('allowed_signers, row by row beside OpenSSH', () => {
  it('has at least 40 rows', () => expect(rows.length).toBeGreaterThanOrEqual(40));

  it.each(rows.map((row, i) => [row.about, row, i] as const))('%s', (_, row, i) => {
    expect({ openSsh: openSshAccepts(row, i), ours: weAccept(row) }).toEqual({
      openSsh: row.openSsh,
      ours: row.openSsh && row.stricter === undefined,
    });
  });
});
