import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../src/core/canon/jcs.js';
import { parseJson } from '../src/core/canon/json.js';
import { checks } from '../src/core/checks/registry.js';
import { fromHex } from '../src/core/bytes/hex.js';
import { catalogue } from '../src/core/generated/messages.js';
import type { Report } from '../src/core/generated/report.js';
import { validate } from '../src/core/generated/report.validate.js';
import { contentRoot } from '../src/core/manifest/digests.js';
import { fileLeaf } from '../src/core/manifest/leaves.js';
import { verifyInclusion } from '../src/core/merkle/merkle.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { nodePlatform } from '../src/platform/node.js';
import { unprovoked } from './vectorgen/unprovoked.js';
import { generateModules } from './vectorgen/modules.js';
import { generateVectors } from './vectorgen/generate.js';
import type { CanonCase } from './vectorgen/table/canon.js';
import type { ProofCase, RootCase } from './vectorgen/table/merkle.js';
import { looks } from './vectorgen/vector.js';
import { differences, loadVectors, vectorsRoot } from './vectors.js';

const platform = nodePlatform();
const engine = createInlineEngine(platform, { withoutControls: true });
const vectors = loadVectors();

function table<T>(folder: string): readonly T[] {
  return JSON.parse(readFileSync(join(vectorsRoot, folder, 'cases.json'), 'utf8')) as readonly T[];
}

describe('the bundle vectors', () => {
  const reports = new Map<string, Report>();

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (name, vector) => {
    const report = await engine.verify(vector.request);
    reports.set(name, report);
    expect(differences(vector, report)).toEqual([]);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  });

  it('are at least 120', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(120);
  });

  it('reach every verdict several times', () => {
    const few = Object.keys(looks).filter(
      (code) => vectors.filter(({ expect: e }) => e.code === code).length < 3,
    );
    expect(few).toEqual([]);
  });

  it('say what could not be checked and what to do about it, not what follows from it', () => {
    const open = [...reports.values()]
      .flatMap(({ inputs }) => inputs)
      .filter(({ verdict }) => verdict.code === 'B-NOCHECK');
    expect(open.length).toBeGreaterThan(10);
    for (const { verdict, findings, checks: ran } of open) {
      const why = findings.find(({ message }) => message === verdict.sub);
      const check = ran.find(({ status, detail }) => status === 'could-not-check' && detail === verdict.sub);
      expect(why ?? check, verdict.sub).toBeDefined();
      expect(why?.code).not.toBe('role-missing');
      if (why !== undefined) expect(verdict.next).toBe(why.action);
    }
  });

  it('show every check passing and not passing', () => {
    const statuses = (id: string): Set<string | undefined> =>
      new Set(vectors.map(({ expect: e }) => e.checks[id]));
    const good = ['pass', 'not-applicable'];
    const without = checks
      .map(({ id }) => id)
      .filter((id) => {
        const seen = [...statuses(id)];
        return (
          !seen.some((s) => good.includes(s ?? '')) ||
          !seen.some((s) => ['fail', 'warn', 'could-not-check'].includes(s ?? ''))
        );
      });
    expect(without).toEqual([]);
  });

  it('provoke every code of the catalogue that files can provoke', () => {
    const provoked = new Set(
      vectors.flatMap(({ expect: e }) =>
        [...e.findings, ...e.trustFindings, ...e.looseFindings].map(({ code }) => code),
      ),
    );
    const missing = Object.keys(catalogue).filter((code) => !provoked.has(code) && !(code in unprovoked));
    expect(missing).toEqual([]);
    expect(Object.keys(unprovoked).filter((code) => provoked.has(code) || !(code in catalogue))).toEqual([]);
  });

  it('give the same report twice', async () => {
    const some = vectors.filter((_, i) => i % 10 === 0);
    for (const { name, request } of some)
      expect(await engine.verify(request), name).toEqual(reports.get(name));
  });
});

describe('the folder of vectors', () => {
  let generated: ReadonlyMap<string, Uint8Array>;
  beforeAll(() => {
    generated = generateVectors();
  });

  it('is what the generator writes, byte for byte', () => {
    const different = [...generated]
      .filter(
        ([path, bytes]) =>
          !existsSync(join(vectorsRoot, path)) ||
          Buffer.compare(readFileSync(join(vectorsRoot, path)), bytes) !== 0,
      )
      .map(([path]) => path);
    expect(different).toEqual([]);
    const surplus = readdirSync(vectorsRoot, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(vectorsRoot.length))
      .filter((path) => !generated.has(path));
    expect(surplus).toEqual([]);
  });

  it('agrees with its own hash list', () => {
    const rows = readFileSync(join(vectorsRoot, 'MANIFEST.sha256'), 'utf8').trimEnd().split('\n');
    const wrong = rows.filter((row) => {
      const bytes = readFileSync(join(vectorsRoot, row.slice(66)));
      return createHash('sha256').update(bytes).digest('hex') !== row.slice(0, 64);
    });
    expect(wrong).toEqual([]);
    expect(rows.length).toBe(generated.size - 1);
  });

  it('names the generated modules that the program carries', async () => {
    for (const [path, bytes] of await generateModules()) {
      expect(readFileSync(path, 'utf8'), path).toBe(new TextDecoder().decode(bytes));
    }
  });
});

describe('the canonical form', () => {
  it.each(table<CanonCase>('canon/rfc8785').map((row) => [row.name, row] as const))(
    '%s',
    (_, { inputBase64, canonical }) => {
      const read = parseJson(new Uint8Array(Buffer.from(inputBase64, 'base64')));
      const found = 'value' in read ? new TextDecoder().decode(canonicalJson(read.value)) : null;
      expect(found).toBe(canonical);
    },
  );
});

describe('the tree', () => {
  const listed = (file: RootCase['files'][number]) => ({ external: false, ...file });

  it.each(table<RootCase>('merkle/roots').map((row) => [row.name, row] as const))('root of %s', (_, row) => {
    expect(contentRoot(row.files.map(listed), platform)).toBe(row.contentRoot);
  });

  const proofs = [...table<ProofCase>('merkle/proofs'), ...table<ProofCase>('merkle/proofs-refused')];
  it.each(proofs.map((row) => [row.name, row] as const))('proof %s', (_, row) => {
    const holds = verifyInclusion(
      {
        index: row.leafIndex,
        treeSize: row.treeSize,
        leafHash: fileLeaf(listed(row.file), platform),
        proof: row.proof.map((hex) => fromHex(hex)!),
        root: fromHex(row.contentRoot.slice(7))!,
      },
      platform,
    );
    expect(holds).toBe(row.accepted);
  });
});
