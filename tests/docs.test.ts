import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/cli/args.js';
import { fromUtf8, toUtf8 } from '../src/core/bytes/text.js';
import { checks } from '../src/core/checks/registry.js';
import { catalogue } from '../src/core/generated/messages.js';
import { limitsProfiles } from '../src/core/limits.js';
import { verdictPages } from '../src/core/report/verdictPages.js';
import { verdictRows } from '../src/core/report/verdicts.js';
import { fingerprintWords } from '../src/core/signature/words.js';
import { readTrust } from '../src/core/trust/readTrust.js';
import { outputPage, reportPage } from '../src/tools/report-page.mjs';
import { runHere } from './cli/run.js';
import { floors } from './floors.js';
import { validVectors } from './vectorgen/table/valid.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function filesUnder(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const pages = [
  ...filesUnder('docs', /\.md$/),
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  'test-vectors/README.md',
];
const spec = read('docs/SPEC.md');

/** Text without fenced blocks, where brackets and hashes mean nothing. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, body = '']) => body,
  );
}

function headings(text: string): string[] {
  return [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading.trim());
}

/** The anchor that GitHub and most renderers give a heading. */
function anchor(heading: string): string {
  const plain = heading.replace(/[`*]/g, '').toLowerCase();
  return plain.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

/** Rows of the first table whose head begins with `first`, cells without code marks. */
function table(text: string, first: string): string[][] {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  const rows: string[][] = [];
  for (let i = head + 2; head >= 0 && lines[i]?.startsWith('|') === true; i++) {
    rows.push(
      lines[i]!.split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  }
  return rows;
}

describe('docs/SPEC.md', () => {
  const cited = filesUnder('src', /\.(ts|svelte|mjs)$/)
    .concat(filesUnder('workers', /\.ts$/), filesUnder('schemas', /\.json$/))
    .flatMap((path) => {
      const text = read(path).replace(/\n\s*(?:\*|\/\/)\s*/g, ' ');
      return [...text.matchAll(/SPEC\.md,((?:(?:,| |and)*"[A-Z][A-Za-z ]+")+)/g)].flatMap(([, names = '']) =>
        [...names.matchAll(/"([^"]+)"/g)].map(([, heading = '']) => ({ path, heading })),
      );
    });
  const known = new Set(headings(spec));

  it('has every heading that the code cites', () => {
    expect(cited.length).toBeGreaterThan(40);
    expect(cited.filter(({ heading }) => !known.has(heading))).toEqual([]);
  });

  it('has the heading of every check, and its table is the registry', () => {
    expect(checks.filter((check) => !known.has(check.spec))).toEqual([]);
    const rows = table(spec, 'check').map(([id, axis, gate]) => [id, axis, gate]);
    expect(rows).toEqual(checks.map(({ id, axis, gate }) => [id, axis, gate ? 'yes' : 'no']));
  });

  it('has the limits of the program', () => {
    const size = (bytes: number): string => {
      const unit = [30, 20, 10].find((power) => bytes % 2 ** power === 0)!;
      return `${bytes / 2 ** unit} ${{ 30: 'GiB', 20: 'MiB', 10: 'KiB' }[unit]}`;
    };
    const count = (n: number): string => n.toLocaleString('en');
    const both = (show: (n: number) => string, name: keyof typeof limitsProfiles.default): string[] => [
      show(limitsProfiles.default[name]),
      show(limitsProfiles.large[name]),
    ];
    expect(table(spec, 'limit').map(([, ...values]) => values)).toEqual([
      both(size, 'unpackedBytesMax'),
      both(size, 'entryBytesMax'),
      both(count, 'entriesMax'),
      both(size, 'manifestBytesMax'),
      both(count, 'approvalsMax'),
      both(size, 'approvalBytesMax'),
    ]);
  });

  it('gives every verdict its look and exit code, in the order of the decision', () => {
    const rows = table(spec, 'row');
    for (const [, code, look, exit] of rows) {
      expect(verdictRows.find((row) => row.code === code)).toMatchObject({ look, exit: Number(exit) });
    }
    const order = [...new Set(rows.map(([, code = '']) => code))];
    expect([...order].sort()).toEqual(verdictRows.map(({ code }) => code as string).sort());
    expect(order.filter((code) => code !== 'B-NOCHECK')).toEqual(
      verdictRows.map(({ code }) => code as string).filter((code) => code !== 'B-NOCHECK'),
    );
    const worded = table(spec.slice(spec.indexOf('## Wording')), 'code').map(([code]) => code);
    expect(worded.sort()).toEqual(verdictRows.map(({ code }) => code as string).sort());
  });

  it('shows on its first screen a bundle that the vectors hold, byte for byte', () => {
    const vector = validVectors().find(({ name }) => name === 'smallest')!;
    expect(blocks(spec, 'yaml')[0]).toBe(vector.manifest);
    const digest = /digest: "(sha256:[0-9a-f]{64})"/.exec(vector.manifest!)![1]!;
    expect(spec).toContain(`root  = ${digest.slice('sha256:'.length)}`);
    const published = new Uint8Array(
      readFileSync(join(root, 'test-vectors/valid/smallest/input.sbundle.tgz')),
    );
    expect(vector.input).toEqual(published);
  });

  it('spells a fingerprint as the program does', () => {
    const key = 'SHA256:L4mJT2qny3qc7DkFJV4I0+j/KrOFGtM/FtDQarHZeiw';
    expect(spec).toContain(key);
    expect(spec).toContain(fingerprintWords(key));
  });
});

describe('links', () => {
  it('lead to files and headings that are there', () => {
    const broken: string[] = [];
    let followed = 0;
    for (const page of pages) {
      for (const [, target = ''] of prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        followed += 1;
        const [path = '', fragment] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(root, file))) broken.push(`${page}: ${target}`);
        else if (fragment !== undefined && !statSync(join(root, file)).isDirectory()) {
          if (!headings(read(file)).map(anchor).includes(fragment)) broken.push(`${page}: ${target}`);
        }
      }
    }
    expect(broken).toEqual([]);
    expect(followed).toBeGreaterThan(50);
  });

  it('and paths in code marks, too', () => {
    // Folders that the floors reserve for what comes later.
    const reserved = new Set(floors.flatMap(({ folders }) => folders));
    const missing = pages.flatMap((page) =>
      [
        ...prose(read(page)).matchAll(
          /`((?:src|tests|docs|schemas|workers|test-vectors|static)\/[A-Za-z0-9_./+-]*)`/g,
        ),
      ]
        .map(([, path = '']) => path)
        // What tests leave behind is made by them.
        .filter((path) => !path.startsWith('tests/.artefacts/'))
        .filter((path) => !existsSync(join(root, path)) && !reserved.has(path))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('reach every page from docs/README.md', () => {
    const reached = new Set<string>();
    const queue = ['docs/README.md'];
    for (let page = queue.pop(); page !== undefined; page = queue.pop()) {
      if (reached.has(page)) continue;
      reached.add(page);
      for (const [, target = ''] of prose(read(page)).matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g)) {
        if (!/^[a-z]+:/.test(target)) queue.push(join(dirname(page), target));
      }
    }
    expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
  });
});

describe('reference pages', () => {
  it('have a heading for each finding code, and no other', () => {
    const codes = headings(read('docs/reference/codes.md')).filter((heading) => heading !== 'Finding codes');
    expect(codes).toEqual(Object.keys(catalogue).sort());
  });

  it('explain each verdict code', () => {
    const page = read('docs/reference/exit-codes.md');
    expect(headings(page)).toEqual(expect.arrayContaining(verdictRows.map(({ code }) => code)));
    for (const { code } of verdictRows)
      for (const text of [verdictPages[code].means, verdictPages[code].cause, verdictPages[code].action])
        expect(page, code).toContain(text);
  });

  it('say of the report what its schema says', () => {
    const schema = JSON.parse(read('schemas/report.schema.json')) as Parameters<typeof reportPage>[0];
    expect(read('docs/reference/report.md')).toBe(reportPage(schema));
  });

  it('say of what commands print what its schema says', () => {
    const [output, report] = ['cli/output', 'report'].map(
      (path) => JSON.parse(read(`schemas/${path}.schema.json`)) as Parameters<typeof reportPage>[0],
    );
    expect(read('docs/reference/json-output.md')).toBe(outputPage(output ?? {}, report ?? {}));
  });

  it('name every field of the report', () => {
    const page = read('docs/reference/report.md');
    const fields = [...read('schemas/report.schema.json').matchAll(/"required": \[([^\]]+)\]/g)].flatMap(
      ([, list = '']) => [...list.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
    );
    expect(fields.length).toBeGreaterThan(60);
    expect(fields.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  it('has the floors of the table', () => {
    expect(table(read('docs/ARCHITECTURE.md'), 'floor')).toEqual(
      floors.map(({ folders, why }, i) => [String(i + 1), folders.join(', '), why]),
    );
  });
});

describe('examples', () => {
  it('of the tutorial give the lines that it shows', async () => {
    const page = read('docs/tutorials/check-your-first-bundle.md');
    const steps = [...page.matchAll(/^```sh\n(countersign [^\n]*)\n```(?:\n\n```text\n([^\n]*)\n```)?/gm)];
    const exits: number[] = [];
    for (const [, command = '', headline] of steps) {
      const { code, out } = await runHere(command.split(' ').slice(1));
      exits.push(code);
      if (headline !== undefined) expect(out.split('\n')[0], command).toBe(headline);
    }
    expect(exits).toEqual([0, 11, 10, 0]);
    for (const exit of [0, 11, 10]) expect(page).toContain(`The exit code is ${exit}.`);
  });

  it('on the command line parse', () => {
    const commands = pages.flatMap((page) =>
      blocks(read(page), 'sh').flatMap((block) =>
        block
          .split('\n')
          .flatMap((line) => [...(/^countersign ([^|>;]*)/.exec(line)?.slice(1) ?? [])])
          .map((command) => ({ page, command })),
      ),
    );
    expect(commands.length).toBeGreaterThan(10);
    for (const { page, command } of commands) {
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      expect(() => parseCommandLine(words), `${page}: ${command}`).not.toThrow();
    }
  });

  it('of trust files are read', () => {
    const files = ['docs/SPEC.md', 'docs/how-to/move-a-trust-list.md'].flatMap((page) =>
      blocks(read(page), 'yaml').filter((text) => text.includes('countersign.trust/v1')),
    );
    expect(files.length).toBe(2);
    for (const text of files) {
      const { trust, findings } = readTrust({ name: 'trust.yaml', bytes: toUtf8(text) });
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(trust?.defaultRule).toBe('production');
    }
  });

  it('of the older trust list are refused by name', () => {
    const [older = ''] = blocks(read('docs/how-to/move-a-trust-list.md'), 'yaml');
    const { trust, findings } = readTrust({ name: 'trust.yaml', bytes: toUtf8(older) });
    expect(trust).toBeNull();
    expect(findings.map(({ code }) => code)).toEqual(['trust-older-shape']);
  });

  it('are plain text: no invisible characters in any page', () => {
    const hidden = /(?![\n\t])[\p{Cc}\p{Cf}]/u;
    for (const page of pages) {
      const text = fromUtf8(new Uint8Array(readFileSync(join(root, page))));
      expect(text, page).not.toBeNull();
      expect(hidden.test(text!), page).toBe(false);
    }
  });
});
