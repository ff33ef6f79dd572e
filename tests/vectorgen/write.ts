import { catalogue } from '../../src/core/generated/messages.js';
import { naiveContentRoot, type NaiveFile } from './naive.js';
import { sha256Hex, utf8, type Octets } from './raw.js';
import { looks, NOW, type Vector } from './vector.js';

/** Turns one vector into the files of its folder. */

export type Files = Map<string, Octets>;

interface Row {
  readonly code: string;
  readonly severity: string;
}

export function vectorFiles(vector: Vector): Files {
  const folder = `${vector.family}/${vector.name}`;
  const files: Files = new Map();
  const put = (name: string, bytes: Octets | string): void => {
    files.set(`${folder}/${name}`, typeof bytes === 'string' ? utf8(bytes) : bytes);
  };
  put('input.sbundle.tgz', vector.input);
  for (const { name, bytes } of vector.loose ?? []) put(`loose/${name}`, bytes);
  if (vector.trust !== undefined && vector.trust !== null) put('trust.yaml', vector.trust);
  if (vector.allowedSigners !== undefined) put('allowed_signers', vector.allowedSigners);
  put('request.json', json(requestOf(vector)));
  put('expect.json', json(expectOf(vector)));
  put(
    'README.md',
    `# ${vector.name}\n\n${vector.about}\n\nExpected: \`${vector.expect.code}\`, ${looks[vector.expect.code]}.\n`,
  );
  return files;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function requestOf({ now, ruleName, limitsProfile, limits }: Vector): unknown {
  return {
    now: now ?? NOW,
    ruleName: ruleName ?? null,
    limitsProfile: limitsProfile ?? 'default',
    limits: limits ?? {},
  };
}

function expectOf({ expect, input, manifest, root }: Vector): unknown {
  return {
    look: looks[expect.code],
    code: expect.code,
    digests: {
      archive: `sha256:${sha256Hex(input)}`,
      bundle: manifest === undefined ? null : `sha256:${sha256Hex(utf8(manifest))}`,
      contentRoot: root !== undefined ? root : manifest === undefined ? null : rootOfText(manifest),
    },
    findings: findingRows(expect.findings ?? []),
    trustFindings: findingRows(expect.trustFindings ?? []),
    looseFindings: findingRows(expect.looseFindings ?? []),
    checks: expect.checks ?? {},
    roles: expect.roles ?? {},
  };
}

/** `code` at the severity of the catalogue, or `code/severity`; each once, sorted. */
export function findingRows(texts: readonly string[]): Row[] {
  const rows = texts.map((text): Row => {
    const [code = '', severity] = text.split('/');
    const entry = (catalogue as Readonly<Record<string, { readonly severity: string }>>)[code];
    if (entry === undefined) throw new Error(`the catalogue has no code "${code}"`);
    return { code, severity: severity ?? entry.severity };
  });
  const key = ({ code, severity }: Row): string => `${code} ${severity}`;
  return [...new Map(rows.map((row) => [key(row), row])).values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The root over the rows that a canonical manifest lists, read by a few patterns; null for other texts. */
export function rootOfText(manifest: string): string | null {
  const list = /\nfiles:\n((?: {2,4}.*\n)+)$/.exec(manifest)?.[1];
  if (list === undefined) return null;
  const rows = list
    .split(/^ {2}- /m)
    .slice(1)
    .map(rowOf);
  return rows.every((row) => row !== null) ? naiveContentRoot(rows) : null;
}

function rowOf(text: string): NaiveFile | null {
  const path = /^path: (".*")$/m.exec(text)?.[1];
  const size = /^ {4}size: (\d+)$/m.exec(text)?.[1];
  const sha256 = /^ {4}checksum: "([0-9a-f]{64})"$/m.exec(text)?.[1];
  const salt = /^ {4}salt: "([0-9a-f]{32})"$/m.exec(text)?.[1];
  if (path === undefined || size === undefined || sha256 === undefined) return null;
  return {
    path: JSON.parse(path) as string,
    size: Number(size),
    sha256,
    ...(salt === undefined ? {} : { salt }),
  };
}
