import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, serveOptions } from '../../src/tools/serve.mjs';

const parent = mkdtempSync(join(tmpdir(), 'countersign-serve-'));
const folder = join(parent, 'site');

beforeAll(() => {
  mkdirSync(join(folder, '_app', 'immutable', 'workers'), { recursive: true });
  mkdirSync(join(folder, 'codes'));
  writeFileSync(join(parent, 'secret.txt'), 'outside');
  writeFileSync(join(folder, 'index.html'), 'start');
  writeFileSync(join(folder, 'verify.html'), 'verify');
  writeFileSync(join(folder, 'codes', 'a-b.html'), 'a-b');
  writeFileSync(join(folder, 'service-worker.js'), '');
  writeFileSync(join(folder, 'x.webmanifest'), '{}');
  writeFileSync(join(folder, '_app', 'immutable', 'workers', 'w.js'), '');
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('the static server', () => {
  it('answers files, addresses without .html, and a sub-path', async () => {
    for (const base of ['/', '/sub/path/']) {
      const site = await serve({ folder, base, port: 0 });
      const text = async (path: string): Promise<string> => (await fetch(`${site.url}${path}`)).text();
      expect(site.url.endsWith(base)).toBe(true);
      expect(await text('')).toBe('start');
      expect(await text('verify')).toBe('verify');
      expect(await text('verify.html')).toBe('verify');
      expect(await text('codes/a-b')).toBe('a-b');
      expect((await fetch(`${site.url}absent`)).status).toBe(404);
      expect((await fetch(site.url, { method: 'POST' })).status).toBe(405);
      await site.close();
    }
  });

  it('sends the policies that a meta tag cannot carry, and none of them when bare', async () => {
    const site = await serve({ folder, port: 0 });
    const page = await fetch(`${site.url}verify`);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': "frame-ancestors 'none'",
      'cache-control': 'no-cache',
    });
    const worker = await fetch(`${site.url}_app/immutable/workers/w.js`);
    expect(worker.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(worker.headers.get('cache-control')).toMatch(/immutable/);
    expect((await fetch(`${site.url}service-worker.js`)).headers.get('content-security-policy')).toMatch(
      /connect-src 'self'/,
    );
    expect((await fetch(`${site.url}x.webmanifest`)).headers.get('content-type')).toMatch(/manifest/);
    await site.close();
    const bare = await serve({ folder, port: 0, bare: true });
    expect((await fetch(`${bare.url}verify`)).headers.get('content-security-policy')).toBeNull();
    await bare.close();
  });

  it('gives nothing outside its folder', async () => {
    const site = await serve({ folder, port: 0 });
    for (const path of [
      '../secret.txt',
      '%2e%2e/secret.txt',
      '..%2fsecret.txt',
      '%2e%2e%2fsecret.txt',
      'codes/..%2f..%2fsecret.txt',
      '%00',
      '%',
    ]) {
      const response = await fetch(`${site.url}${path}`);
      expect(await response.text(), path).not.toContain('outside');
      expect(response.status, path).toBe(404);
    }
    await site.close();
  });

  it('takes the next free port', async () => {
    const blocker = createServer().listen(0, 'localhost');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const address = blocker.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const site = await serve({ folder, port });
    expect(Number(new URL(site.url).port)).toBeGreaterThan(port);
    await site.close();
    blocker.close();
  });

  it('reads its options', () => {
    expect(serveOptions(['--base', 'sub', '--port', '8080', '--bare'])).toEqual({
      base: '/sub/',
      port: 8080,
      bare: true,
    });
    expect(serveOptions(['--base', '/'])).toMatchObject({ base: '/' });
  });
});
