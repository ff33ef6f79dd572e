import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { validate } from '../../src/core/generated/report.validate.js';
import type { Report, VerdictCode } from '../../src/core/generated/report.js';
import { exitOfVerdict } from '../../src/core/report/exitCodes.js';
import { differences, loadVectors, type LoadedVector } from '../vectors.js';
import { runHere } from './run.js';

/** The command line that asks what the vector asks. */
function commandLine({ folder, request }: LoadedVector): string[] {
  const at = (name: string): string => join(folder, name);
  const option = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [name, value];
  const loose = existsSync(at('loose')) ? readdirSync(at('loose')).sort() : [];
  const limits = Object.entries(request.limits ?? {}).map(([name, value]) => `${name}=${value}`);
  const rule = request.ruleName === undefined ? '' : `#${request.ruleName}`;
  return [
    'verify',
    at('input.sbundle.tgz'),
    ...loose.flatMap((name) => ['--approval', at(`loose/${name}`)]),
    ...option('--rule', request.trust === undefined ? undefined : `${at('trust.yaml')}${rule}`),
    ...option('--allowed-signers', request.allowedSigners === undefined ? undefined : at('allowed_signers')),
    ...option('--limits', [request.limitsProfile ?? 'default', ...limits].join(',')),
    ...option('--now', request.now),
    '--json',
  ];
}

describe('the vectors on the command line', () => {
  test.each(loadVectors().map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    const { code, out, err } = await runHere(commandLine(vector));
    expect(err).toBe('');
    const report = JSON.parse(out) as Report;
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(differences(vector, report)).toEqual([]);
    expect(code).toBe(exitOfVerdict(vector.expect.code as VerdictCode));
  });
});
