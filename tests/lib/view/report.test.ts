import { describe, expect, it } from 'vitest';
import { validate } from '../../../src/core/generated/report.validate.js';
import type { Report } from '../../../src/core/generated/report';
import { fakeReport } from '../../../src/engine/fake';
import {
  controlsFailed,
  countByCode,
  mergeReports,
  orderedFiles,
  orderedFindings,
  outline,
  reportFileName,
  roleTally,
  splitReport,
  unpairedLoose,
} from '../../../src/lib/view/report';

const reportOf = (name: string): Report =>
  fakeReport({ inputs: [{ name, source: new Uint8Array() }], loose: [], now: '2026-11-20T10:00:00Z' });
const inputOf = (name: string): Report['inputs'][number] => reportOf(name).inputs[0]!;
const looks = ['confirmed', 'unknown', 'incomplete', 'rejected', 'unreadable'];

describe('view of a report', () => {
  it.each(looks)('the canned report "%s" has the shape that every surface writes', (look) => {
    expect([validate(reportOf(look)), validate.errors]).toEqual([true, null]);
  });

  it('opens every branch that did not pass, and only those', () => {
    const open = (look: string): string[] =>
      outline(inputOf(look)).flatMap((branch) => (branch.open ? [branch.axis] : []));
    expect(open('confirmed')).toEqual([]);
    expect(open('rejected')).toEqual(['unchanged']);
    expect(open('unknown')).toEqual(['signers', 'approvals']);
  });

  it('counts codes, those that need attention first', () => {
    const counts = countByCode([...looks, 'confirmed-2'].map(inputOf));
    expect(counts.map(({ code, n }) => `${code} ${n}`)).toEqual([
      'B-CHANGED 1',
      'B-UNREADABLE 1',
      'B-INCOMPLETE 1',
      'B-UNKNOWN 1',
      'B-OK 2',
    ]);
  });

  it('takes the number in the ring from the roles of the report', () => {
    expect(roleTally(inputOf('incomplete'))).toEqual({ met: 2, needed: 3 });
    const role = inputOf('incomplete').roles[0]!;
    const generous = { ...inputOf('incomplete'), roles: [{ ...role, met: ['a', 'b', 'c'] }] };
    expect(roleTally(generous)).toEqual({ met: 1, needed: 1 });
  });

  it('puts errors first and keeps the place of each finding in the report', () => {
    const one = inputOf('rejected').findings[0]!;
    const findings = [{ ...one, severity: 'info' as const }, one, { ...one, severity: 'warning' as const }];
    expect(orderedFindings(findings).map(({ index }) => index)).toEqual([1, 2, 0]);
  });

  it('puts files that are not as listed first and filters by path', () => {
    const { files } = inputOf('rejected');
    const moved = [...files.slice(1), files[0]!];
    expect(orderedFiles(moved)[0]?.status).toBe('differs');
    expect(orderedFiles(moved, 'PART-000003').map(({ path }) => path)).toEqual(['spec/part-000003.md']);
    expect(orderedFiles(moved, '', true)).toHaveLength(1);
  });

  it('refuses to call a verdict one when a control behaved otherwise', () => {
    const report = reportOf('confirmed');
    expect(controlsFailed(report)).toBe(false);
    expect(controlsFailed({ ...report, controls: { behaved: 23, total: 24 } })).toBe(true);
  });

  it('names the saved report harmlessly', () => {
    expect(reportFileName('release-1.4.0.sbundle.tgz')).toBe('release-1.4.0.report.json');
    expect(reportFileName('../../etc/passwd\u202e.tgz')).not.toMatch(/[/\u202e]/);
    expect(reportFileName('.tgz')).toBe('bundle.report.json');
  });
});

describe('reports of several bundles', () => {
  const loose = (file: string, inputs: number[]): Report['loose'][number] => ({
    file,
    kind: 'approval',
    inputs,
    findings: [],
  });
  const joint: Report = {
    ...reportOf('confirmed'),
    inputs: [inputOf('confirmed'), inputOf('rejected')],
    loose: [loose('a.json', [0]), loose('b.json', [1]), loose('c.json', [])],
  };

  it('takes a joint report apart by the files given, supplements left out', () => {
    const parts = splitReport(joint, [{ name: 'confirmed' }, { name: 'more.tgz' }, { name: 'rejected' }]);
    expect(parts.map((part) => part?.inputs[0]?.verdict.code ?? null)).toEqual(['B-OK', null, 'B-CHANGED']);
    expect(parts[2]?.loose.map(({ file, inputs }) => `${file} ${inputs.join()}`)).toEqual([
      'b.json 0',
      'c.json ',
    ]);
  });

  it('gives no file the verdict of another', () => {
    expect(splitReport(joint, [{ name: 'other.tgz' }])).toEqual([null]);
  });

  it('puts parts together again without calling a paired approval unpaired', () => {
    const parts = splitReport(joint, [{ name: 'confirmed' }, { name: 'rejected' }]).filter(
      (part) => part !== null,
    );
    const merged = mergeReports(parts);
    expect(merged?.inputs).toEqual(joint.inputs);
    expect(merged?.loose).toEqual(expect.arrayContaining([...joint.loose]));
    expect(unpairedLoose(merged).map(({ file }) => file)).toEqual(['c.json']);
    expect(mergeReports([])).toBeNull();
  });
});
