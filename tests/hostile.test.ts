import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { InputReport } from '../src/core/generated/report.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { nodePlatform } from '../src/platform/node.js';
import { describeShared, sharedPath } from './shared.js';

interface Row {
  readonly file: string;
  readonly expected: 'reject' | 'accept-integrity';
  readonly error_class: string | null;
  readonly also_acceptable: readonly string[];
}

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const HARMLESS = ['pass', 'warn'];

async function verify(...parts: readonly string[]): Promise<InputReport> {
  const bytes = new Uint8Array(readFileSync(sharedPath(...parts)));
  const report = await engine.verify({
    inputs: [{ name: parts.at(-1)!, source: bytes }],
    loose: [],
    now: '2026-11-20T12:00:00Z',
  });
  return report.inputs[0]!;
}

function errorClasses({ findings }: InputReport): string[] {
  return [...new Set(findings.filter(({ severity }) => severity === 'error').map((one) => one.class))];
}

/** Readable and unchanged as far as its dialect lets anybody say. */
function isIntact({ axes }: InputReport): boolean {
  return HARMLESS.includes(axes.readable) && [...HARMLESS, 'could-not-check'].includes(axes.unchanged);
}

describeShared('the hostile bundles', () => {
  const rows = JSON.parse(
    readFileSync(sharedPath('corpora', 'bundles', 'hostile', 'index.json'), 'utf8'),
  ) as readonly Row[];

  it.each(rows.map((row) => [row.file, row] as const))('%s', async (file, row) => {
    const input = await verify('corpora', 'bundles', 'hostile', file);
    expect(input.verdict.look).not.toBe('confirmed');
    const classes = errorClasses(input);
    if (row.expected === 'reject') {
      const allowed = [row.error_class, ...row.also_acceptable];
      // A harmless reading is among the alternatives of some rows.
      if (allowed.includes('accept-integrity') && isIntact(input)) return;
      expect(
        classes.filter((one) => allowed.includes(one)),
        `${classes.join()} for ${allowed.join()}`,
      ).not.toEqual([]);
    } else if (!(row.also_acceptable.includes('reject') && classes.length > 0)) {
      expect(isIntact(input), JSON.stringify(input.axes)).toBe(true);
    }
  });

  it('are all looked at', () => {
    const present = readdirSync(sharedPath('corpora', 'bundles', 'hostile')).filter((name) =>
      name.endsWith('.tgz'),
    );
    expect(present.sort()).toEqual(rows.map(({ file }) => file).sort());
  });
});

describeShared('the golden bundles', () => {
  it('are all read and unchanged', async () => {
    for (const file of readdirSync(sharedPath('corpora', 'bundles', 'golden'))) {
      const input = await verify('corpora', 'bundles', 'golden', file);
      expect(input.axes.readable, file).toBe('pass');
      expect(input.axes.unchanged, file).toBe('pass');
      expect(input.dialect, file).toBe('specular-cli');
    }
  });
});

/** What each sample is by its name, without any loose approval and without a trust list. */
const samples: Readonly<Record<string, readonly [code: string, ...findings: string[]]>> = {
  'healthcare-api-1.3.0': ['B-NOSIG'],
  'healthcare-api-1.4.0': ['B-NOSIG'],
  'legacy-embedded-approvals': ['B-NOCHECK', 'approval-embedded-legacy'],
  'legacy-with-attestation': ['B-NOSIG', 'attestation-not-checked'],
  'planned-layout-seed000': ['B-NOSIG', 'approval-planned-layout', 'manifest-signatures-inside'],
  'neg-checksums-txt-wrong': ['B-CHANGED', 'checksums-differs'],
  'neg-duplicate-manifest': ['B-UNREADABLE', 'entry-duplicate'],
  'neg-extra-unlisted-file': ['B-CHANGED', 'file-unlisted'],
  'neg-integrity-digest-wrong': ['B-CHANGED', 'integrity-digest-differs'],
  'neg-missing-file': ['B-CHANGED', 'file-missing'],
  'neg-no-manifest': ['B-UNREADABLE', 'manifest-missing'],
  'neg-path-traversal': ['B-UNREADABLE', 'entry-unsafe-path'],
  'neg-symlink': ['B-UNREADABLE', 'entry-unsupported-type'],
  'neg-tampered-file': ['B-CHANGED', 'file-differs-digest'],
  'neg-truncated': ['B-UNREADABLE', 'gzip-ends-early'],
  'neg-unknown-schema': ['B-NEWER', 'manifest-schema-newer'],
};

describeShared('the sample bundles', () => {
  it.each(Object.entries(samples))('%s', async (name, [code, ...findings]) => {
    const input = await verify('samples', 'bundles', `${name}.sbundle.tgz`);
    expect(input.verdict.code).toBe(code);
    expect(input.findings.map((one) => one.code)).toEqual(expect.arrayContaining(findings));
  });

  it('are all named here', () => {
    const present = readdirSync(sharedPath('samples', 'bundles')).filter((file) => file.endsWith('.tgz'));
    expect(present.map((file) => file.replace('.sbundle.tgz', '')).sort()).toEqual(
      Object.keys(samples).sort(),
    );
  });
});

describe('this file', () => {
  it('counts a refusal only with an error', () => {
    const input = { findings: [{ severity: 'warning', class: 'UNSAFE_PATH' }] } as unknown as InputReport;
    expect(errorClasses(input)).toEqual([]);
  });
});
