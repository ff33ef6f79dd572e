import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../shared.js';
import { loadVectors } from '../vectors.js';
import { runHere } from './run.js';

/** What judges nothing, or writes, meets the same files as `verify`: it never fails and never writes what was refused. */

const folder = mkdtempSync(join(tmpdir(), 'countersign-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Exit codes of a program that did what it is for: 1 is a fault of ours, 2 a wrong command line. */
const ANSWERS = [0, 3, 10, 11, 12, 13, 14, 20, 30, 40, 50, 60];
const REFUSED = [10, 12, 60];

async function problemsWith(name: string, file: string, good: string): Promise<readonly string[]> {
  const problems: string[] = [];
  const target = mkdtempSync(join(folder, 'target-'));
  const commands = [
    ['diff', good, file, '--format', 'json'],
    ['diff', file, good, '--format', 'markdown'],
    ['diff', file, '--current', target],
    ['migrate', file, '--out', join(target, '..', `${basename(target)}.migrated.sbundle.tgz`)],
  ];
  for (const command of commands) {
    const { code, err } = await runHere(command);
    // "It is of today's dialect already": asked for what cannot be done.
    const declined = code === 2 && err.includes('migrate-refused');
    if (!ANSWERS.includes(code) && !declined)
      problems.push(`${name}: ${command[0]} ends with ${code}: ${err.slice(0, 300)}`);
  }
  const verified = await runHere(['verify', file]);
  const applied = await runHere(['apply', file, '--dir', target, '--yes', '--unconfirmed', 'a test']);
  if (!ANSWERS.includes(applied.code))
    problems.push(`${name}: apply ends with ${applied.code}: ${applied.err.slice(0, 300)}`);
  if (REFUSED.includes(verified.code) && readdirSync(target).length > 0)
    problems.push(`${name}: refused with ${verified.code}, and yet something was written`);
  return problems;
}

describe('hostile bundles among the vectors', () => {
  const vectors = loadVectors().flatMap(({ name, request }) => {
    const [one] = request.inputs;
    return one?.source instanceof Uint8Array ? [{ name, bytes: one.source }] : [];
  });

  it(`${vectors.length} of them are compared, migrated and applied without a fault, and only what verifies is written`, async () => {
    const good = join(folder, 'good.sbundle.tgz');
    const [first] = vectors.filter(({ name }) => name.startsWith('valid/'));
    if (first === undefined) throw new Error('no vector that is right');
    writeFileSync(good, first.bytes);
    const problems: string[] = [];
    for (const { name, bytes } of vectors) {
      const file = join(folder, `${name.replaceAll('/', '__')}.sbundle.tgz`);
      writeFileSync(file, bytes);
      problems.push(...(await problemsWith(name, file, good)));
      rmSync(file);
    }
    expect(problems).toEqual([]);
  }, 600_000);
});

describeShared('hostile bundles of the corpora', () => {
  it('are compared, migrated and applied without a fault, and only what verifies is written', async () => {
    const good = sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    const hostile = sharedPath('corpora', 'bundles', 'hostile');
    const problems: string[] = [];
    for (const name of readdirSync(hostile).filter((one) => one.endsWith('.tgz')))
      problems.push(...(await problemsWith(name, join(hostile, name), good)));
    expect(problems).toEqual([]);
  }, 600_000);
});
