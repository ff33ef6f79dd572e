import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/core/generated/report.js';
import type { VerifyRequest } from '../../src/engine/engine.js';
import { root } from '../sources.js';

/** One request over the bundles of several vectors, judged by the trust file, loose files and time of the first. */
export function vectorRequest(names: readonly string[]): VerifyRequest {
  const [first = ''] = names;
  const folder = join(root, 'test-vectors', first);
  const loose = join(folder, 'loose');
  const { now } = JSON.parse(readFileSync(join(folder, 'request.json'), 'utf8')) as { now: string };
  return {
    inputs: names.map((name) => ({
      name: `${name.replace('/', '-')}.sbundle.tgz`,
      source: new Uint8Array(readFileSync(join(root, 'test-vectors', name, 'input.sbundle.tgz'))),
    })),
    loose: existsSync(loose)
      ? readdirSync(loose).map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(loose, name))) }))
      : [],
    trust: { name: 'trust.yaml', bytes: new Uint8Array(readFileSync(join(folder, 'trust.yaml'))) },
    now,
  };
}

/** One line for each input. */
export function describeReport(report: Report): string {
  return report.inputs.map(({ file, verdict }) => `${file}: ${verdict.code}`).join('\n');
}
