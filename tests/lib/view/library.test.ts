import '../../texts';
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../../src/core/report/changed';
import type { Standing } from '../../../src/core/report/standing';
import { all as en } from '../../../src/lib/strings/all';
import { changeSentence, countLooks, filterItems, noFilter, tagsOf } from '../../../src/lib/view/library';
import type { LibraryItem } from '../../../src/store/library';

const standing: Standing = {
  look: 'confirmed',
  code: 'B-OK',
  headline: 'Unchanged and fully approved',
  judged: {
    at: '2026-10-03T08:00:00Z',
    rule: {
      name: 'production',
      source: 'trust.yaml',
      level: null,
      roles: [{ role: 'pm', threshold: 1, people: [] }],
      differentPeople: true,
      legacyDialects: false,
    },
    trustId: 'acme',
    trust: [],
    tool: { name: 'countersign', version: '0.1.0', build: 'source' },
  },
  roles: [],
  approvals: [],
  open: [],
  endsAt: null,
};

function item(over: Partial<LibraryItem>): LibraryItem {
  return {
    archiveDigest: `sha256:${'0'.repeat(64)}`,
    bundleDigest: null,
    contentRoot: null,
    name: 'x.sbundle.tgz',
    id: 'acme/api',
    version: '1.0.0',
    sizeBytes: 1,
    addedAt: '2026-11-20T10:00:00Z',
    verdict: { code: 'B-OK', look: 'confirmed', headline: 'Unchanged and fully approved' },
    judged: standing.judged,
    standing,
    before: null,
    approvedByMe: [],
    tags: [],
    evidence: [],
    discardedAt: null,
    ...over,
  };
}

describe('the sentence on a changed verdict', () => {
  it('names both verdicts, the day, and the reason', () => {
    const rule = standing.judged.rule!;
    const roles = [...rule.roles, { role: 'security', threshold: 1, people: [] }];
    const now: Standing = {
      ...standing,
      code: 'B-INCOMPLETE',
      look: 'incomplete',
      headline: 'Still needs 1 approval (1 of 2 given)',
      judged: { ...standing.judged, rule: { ...rule, roles } },
    };
    expect(changeSentence(standing, now)).toBe(
      'On 3 Oct 2026 this was “Unchanged and fully approved”. Now: “Still needs 1 approval (1 of 2 given)”, because your rule “production” now asks for the role security.',
    );
  });

  it('has words for every reason', () => {
    const kinds: Record<Reason['kind'], true> = {
      'rule-given': true,
      'rule-gone': true,
      'rule-other': true,
      'role-added': true,
      'role-removed': true,
      threshold: true,
      'approval-added': true,
      'approval-gone': true,
      'key-withdrawn': true,
      'key-ended': true,
      'signer-known': true,
      'signer-unknown': true,
      counts: true,
      'counts-no-more': true,
      'out-of-date': true,
      check: true,
      'trust-changed': true,
      tool: true,
      time: true,
    };
    const missing = Object.keys(kinds).filter((kind) => !(`library.why.${kind}` in en));
    expect(missing).toEqual([]);
  });
});

describe('the filters', () => {
  const items = [
    item({ name: 'api.sbundle.tgz', tags: ['production', 'q4'] }),
    item({ name: 'web.sbundle.tgz', id: 'acme/web', version: '2.1.0', before: standing }),
    item({ name: 'old.sbundle.tgz', verdict: null, standing: null, judged: null, id: null, version: null }),
  ];
  const names = (filter: Partial<typeof noFilter>): string[] =>
    filterItems(items, { ...noFilter, ...filter }).map(({ name }) => name.slice(0, 3));

  it('find by any word, whatever its case, all words at once', () => {
    expect(names({})).toEqual(['api', 'web', 'old']);
    expect(names({ text: 'ACME' })).toEqual(['api', 'web']);
    expect(names({ text: 'acme 2.1' })).toEqual(['web']);
    expect(names({ text: 'q4' })).toEqual(['api']);
    expect(names({ text: 'nowhere' })).toEqual([]);
  });

  it('go by verdict, by change and by tag', () => {
    expect(names({ look: 'confirmed' })).toEqual(['api', 'web']);
    expect(names({ look: 'unjudged' })).toEqual(['old']);
    expect(names({ look: 'changed' })).toEqual(['web']);
    expect(names({ tag: 'production' })).toEqual(['api']);
    expect(countLooks(items)).toEqual([{ look: 'confirmed', n: 2 }]);
    expect(tagsOf(items)).toEqual(['production', 'q4']);
  });
});
