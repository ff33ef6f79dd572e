import { beforeAll, describe, expect, it } from 'vitest';
import type { Finding, InputReport, Report, Says } from '../../src/core/generated/report.js';
import { english, render, say, sayBoth, sayList } from '../../src/core/messages/say.js';
import { sentences } from '../../src/core/messages/sentences.js';
import { findingIn, inputIn } from '../../src/core/report/inLanguage.js';
import { verdictWords } from '../../src/core/report/words.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { pseudoLanguage } from '../../src/lib/strings/telling.js';
import { nodePlatform } from '../../src/platform/node.js';
import { projectFiles, read } from '../sources.js';
import { loadVectors } from '../vectors.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const reports = new Map<string, Report>();

beforeAll(async () => {
  for (const vector of loadVectors()) reports.set(vector.name, await engine.verify(vector.request));
}, 120_000);

type Part = Readonly<Record<string, unknown>> & { readonly says?: Says };

function partsOf({ verdict, checks, approvals, commands }: InputReport): Part[] {
  return [verdict, ...checks, ...approvals, ...commands].map((part) => ({ ...part }));
}

function findingsOf(report: Report): Finding[] {
  return [
    ...report.trust.findings,
    ...report.inputs.flatMap(({ findings }) => findings),
    ...report.loose.flatMap(({ findings }) => findings),
  ];
}

/** What is left of a text when the values in it are taken out. */
function ours(text: string): string {
  const without = text.replace(/‹[^‹›]*›/g, '');
  return without === text ? text : ours(without);
}

describe('the sentences of a report', () => {
  it('are the texts beside them, in English', () => {
    const different: string[] = [];
    const compare = (name: string, text: unknown, english: string): void => {
      if (text !== english) different.push(`${name}: ${String(text)} | ${english}`);
    };
    for (const [name, report] of reports) {
      for (const part of report.inputs.flatMap(partsOf))
        for (const [field, saying] of Object.entries(part.says ?? {}))
          compare(name, part[field], render(saying, english));
      for (const one of findingsOf(report).filter(({ code }) => code !== 'approval-ignored')) {
        const { message, cause, action, expected, found } = findingIn(english, one);
        compare(
          name,
          JSON.stringify([one.message, one.cause, one.action, one.expected, one.found]),
          JSON.stringify([message, cause, action, expected, found]),
        );
      }
    }
    expect(different).toEqual([]);
  });

  it('leave no English in another language', () => {
    const english: string[] = [];
    const look = (name: string, text: string): void => {
      if (/[aeiou]/.test(ours(text))) english.push(`${name}: ${text}`);
    };
    for (const [name, report] of reports) {
      for (const input of report.inputs.map((one) => inputIn(pseudoLanguage, one))) {
        const { verdict, checks, approvals, commands } = input;
        const texts = [
          ...[verdict.headline, verdict.sub, verdict.next],
          ...checks.flatMap(({ title, detail }) => [title, detail]),
          ...approvals.map(({ because }) => because),
          ...commands.map(({ title }) => title),
        ];
        for (const text of texts) look(name, text);
      }
      for (const one of findingsOf(report).map((each) => findingIn(pseudoLanguage, each)))
        for (const text of [one.message, one.cause, one.action]) look(`${name} ${one.code}`, text);
    }
    expect([...new Set(english)]).toEqual([]);
  });

  it('are all said somewhere', () => {
    const text = projectFiles()
      .filter((path) => path.startsWith('src/core/') && !path.endsWith('messages/sentences.ts'))
      .map(read)
      .join('\n');
    const unsaid = Object.keys(sentences).filter(
      (code) => !text.includes(`'${code}'`) && !code.startsWith('check-'),
    );
    expect(unsaid).toEqual([]);
  });
});

describe('say', () => {
  it('fills values, and sentences in sentences', () => {
    expect(say('open-missing', { role: 'pm' }).text).toBe('Nobody approved as pm yet.');
    const both = sayBoth(say('roles-no-rule'), say('roles-bundle-asks', { roles: 2 }));
    expect(both.text).toBe('No rule says who must approve. The bundle itself asks for 2 roles.');
    const listed = (items: readonly string[]): string => {
      const list = sayList(items);
      return typeof list === 'string' ? list : list.text;
    };
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
    const many = Array.from({ length: 300 }, (_, n) => `person-${n}@example.org`);
    expect(listed(many)).toBe(`${many.slice(0, -1).join(', ')} and ${many.at(-1)}`);
  });

  it('says as much as a bundle asks for, in little time and without deep nesting', () => {
    const roles = Array.from({ length: 5000 }, (_, i) => ({
      role: `r${i}`,
      threshold: 1,
      askedBy: ['bundle' as const],
      people: ['alice@example.org'],
      met: [],
      state: 'missing' as const,
    }));
    const words = structuredClone(
      verdictWords({
        code: 'B-INCOMPLETE',
        rule: null,
        roles,
        checks: [],
        gates: new Set(),
        approvals: [],
        findings: [],
        files: 1,
      }),
    );
    const open = roles.map(({ role }) => `Nobody approved as ${role} yet.`).join(' ');
    expect(words.sub).toBe(`${open} The file itself is unchanged.`);
    const asks = roles.map(({ role }) => `alice@example.org to approve as ${role}`).join('; ');
    expect(words.next).toBe(`Ask ${asks}.`);
    expect(JSON.parse(JSON.stringify(words))).toEqual(words);
  });

  it('makes hostile values inert, and takes none for a sentence or a placeholder', () => {
    const { text, saying } = say('because-nobody-asks', { role: 'p\u202em {role} list-and' });
    expect(text).toBe('Nobody asks for the role "p<U+202E>m {role} list-and".');
    expect(render(saying, pseudoLanguage)).toContain('‹p<U+202E>m {role} list-and›');
  });

  it('shows the name of a sentence that it does not know', () => {
    expect(render({ code: 'of-a-newer-version', values: {} }, english)).toBe('of-a-newer-version');
    expect(render({ code: 'constructor', values: {} }, english)).toBe('constructor');
    expect(render({ code: 'no-such-finding.message', values: {} }, english)).toBe('no-such-finding');
  });
});
