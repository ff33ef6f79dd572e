import { describe, expect, test } from 'vitest';
import { jsonText } from '../../src/cli/io.js';
import { createPaint, wantsColour } from '../../src/cli/paint.js';
import { reportText, summaryText } from '../../src/cli/text.js';
import { claim, sizeWords } from '../../src/cli/words.js';
import type { InputReport } from '../../src/core/generated/report.js';
import { validate } from '../../src/core/generated/report.validate.js';
import { LIMITS_LINE } from '../../src/core/report/words.js';
import { verdictRows } from '../../src/core/report/verdicts.js';
import { cannedApproval, cannedInput, cannedReport } from './canned.js';

const plain = createPaint(false);
const hostile = 'x\u001b[2J\u001b]0;pwned\u0007\u009b31m\u202egnp\u200b\r\nSigned ✔ 🔒 \u{e0041}';
const UNSEEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]/u;

function hidden(input: InputReport): InputReport {
  return { ...input, bundle: null, roles: [], approvals: [] };
}

describe('text', () => {
  test.each(verdictRows.map(({ code }) => code))(
    '%s: headline first, then what to do, then labelled lines',
    (code) => {
      const bare = code === 'B-CHANGED' || code === 'B-UNREADABLE' || code === 'B-NEWER';
      const input = bare ? hidden(cannedInput(code)) : cannedInput(code);
      const report = cannedReport([input]);
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
      const text = reportText(report, plain);
      const lines = text.split('\n');
      expect(lines[0]).toBe(input.verdict.headline);
      expect(lines[2]).toBe(`What to do: ${input.verdict.next}`);
      for (const label of [
        'File  ',
        'Bundle says it is',
        'Archive digest',
        'Bundle digest',
        'Content root',
        'Dialect',
        'Judged by',
        'Verdict',
      ]) {
        expect(
          lines.some((line) => line.startsWith(label)),
          label,
        ).toBe(true);
      }
      expect(text.includes(LIMITS_LINE)).toBe(code === 'B-OK');
      if (bare) expect(text).not.toMatch(/healthcare|alice|LGTM/);
      else expect(text).toContain('"acme/healthcare-api"');
    },
  );

  test('one whole report', () => {
    const verdict = {
      look: 'incomplete',
      code: 'B-INCOMPLETE',
      headline: 'Still needs 1 approval (2 of 3 given)',
      sub: 'Pm approved. Security has not. The file itself is unchanged.',
      next: 'Ask carol@acme.org or dan@acme.org to approve as security.',
    } as const;
    expect(reportText(cannedReport([cannedInput('B-INCOMPLETE', { verdict })]), plain))
      .toMatchInlineSnapshot(`
      "Still needs 1 approval (2 of 3 given)
      Pm approved. Security has not. The file itself is unchanged.
      What to do: Ask carol@acme.org or dan@acme.org to approve as security.

      File               release.sbundle.tgz (12.3 kB, 14 entries)
      Bundle says it is  "acme/healthcare-api"
      Version            "1.3.0"
      Level              claims "L3", met L1, your rule asks for L3
      Created            "2026-11-01T00:00:00Z" (claimed; nothing proves it)
      Archive digest     sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      Bundle digest      sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      Content root       sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
      Dialect            countersign
      Judged by          your rule "production" of trust.yaml, asks for pm, 2 x security; trust list: 3 people, 4 keys
      Judged at          2026-11-20T10:00:00Z
      Verdict            B-INCOMPLETE, incomplete, exit code 40

      Readable: passed   Unchanged: passed   Signers: passed   Approvals: failed   Time: not checked

      Roles
        pm        given by alice@acme.org; asked for by your rule and the bundle
        security  missing (1 of 2), given by carol@acme.org; may come from carol@acme.org, dan@acme.org; asked for by your rule

      Approvals
        pm-1.json (loose, sshsig, for this bundle)
          claims  approved, role "pm", by "alice@acme.org", signed at "2026-11-02T00:00:00Z", comment "LGTM"
          known   alice@acme.org (Alice Ang), key current; checked in person
          proven  this key signed exactly this text; key SHA256:4zbp4OQ801TzexN4HcB+YnDTVb82UQR6aG9JkzwuHGk (ssh-ed25519), in words: one two three four five six seven eight; nothing proves the time
          counts  for pm: The key belongs to alice@acme.org, who may give pm.

      Findings
        error input-cancelled (CORRUPTED_BUNDLE) at spec.yaml, line 3, byte 17
          Reading was stopped before the end; there is no verdict.
          expected: one
          found:    other
          cause:    Somebody pressed Cancel, or the page was closed while the file was being read.
          do:       Start the verification again and let it finish.

      Checks
        passed           Archive: 14 entries

      Repeat it by hand
        Bundle digest; expect: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
          tar -xzOf release.sbundle.tgz manifest.yaml \\
            | sha256sum

      Checked on this machine, offline, by countersign 0.1.0 (build source), self-test 24 of 24.
      "
    `);
  });

  test('several bundles end with a table', () => {
    const report = cannedReport([cannedInput('B-OK'), cannedInput('B-NOSIG', { file: 'other.sbundle.tgz' })]);
    const text = reportText(report, plain);
    expect(text).toContain(summaryText(report, plain));
    expect(summaryText(report, plain).split('\n').at(-2)).toBe('2 bundles: 1 B-NOSIG, 1 B-OK');
  });

  test('hostile text in every place of a report reaches no terminal', () => {
    const poisoned = poison(cannedReport([cannedInput('B-INCOMPLETE')]));
    for (const text of [reportText(poisoned, plain), summaryText(poisoned, plain), jsonText(poisoned)]) {
      expect(text).not.toMatch(UNSEEN);
    }
    expect(JSON.parse(jsonText(poisoned))).toEqual(poisoned);
  });

  test('claims cannot draw marks, forge lines or be endless', () => {
    const comment = `${hostile}\nCounts  for security ${'y'.repeat(5000)}`;
    const input = cannedInput('B-INCOMPLETE', {
      approvals: [cannedApproval({ claims: { user: hostile, comment } })],
    });
    const text = reportText(cannedReport([input]), plain);
    expect(text).not.toMatch(/✔|🔒/u);
    expect(text.split('\n').filter((line) => line.trimStart().startsWith('Counts'))).toEqual([]);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(2500);
    expect(claim('ok ✔')).toBe('ok <U+2714>');
  });

  test('colour only repeats words and only where it is wanted', () => {
    const report = cannedReport([cannedInput('B-OK')]);
    const coloured = reportText(report, createPaint(true));
    expect(coloured).toContain('\u001b[');
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[[0-9;]*m/g, '')).toBe(reportText(report, plain));
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
  });

  test('sizes', () => {
    expect(sizeWords(0)).toBe('0 bytes');
    expect(sizeWords(999)).toBe('999 bytes');
    expect(sizeWords(48_000)).toBe('48.0 kB');
    expect(sizeWords(2 ** 30)).toBe('1.1 GB');
  });
});

/** The same report with hostile text behind every free text. */
function poison<T>(value: T, key = ''): T {
  if (Array.isArray(value)) return value.map((one) => poison(one as unknown, key)) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, poison(one as unknown, name)]),
    ) as T;
  }
  const fixed = [
    'look',
    'code',
    'axis',
    'severity',
    'class',
    'status',
    'state',
    'kind',
    'origin',
    'binding',
    'signature',
    'keyState',
    'decision',
    'askedBy',
  ];
  const enums = [
    ...fixed,
    'schemaVersion',
    'profile',
    'dialect',
    'readable',
    'unchanged',
    'signers',
    'approvals',
    'time',
    'archiveDigest',
    'bundleDigest',
    'contentRoot',
    'met',
    'required',
  ];
  return typeof value === 'string' && !enums.includes(key) ? ((value + hostile) as T) : value;
}
