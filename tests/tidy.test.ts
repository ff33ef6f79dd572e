import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { exceptions, floors, keyFolders, sizes, tables, topLevelFolders, verifyEntries } from './floors.js';
import { functionSizes, importsOf, parse, projectFiles, read } from './sources.js';

const files = projectFiles();
const code = files.filter((path) => /^(src|workers)\/.*\.(ts|svelte)$/.test(path));
const core = code.filter((path) => path.startsWith('src/core/'));
const written = code.filter((path) => !path.startsWith('src/core/generated/'));

function folderOf(path: string): { floor: number; folder: string } | null {
  for (const [floor, { folders }] of floors.entries()) {
    const folder = folders.find((one) => path === one || path.startsWith(`${one}/`));
    if (folder !== undefined) return { floor, folder };
  }
  return null;
}

/** Problems of one import edge; empty when it goes down. */
function offence(from: string, to: string): string | null {
  const source = folderOf(from);
  const target = folderOf(to);
  if (source === null) return `${from} stands on no floor`;
  if (target === null) return `${from} imports ${to}, which stands on no floor`;
  if (source.folder === target.folder || target.floor < source.floor) return null;
  const allowed =
    floors[source.floor]?.sideways.some(
      ([one, other]) => one === source.folder && other === target.folder,
    ) === true || exceptions.some((one) => one.from === from && one.to === to);
  return allowed ? null : `${from} imports ${to}`;
}

/** Every global that is read from, as `name` or `object.name`, with its line. */
function mentions(path: string, wanted: ReadonlySet<string>): readonly string[] {
  const source = parse(path);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = ts.isPropertyAccessExpression(node) ? node.getText(source) : null;
    const clock =
      ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length;
    const called = ts.isCallExpression(node) && node.expression.getText(source) === 'Date';
    if ((name !== null && wanted.has(name)) || clock || called) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path}:${line + 1} ${node.getText(source).slice(0, 40)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('floors', () => {
  it('are respected by every import', () => {
    const edges = code.filter((path) => !path.endsWith('.d.ts')).flatMap(importsOf);
    expect(edges.length).toBeGreaterThan(50);
    const offences = edges.flatMap(({ from, to, line }) => {
      const one = to.startsWith('src/') || to.startsWith('workers/') ? offence(from, to) : null;
      return one === null ? [] : [`${one} (line ${line})`];
    });
    expect(offences).toEqual([]);
  });

  it('refuse an import that goes up', () => {
    expect(offence('src/core/bytes/hex.ts', 'src/core/archive/archive.ts')).not.toBeNull();
    expect(offence('src/core/trust/trust.ts', 'src/core/checks/check.ts')).not.toBeNull();
    expect(offence('src/core/checks/check.ts', 'src/core/trust/trust.ts')).toBeNull();
    expect(offence('src/lib/a.ts', 'src/routes/b.ts')).not.toBeNull();
  });

  it('keep private keys out of reach of everything that verifies', () => {
    const reached = new Set<string>();
    const queue = verifyEntries.filter((path) => files.includes(path));
    expect(queue.length).toBeGreaterThan(3);
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (reached.has(path) || !/\.(ts|svelte)$/.test(path) || !files.includes(path)) continue;
      reached.add(path);
      queue.push(...importsOf(path).flatMap(({ to, typeOnly }) => (typeOnly ? [] : [to])));
    }
    const keys = [...reached].filter((path) =>
      keyFolders.some((one) => path === one || path.startsWith(`${one}/`)),
    );
    expect(keys).toEqual([]);
    expect(reached.size).toBeGreaterThan(20);
  });
});

describe('the core', () => {
  it('knows no clock and no chance', () => {
    const banned = new Set([
      'Date.now',
      'Math.random',
      'performance.now',
      'crypto.getRandomValues',
      'crypto.randomUUID',
    ]);
    expect(core.flatMap((path) => mentions(path, banned))).toEqual([]);
  });

  it('has named exports only', () => {
    const offences = core
      .filter((path) => !path.startsWith('src/core/generated/') && !path.endsWith('.d.ts'))
      .filter((path) => /^export default\b|\bas default\b/m.test(read(path)));
    expect(offences).toEqual([]);
  });

  it('is compiled without any library but the language', () => {
    const config = JSON.parse(read('tsconfig.core.json')) as {
      compilerOptions: { lib: string[]; types: string[] };
    };
    expect(config.compilerOptions.types).toEqual([]);
    expect(config.compilerOptions.lib.filter((name) => !/^ES20\d\d/.test(name))).toEqual([]);
  });
});

describe('sizes', () => {
  it('keep files under 400 lines', () => {
    const long = written.flatMap((path) => {
      if (tables.some((one) => path.startsWith(one))) return [];
      const lines = read(path).trimEnd().split('\n').length;
      return lines > sizes.fileLinesMax ? [`${path}: ${lines}`] : [];
    });
    expect(long).toEqual([]);
  });

  it('keep functions under 70 lines', () => {
    const long = written
      .filter((path) => !path.endsWith('.d.ts'))
      .flatMap((path) =>
        functionSizes(path)
          .filter(({ lines }) => lines > sizes.functionLinesMax)
          .map(({ name, line, lines }) => `${path}:${line} ${name}: ${lines}`),
      );
    expect(long).toEqual([]);
  });

  it('keep workers under 40 lines', () => {
    const workers = files.filter((path) => path.startsWith('workers/'));
    expect(workers.length).toBeGreaterThan(0);
    expect(workers.filter((path) => read(path).split('\n').length > 40)).toEqual([]);
  });
});

describe('the repository', () => {
  it('has exactly the folders that it should have', () => {
    const folders = new Set(
      files.filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/'))),
    );
    expect([...folders].sort()).toEqual([...topLevelFolders].sort());
  });

  it('uses no `any`', () => {
    const found = [...written, ...files.filter((path) => /^tests\/.*\.ts$/.test(path))].flatMap((path) => {
      const source = parse(path);
      const lines: string[] = [];
      const visit = (node: ts.Node): void => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) {
          lines.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
      return lines;
    });
    expect(found).toEqual([]);
  });

  it('speaks of no path of the machine that it was written on', () => {
    // Put together here, so that this file does not speak of them either.
    const paths = ['work', 'tmp', 'home', 'root'].map((name) => `/${name}/`);
    const text = files.filter((path) => /\.(ts|mjs|js|svelte|md|json|jsonc|html|yaml|css)$/.test(path));
    const own = text.filter((path) => !/^(test-vectors|package-lock\.json|tests\/fixtures)/.test(path));
    const found = own.flatMap((path) => {
      const content = read(path);
      return paths
        .filter((one) => new RegExp(`(^|[\\s'"\`(=])${one}`, 'm').test(content))
        .map((one) => `${path}: ${one}`);
    });
    expect(found).toEqual([]);
  });

  it('names no registry in the lock file', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
    };
    const entries = Object.entries(packages).filter(([path]) => path !== '');
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(
      entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path),
    ).toEqual([]);
  });

  it('gives a reason for each dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const page = read('docs/DEPENDENCIES.md');
    const named = [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !new RegExp(`[ |,]${name}[ ,|]`).test(page))).toEqual([]);
    const loose = Object.values({ ...dependencies, ...devDependencies }).filter(
      (version) => !/^\d/.test(version),
    );
    expect(loose).toEqual([]);
  });
});
