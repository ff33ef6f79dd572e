import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInlineEngine } from '../../src/engine/inline.js';
import { verify } from '../../src/index.js';
import { nodePlatform } from '../../src/platform/node.js';
import { runHere } from '../cli/run.js';
import { certificate, pgpEd25519, publicKeyBlock } from '../vectorgen/openpgp.js';
import { loadVector } from '../vectors.js';

/** A public key that the reader gives: the same verdict inline, by the library and on the command line. */

const NOW = '2026-11-20T12:00:00Z';
const { folder, request } = loadVector('valid/openpgp-certificate-missing');
const own = publicKeyBlock(certificate(pgpEd25519('anna')));
const strange = publicKeyBlock(certificate(pgpEd25519('berta')));

async function inline(certificates: readonly Uint8Array[]) {
  const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
  return engine.verify({
    ...request,
    certificates: certificates.map((bytes, i) => ({ name: `${i}.asc`, bytes })),
  });
}

describe('a public key that the reader gives', () => {
  let work = '';
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'countersign-openpgp-'));
    writeFileSync(join(work, 'own.asc'), own);
    writeFileSync(join(work, 'strange.asc'), strange);
    writeFileSync(join(work, 'cut.asc'), own.subarray(0, 200));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  async function commandLine(...names: readonly string[]): Promise<string> {
    const given = names.flatMap((name) => ['--certificate', join(work, name)]);
    const args = ['verify', join(folder, 'input.sbundle.tgz'), '--rule', join(folder, 'trust.yaml')];
    const ran = await runHere([...args, '--now', NOW, '--json', ...given]);
    const report = JSON.parse(ran.out) as { inputs: { verdict: { code: string } }[] };
    return `${report.inputs[0]?.verdict.code} ${ran.code}`;
  }

  async function library(...certificates: readonly Uint8Array[]): Promise<string | undefined> {
    const bundle = new Uint8Array(readFileSync(join(folder, 'input.sbundle.tgz')));
    const trust = new Uint8Array(readFileSync(join(folder, 'trust.yaml')));
    return (await verify(bundle, { trust, certificates, now: NOW })).inputs[0]?.verdict.code;
  }

  it('decides whether the approval can be checked, and nothing else does', async () => {
    const verdict = async (...keys: readonly Uint8Array[]) => (await inline(keys)).inputs[0]?.verdict.code;
    expect([await verdict(), await library(), await commandLine()]).toEqual([
      'B-NOCHECK',
      'B-NOCHECK',
      'B-NOCHECK 14',
    ]);
    expect([await verdict(own), await library(own), await commandLine('own.asc')]).toEqual([
      'B-OK',
      'B-OK',
      'B-OK 0',
    ]);
    expect([await verdict(strange), await library(strange), await commandLine('strange.asc')]).toEqual([
      'B-NOCHECK',
      'B-NOCHECK',
      'B-NOCHECK 14',
    ]);
    expect(await commandLine('strange.asc', 'own.asc')).toBe('B-OK 0');
  });

  it('is named in the report with its digest, and by what is wrong with it', async () => {
    const report = await inline([own, own.subarray(0, 200)]);
    expect(report.trust.sources.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'trust trust.yaml',
      'certificate 0.asc',
      'certificate 1.asc',
    ]);
    expect(report.trust.findings.map(({ code }) => code)).toEqual(['openpgp-certificate-unreadable']);
    expect(report.inputs[0]?.verdict.code).toBe('B-OK');
  });

  it('makes an unknown signer of somebody whom the list does not bind', async () => {
    const trust = new TextEncoder().encode(
      new TextDecoder()
        .decode(request.trust!.bytes)
        .replace(/openpgp: "[0-9A-F]+"/, `openpgp: "${pgpEd25519('berta').fingerprint}"`),
    );
    const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
    const report = await engine.verify({
      ...request,
      trust: { name: 'trust.yaml', bytes: trust },
      certificates: [{ name: 'own.asc', bytes: own }],
    });
    expect(report.inputs[0]?.verdict.code).toBe('B-UNKNOWN');
    expect(report.inputs[0]?.approvals[0]).toMatchObject({ signature: 'true', known: null, counts: [] });
  });
});
