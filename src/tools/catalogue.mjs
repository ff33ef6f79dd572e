// Reads the message catalogue: Markdown files with one heading a code. Refuses duplicates and gaps.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FIELDS = ['class', 'severity', 'axis', 'cause', 'action'];

export function readCatalogue(folder) {
  const entries = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .flatMap((name) => readFile(join(folder, name), name));
  const seen = new Set();
  for (const { code, file } of entries) {
    if (seen.has(code)) throw new Error(`${file}: the code ${code} stands twice`);
    seen.add(code);
  }
  return entries.sort((a, b) => (a.code < b.code ? -1 : 1));
}

function readFile(path, file) {
  const [, ...sections] = readFileSync(path, 'utf8').split(/^## /m);
  return sections.map((section) => readSection(section, file));
}

function readSection(section, file) {
  const lines = section.split('\n');
  const code = lines[0].trim();
  if (!/^[a-z][a-z0-9-]*$/.test(code)) throw new Error(`${file}: "${code}" is not a code`);
  const fields = {};
  const prose = [];
  for (const line of lines.slice(1)) {
    const field = /^- ([a-z]+): (.+)$/.exec(line);
    if (field && FIELDS.includes(field[1]) && prose.length === 0) fields[field[1]] = field[2].trim();
    else if (line.trim() !== '' || prose.length > 0) prose.push(line);
  }
  for (const name of FIELDS) if (!fields[name]) throw new Error(`${file}: ${code} has no "${name}"`);
  const [message, ...rest] = prose.join('\n').trim().split(/\n\n+/);
  if (!message || rest.length === 0)
    throw new Error(`${file}: ${code} needs a message and, after a blank line, an explanation`);
  return { code, file, ...fields, message: message.replace(/\n/g, ' '), explanation: rest.join('\n\n') };
}

const paramsOf = (entry) => [
  ...new Set(
    [...`${entry.message} ${entry.cause} ${entry.action}`.matchAll(/\{([a-zA-Z]+)\}/g)].map((m) => m[1]),
  ),
];

const rowOf = ({ code, class: cls, severity, axis, message, cause, action }) =>
  `  ${JSON.stringify(code)}: ${JSON.stringify({ class: cls, severity, axis, message, cause, action })},`;

/** One area of the catalogue alone, for pages that must stay small. */
export function partModule(entries, area) {
  const rows = entries.filter(({ file }) => file === area).map(rowOf);
  return ["import type { CatalogueEntry } from './messages.js';", '', 'export const part = {', ...rows]
    .concat(['} as const satisfies Readonly<Record<string, CatalogueEntry>>;', ''])
    .join('\n');
}

export function messagesModule(entries) {
  const rows = entries.map(rowOf);
  const params = entries.map(
    (entry) =>
      `  ${JSON.stringify(entry.code)}: { ${paramsOf(entry)
        .map((name) => `readonly ${name}: string | number`)
        .join('; ')} };`,
  );
  return [
    "import type { Axis, FindingClass, Severity } from './report.js';",
    '',
    'export interface CatalogueEntry { readonly class: FindingClass; readonly severity: Severity; readonly axis: Axis; readonly message: string; readonly cause: string; readonly action: string }',
    '',
    'export interface FindingParams {',
    ...params,
    '}',
    '',
    'export type FindingCode = keyof FindingParams;',
    '',
    'export const catalogue: Readonly<Record<FindingCode, CatalogueEntry>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

export function explanationsModule(entries) {
  return `export const explanations: Readonly<Record<string, string>> = ${JSON.stringify(
    Object.fromEntries(entries.map(({ code, explanation }) => [code, explanation])),
    null,
    2,
  )};\n`;
}

export function codesPage(entries) {
  const sections = entries.map(
    (e) =>
      `## ${e.code}\n\n${e.message}\n\n| | |\n|---|---|\n| class | \`${e.class}\` |\n| severity | ${e.severity} |\n| axis | ${e.axis} |\n` +
      `| most likely cause | ${e.cause} |\n| what to do | ${e.action} |\n\n${e.explanation}\n`,
  );
  return `# Finding codes\n\nGenerated from the message catalogue (\`src/core/messages\`). In the app each code has a page under \`codes/\`.\n\n${sections.join('\n')}`;
}
