import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Every file of the repository, committed or about to be; ignored ones are not. Paths with `/`. */
export function projectFiles(): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return [...new Set(listed.split('\0'))]
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .sort();
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The script of a file: all of a .ts file, the script blocks of a .svelte file with everything else blanked. */
export function scriptOf(path: string): string {
  const text = read(path);
  if (!path.endsWith('.svelte')) return text;
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  let script = '';
  let at = 0;
  for (const match of text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)) {
    const start = match.index + match[0].indexOf('>') + 1;
    script += blank(text.slice(at, start)) + (match[1] ?? '');
    at = start + (match[1] ?? '').length;
  }
  return script + blank(text.slice(at));
}

export function parse(path: string): ts.SourceFile {
  const kind = path.endsWith('.js') || path.endsWith('.mjs') ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  return ts.createSourceFile(path, scriptOf(path), ts.ScriptTarget.ESNext, true, kind);
}

export interface ImportEdge {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Imports and re-exports of other files of this repository, dynamic ones included. Packages are left out. */
export function importsOf(path: string): readonly ImportEdge[] {
  const source = parse(path);
  const edges: ImportEdge[] = [];
  const add = (node: ts.Node, specifier: string, typeOnly: boolean): void => {
    const to = resolveFile(path, specifier);
    if (to === null) return;
    edges.push({
      from: path,
      to,
      typeOnly,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node, node.moduleSpecifier.text, isTypeOnly(node));
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node, node.moduleSpecifier.text, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) add(node, specifier.text, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edges;
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = importClause.namedBindings;
  return (
    importClause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function resolveFile(from: string, specifier: string): string | null {
  const plain = specifier.replace(/\?.*$/, '');
  let path: string;
  if (plain.startsWith('.')) path = join(dirname(from), plain);
  else if (plain.startsWith('$lib/')) path = join('src/lib', plain.slice('$lib/'.length));
  else if (plain === '$lib') path = 'src/lib/index';
  else return null;
  path = path.replaceAll('\\', '/');
  const stem = path.replace(/\.js$/, '');
  const candidates = [
    path,
    `${stem}.ts`,
    `${stem}.d.ts`,
    `${path}.ts`,
    `${path}.svelte.ts`,
    `${path}/index.ts`,
    `${stem}.svelte.ts`,
  ];
  return candidates.find((one) => existsSync(join(root, one)) && statSync(join(root, one)).isFile()) ?? path;
}

export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** Functions of a file with their lines from head to closing brace. Tests' `describe` bodies are not counted by the callers. */
export function functionSizes(path: string): readonly FunctionSize[] {
  const source = parse(path);
  const found: FunctionSize[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      const name = 'name' in node && node.name !== undefined ? node.name.getText(source) : '(anonymous)';
      found.push({ name, line: first + 1, lines: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
