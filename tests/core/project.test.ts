import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/core/bytes/text.js';
import { selectFiles } from '../../src/core/project/ignore.js';
import { identityOf, recognise } from '../../src/core/project/recognise.js';
import { SecretScanner, type SecretFinding } from '../../src/core/project/secrets.js';

function scan(text: string, piece = 1_000_000): readonly SecretFinding[] {
  const scanner = new SecretScanner('f');
  const bytes = toUtf8(text);
  for (let at = 0; at < bytes.length; at += piece) scanner.push(bytes.subarray(at, at + piece));
  return scanner.finish();
}

describe('what of a project is packed', () => {
  const files = ['a.log', 'docs/keep.log', '.git/config', 'x/.GIT/hooks/run', 'node_modules/a.js', 'b'].map(
    (path) => ({ path }),
  );
  const ignoreFile = '*.log\n!docs/keep.log\r\n';

  it('follows the rules of gitignore, and include beats them', () => {
    const plain = selectFiles(files, { ignoreFile, include: [], exclude: [] });
    expect(plain.packed.map(({ path }) => path)).toEqual(['docs/keep.log', 'b']);
    const asked = selectFiles(files, { ignoreFile, include: ['a.log', '.git/config'], exclude: ['b'] });
    expect(asked.packed.map(({ path }) => path)).toEqual(['a.log', 'docs/keep.log']);
    expect(asked.forced.map(({ path }) => path)).toEqual(['a.log']);
  });
});

describe('secrets', () => {
  it.each([
    ['aws-access-key', 'id: AKIAABCDEFGHIJKLMNOP'],
    ['aws-secret-key', 'aws_secret_access_key = abcdefghijklmnopqrstuvwxyzabcdefghijklmn'],
    ['github-token', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['slack-token', 'xoxb-1234567890-abcdef'],
    ['private-key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['password', 'DB_PASSWORD=correct-horse'],
    ['json-web-token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0abc.c2lnbmF0dXJl'],
    ['database-address', 'postgres://app:hunter22@db/prod'],
    ['api-key', 'api_key: "abcdefgh12345678"'],
    ['api-key', 'ANTHROPIC_API_KEY=sk-ant-EXAMPLE-NOT-A-KEY-000000'],
  ])('%s is found, in whatever pieces it comes, and never shown whole', (kind, text) => {
    for (const piece of [1, 7, 1_000_000]) {
      const found = scan(`first\nsecond\n${text}\nlast\n`, piece);
      expect(found.map(({ kind, line }) => [kind, line])).toEqual([[kind, 3]]);
      if (kind !== 'private-key') expect(text).not.toContain(found[0]?.excerpt);
    }
  });

  it('finds every sign at even and odd places, in either case where that means the same', () => {
    const samples: readonly (readonly [string, string])[] = [
      ['aws-access-key', 'AKIAABCDEFGHIJKLMNOP'],
      ['aws-access-key', 'ASIAABCDEFGHIJKLMNOP'],
      ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map(
        (sign) => ['github-token', `${sign}abcdefghijklmnopqrstuvwxyz0123456789`] as const,
      ),
      ['slack-token', 'xoxb-1234567890-abcdef'],
      ['json-web-token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0abc.c2lnbmF0dXJl'],
      ['database-address', 'postgres://app:hunter22@db/prod'],
      ['api-key', 'sk-ant-EXAMPLE-NOT-A-KEY-000000'],
      ['api-key', 'AIzaabcdefghijklmnopqrstuvwxyzabcdefghi'],
      ...['api-key', 'API_KEY', 'apikey', 'Secret', 'access-token', 'ACCESS_TOKEN', 'AuthToken'].map(
        (sign) => ['api-key', `${sign}: abcdefgh12345678`] as const,
      ),
      ...['password', 'PassWd', 'PASSPHRASE'].map((sign) => ['password', `${sign}=correct-horse`] as const),
    ];
    for (const [kind, text] of samples)
      for (let before = 0; before < 4; before += 1)
        for (let lines = 0; lines < 9; lines += 1) {
          const found = scan(`${'\n'.repeat(lines)}${'.'.repeat(before)} ${text}`);
          expect(
            found.map((one) => [one.kind, one.line]),
            `${before} ${text}`,
          ).toEqual([[kind, lines + 1]]);
        }
  });

  it.each([
    'api_key: ""',
    'api_key: ${ANTHROPIC_API_KEY}',
    "password: ''",
    'password: <yours>',
    'api_key: $KEY_NAME',
  ])('no secret: %s', (text) => expect(scan(`${text}\n`)).toEqual([]));

  it('finds each kind wherever it lies across the end of a block, once, with its line', () => {
    const header = 'eyJhbGciOiJIUzI1NiJ9';
    const long = `${header}.eyJ${'p'.repeat(4090)}.${'s'.repeat(4090)}`;
    const samples: readonly (readonly [string, string])[] = [
      ['json-web-token', long],
      ['password', `password: ${'p'.repeat(500)}`],
      ['private-key', '-----BEGIN RSA PRIVATE KEY-----'],
      ['database-address', `postgres://${'u'.repeat(120)}:${'p'.repeat(250)}@db`],
    ];
    const block = (256 + 16) * 1024;
    for (const [kind, text] of samples)
      for (const back of [text.length + 2, text.length + 1, text.length, 100, 3, 1, 0, -1]) {
        const lines = 'ü x\n'.repeat(1000);
        const room = block - back - toUtf8(lines).length - 1;
        const found = scan(`${lines}${'z '.repeat(room).slice(0, room)}\n${text}\nlast\n`, 70_001);
        expect([kind, back, ...found.map((one) => `${one.kind} ${one.line}`)]).toEqual([
          kind,
          back,
          `${kind} 1002`,
        ]);
      }
  });

  it('finds a secret that lies across two blocks, with its line', () => {
    const before = 'x'.repeat(99) + '\n';
    const found = scan(
      `${before.repeat(2621)}${'y'.repeat(40)} ghp_abcdefghijklmnopqrstuvwxyz0123456789\n`,
      262_170,
    );
    expect(found).toEqual([
      { path: 'f', line: 2622, kind: 'github-token', excerpt: 'ghp_… (40 characters)' },
    ]);
  });
});

describe('known files', () => {
  const spec = { path: '.specular/spec.yaml', bytes: toUtf8('product: acme/api\nfeatures:\n  - id: a\n') };
  const lock = { path: '.specular/spec.lock.json', bytes: toUtf8('{"version":"1.10","features":{}}') };

  it('are known by content and give id and version', () => {
    expect(recognise(spec.path, spec.bytes)).toBe('spec');
    expect(recognise(lock.path, lock.bytes)).toBe('lock');
    expect(recognise('routing.yaml', toUtf8('providers:\n  - name: a\nbudget_usd: 1\n'))).toBe('routing');
    expect(recognise('x.yaml', toUtf8('just text'))).toBeNull();
    expect(identityOf([spec, lock])).toEqual({ id: 'acme/api', version: '1.10' });
  });
});
