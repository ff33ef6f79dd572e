import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileReport, Report } from '../../src/core/generated/report.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { packReport, unpackReport } from '../../src/engine/packed.js';
import { nodePlatform } from '../../src/platform/node.js';
import { vectorRequest } from './requests.js';

const crossed = (report: Report): Report => unpackReport(structuredClone(packReport(report)));

it('gives the same text of a report on the other side', async () => {
  const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
  const request = vectorRequest(['valid/fifty-files', 'forged/file-missing', 'forged/content-byte']);
  const report = await engine.verify(request);
  expect(report.inputs.map(({ files }) => files.length)).not.toContain(0);
  expect(JSON.stringify(crossed(report))).toBe(JSON.stringify(report));
});

it('keeps every path, digest and size, and what is missing', () => {
  const statuses = ['matches', 'differs', 'missing', 'unlisted', 'absent-external', 'not-compared'] as const;
  const file: fc.Arbitrary<FileReport> = fc.record({
    path: fc.string({ unit: 'binary', maxLength: 20 }),
    size: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
    sha256: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
    status: fc.constantFrom(...statuses),
  });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 20 }), fc.array(file, { maxLength: 3 }), (one, other) => {
      const report = { inputs: [{ files: one }, { files: other }] } as unknown as Report;
      expect(JSON.stringify(crossed(report))).toBe(JSON.stringify(report));
    }),
  );
});
