import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadVector } from '../vectors.js';
import { runHere } from './run.js';

/** Where the released command line of the format would come from. */
const MODULE = 'github.com/felixgeelhaar/specular/cmd/specular@latest';
const INSTALL_WITHIN_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'countersign-released-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program, or why it is not here. */
function released(): { readonly program: string } | { readonly why: string } {
  if (spawnSync('specular', ['--help']).status === 0) return { program: 'specular' };
  if (spawnSync('go', ['version']).status !== 0) return { why: 'neither it nor Go is installed' };
  const env = { ...process.env, GOBIN: folder };
  const ran = spawnSync('go', ['install', MODULE], { env, encoding: 'utf8', timeout: INSTALL_WITHIN_MS });
  const program = join(folder, 'specular');
  if (ran.status === 0 && existsSync(program)) return { program };
  const [reason = 'it gave no reason'] = ran.stderr.trim().split('\n').slice(-1);
  return { why: `"go install" could not fetch it: ${reason.trim()}` };
}

describe('the released command line of the format', () => {
  it('reads what we build', { timeout: INSTALL_WITHIN_MS + 60_000 }, async ({ skip }) => {
    const found = released();
    if ('why' in found) {
      console.log(`NOT RUN: specular bundle gate (${found.why})`);
      return skip(found.why);
    }
    const [project, bundle] = [join(folder, 'project'), join(folder, 'ours.sbundle.tgz')];
    await runHere(['init', '--template', 'retail', '--dir', project, '--id', 'acme/api']);
    await runHere(['lock', '--dir', project, '--product-version', '0.1.0']);
    const built = await runHere(['build', '--dir', project, '--out', bundle]);
    expect([built.code, built.err]).toEqual([0, '']);
    const gate = (path: string): number | null => spawnSync(found.program, ['bundle', 'gate', path]).status;
    expect(gate(bundle)).toBe(0);
    expect(gate(join(loadVector('forged/content-byte').folder, 'input.sbundle.tgz'))).not.toBe(0);
  });
});
