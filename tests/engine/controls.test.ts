import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/generated/report.js';
import { runControls } from '../../src/engine/controls/controls.js';
import { controls } from '../../src/engine/controls/generated.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

/** The report of a verifier that is broken in one way. */
async function lying(
  change: (report: Report) => Report,
  request: Parameters<typeof engine.verify>[0],
): Promise<Report> {
  return change(await engine.verify(request));
}

function withVerdict(report: Report, look: 'confirmed' | 'rejected', code: 'B-OK' | 'B-CHANGED'): Report {
  return {
    ...report,
    inputs: report.inputs.map((input) => ({ ...input, verdict: { ...input.verdict, look, code } })),
  };
}

describe('controls before verdicts', () => {
  it('are at least 24, good and bad', () => {
    expect(controls.length).toBeGreaterThanOrEqual(24);
    const looks = new Set(controls.map(({ look }) => look));
    expect([...looks].sort()).toEqual(['confirmed', 'incomplete', 'rejected', 'unknown', 'unreadable']);
    expect(controls.filter(({ code }) => code === 'B-OK').length).toBeGreaterThanOrEqual(5);
  });

  it('all behave with this engine', async () => {
    const outcome = await runControls((request) => engine.verify(request));
    expect(outcome.failures).toEqual([]);
    expect(outcome.behaved).toBe(controls.length);
  });

  it('notice a verifier that confirms everything', async () => {
    const outcome = await runControls((request) =>
      lying((report) => withVerdict(report, 'confirmed', 'B-OK'), request),
    );
    expect(outcome.total - outcome.behaved).toBe(controls.filter(({ code }) => code !== 'B-OK').length);
  });

  it('notice a verifier that rejects everything', async () => {
    const outcome = await runControls((request) =>
      lying((report) => withVerdict(report, 'rejected', 'B-CHANGED'), request),
    );
    expect(outcome.failures.some((failure) => failure.startsWith('valid/smallest'))).toBe(true);
  });

  it('notice a verifier whose findings are gone', async () => {
    const silent = (report: Report): Report => ({
      ...report,
      inputs: report.inputs.map((input) => ({ ...input, findings: [] })),
    });
    const outcome = await runControls((request) => lying(silent, request));
    expect(outcome.total - outcome.behaved).toBe(
      controls.filter(({ findings }) => findings.length > 0).length,
    );
  });

  it('count a verifier that throws as one that does not behave', async () => {
    const outcome = await runControls(() => Promise.reject(new Error('broken')));
    expect(outcome.behaved).toBe(0);
    expect(outcome.failures).toHaveLength(controls.length);
  });

  it('stop every verdict of an engine whose platform hashes wrongly', async () => {
    const right = nodePlatform();
    const wrong = { ...right, sha256Sync: () => new Uint8Array(32) };
    const broken = createInlineEngine(wrong);
    await expect(broken.verify({ inputs: [], loose: [], now: '2026-11-20T12:00:00Z' })).rejects.toThrow(
      'self-test',
    );
  });
});
