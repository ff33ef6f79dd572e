import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { toHex } from '../../src/core/bytes/hex.js';
import { describeShared, sharedPath } from '../shared.js';
import { recordKey, signedRecord } from '../signedRecords.js';
import { loadVector } from '../vectors.js';
import { runHere } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-json-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(folder, ...parts);

const schema = (path: string): object =>
  JSON.parse(readFileSync(new URL(`../../schemas/${path}.schema.json`, import.meta.url), 'utf8')) as object;
const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true, unicodeRegExp: true });
for (const path of ['report', 'proof', 'diff', 'cli/output']) ajv.addSchema(schema(path));

/** What each command prints with `--json`: a document of its own, or a definition of `schemas/cli/output.schema.json`. */
const output = (name: string): string => `urn:countersign:schema:output:v1#/$defs/${name}`;
const printed: Readonly<Record<string, string>> = {
  verify: 'urn:countersign:schema:report:v1',
  inspect: output('Inspect'),
  hash: output('Hash'),
  'check-proof': output('ProofCheck'),
  'check-record': output('RecordCheck'),
  controls: output('Controls'),
  'approve status': output('ApproveStatus'),
  'keys fingerprint': output('Keys'),
  'trust show': output('People'),
  build: output('Build'),
  migrate: output('Migrate'),
  apply: output('Apply'),
  drift: output('Drift'),
  'policy hash': output('PolicyHash'),
  'policy diff': output('PolicyDiff'),
  'policy check': output('PolicyCheck'),
  'policy replay': output('PolicyReplay'),
  doctor: output('Doctor'),
  routing: output('Routing'),
};
const seen = new Set<string>();

async function check(
  words: readonly string[],
  id = printed[words[0] ?? ''] ?? printed[words.slice(0, 2).join(' ')],
): Promise<{ readonly code: number; readonly document: unknown }> {
  const json = words[0] === 'diff' || words[0] === 'prove' ? [] : ['--json'];
  const { code, out, err } = await runHere([...words, ...json]);
  expect(out, `${words.join(' ')}: ${err}`).not.toBe('');
  const document = JSON.parse(out) as unknown;
  const validate = ajv.getSchema(id ?? '');
  expect(validate, words.join(' ')).toBeDefined();
  expect(validate?.(document), `${words.join(' ')}: ${JSON.stringify(validate?.errors, null, 1)}`).toBe(true);
  seen.add(id ?? '');
  return { code, document };
}

const vector = loadVector('valid/kind-ed25519').folder;
const bundle = join(vector, 'input.sbundle.tgz');
const cut = at('cut.sbundle.tgz');

beforeAll(async () => {
  writeFileSync(cut, readFileSync(bundle).subarray(0, 300));
  const dir = at('project');
  const made = await runHere(['init', '--template', 'retail', '--dir', dir, '--id', 'acme/api']);
  expect(made.err).toBe('');
  await runHere(['lock', '--dir', dir, '--product-version', '0.1.0']);
});

describe('what --json prints is as its schema says', () => {
  it('has a schema for every command that takes --json', () => {
    const withJson = commands.filter(({ options }) => options.some(({ name }) => name === 'json'));
    expect(withJson.map(({ name }) => name).sort()).toEqual(Object.keys(printed).sort());
  });

  it('about bundles', async () => {
    expect((await check(['verify', bundle, '--rule', join(vector, 'trust.yaml')])).code).toBe(0);
    await check(['verify', bundle, cut]);
    await check(['inspect', bundle, cut]);
    await check(['hash', bundle, cut, join(vector, 'trust.yaml')]);
    await check(['controls']);
    await check(['approve', 'status', bundle, '--rule', join(vector, 'trust.yaml')]);
    await check(['approve', 'status', bundle]);
    const every = await check(['approve', 'status', bundle, cut], output('ApproveStatuses'));
    expect(every.document).toMatchObject({ pending: 1 });
    await check(['trust', 'show', join(vector, 'trust.yaml')]);
    const withCertificate = join(loadVector('valid/openpgp-ed25519').folder, 'trust.yaml');
    await check(['trust', 'show', withCertificate]);
    await check(['diff', bundle, bundle, '--format', 'json'], 'urn:countersign:schema:diff:v1');
  });

  it('about proofs', async () => {
    const { document } = await check(['inspect', bundle]);
    const { inputs } = document as { inputs: { contentRoot: string; entries: { path: string }[] }[] };
    const path = inputs[0]?.entries.find((entry) => entry.path !== 'manifest.yaml')?.path ?? '';
    const proof = await check(['prove', bundle, path], 'urn:countersign:schema:proof:v1');
    writeFileSync(at('proof.json'), JSON.stringify(proof.document));
    const root = inputs[0]?.contentRoot ?? '';
    expect((await check(['check-proof', at('proof.json'), '--root', root])).code).toBe(0);
    expect((await check(['check-proof', at('proof.json')])).code).toBe(14);
    expect((await check(['check-proof', bundle])).code).toBe(60);
  });

  it('about records', async () => {
    writeFileSync(at('record.json'), JSON.stringify(signedRecord('gait')));
    expect((await check(['check-record', at('record.json'), '--key', toHex(recordKey)])).code).toBe(0);
    expect((await check(['check-record', at('record.json')])).code).toBe(14);
    expect((await check(['check-record', bundle])).code).toBe(60);
  });

  it('about a project', async () => {
    const dir = at('project');
    const built = await check(['build', '--dir', dir, '--out', at('built.sbundle.tgz')]);
    expect(built.code).toBe(0);
    await check(['doctor', '--dir', dir]);
    await check(['drift', '--dir', dir]);
    const policies = join(dir, 'policies');
    await check(['policy', 'hash', join(policies, 'retail.yaml')]);
    await check(['policy', 'check', join(policies, 'retail.yaml')]);
    const replayed = [
      'policy',
      'replay',
      join(policies, 'retail.yaml'),
      join(policies, 'retail.decisions.jsonl'),
    ];
    await check(replayed);
    const weaker = at('weaker.yaml');
    writeFileSync(weaker, readFileSync(join(policies, 'retail.yaml'), 'utf8').replace('deny', 'auto_reply'));
    await check(['policy', 'diff', join(policies, 'retail.yaml'), weaker]);
  });

  it('about applying', async () => {
    const dir = at('target');
    mkdirSync(dir);
    const apply = (...more: string[]) =>
      check(['apply', at('built.sbundle.tgz'), '--dir', dir, '--unconfirmed', 'a test', ...more]);
    await apply('--dry-run');
    await apply();
    await check(['apply', '--dir', dir, '--undo'], output('ApplyBack'));
    writeFileSync(join(dir, '.specularignore'), 'mine');
    expect((await apply()).code).toBe(3);
  });
});

describeShared('what --json prints of the samples is as its schema says', () => {
  const sample = (...parts: string[]): string => sharedPath('samples', ...parts);

  it('about keys, older bundles, projects', async () => {
    await check(['keys', 'fingerprint', sample('keys', 'pm-alice.ed25519.pub')]);
    const older = sample('bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    await check(['inspect', older]);
    await check(['migrate', older, '--out', at('migrated.sbundle.tgz')]);
    const project = sample('project');
    await check(['doctor', '--dir', project]);
    await check(['drift', '--dir', project]);
    await check(['routing', '--dir', project]);
    await check([
      'policy',
      'check',
      sample('project', 'policies', 'hipaa.yaml'),
      '--against',
      sample('runs', 'run-manifest.json'),
    ]);
  });

  it('for every command', () => {
    expect(Object.values(printed).filter((id) => !seen.has(id))).toEqual([]);
  });
});
