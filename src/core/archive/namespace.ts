import { withoutIgnored } from './path.js';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * Two paths with one key can be one file somewhere: on file systems that ignore case (Windows, macOS),
 * normalise (HFS+ to NFD) or leave out invisible characters. The key drops ignorable characters, takes the
 * compatibility form NFKC (which also joins ligatures: U+FB01 = "fi"), then folds case fully: lower, upper,
 * lower, because only that order takes both sharp s (U+00DF, U+1E9E) to "ss"; final sigma is folded by hand
 * as JavaScript lowers it by context. It errs on the side of too many collisions (dotless i meets i).
 */
export function collisionKey(path: string): string {
  if (PRINTABLE_ASCII.test(path)) return path.toLowerCase();
  return path.split('/').map(componentKey).join('/');
}

function componentKey(component: string): string {
  let key = withoutIgnored(component);
  for (let round = 0; round < 2; round++) key = fold(key.normalize('NFKC'));
  // Some characters are compatible with a slash (U+2100 with "a/c"): it separates nothing here.
  return key.normalize('NFKC').replaceAll('/', '\u0000');
}

function fold(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('\u03c2', '\u03c3');
}

export interface NameClash {
  readonly kind: 'duplicate' | 'collision' | 'file-and-folder';
  /** The earlier path that it meets. Attacker-controlled. */
  readonly other: string;
}

interface Name {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'parent';
}

/** All names of one archive (or manifest): finds duplicates, aliases, and a file that is a folder elsewhere. */
export class NameSpace {
  private readonly names = new Map<string, Name>();
  /** Folders, as written, that are known and clash with nothing. */
  private readonly folders = new Set<string>();

  /** Adds a checked path without a final slash. The first clash, or null. */
  add(path: string, kind: 'file' | 'directory'): NameClash | null {
    const key = collisionKey(path);
    return this.addParents(path, key) ?? this.addName(path, key, kind);
  }

  private addName(path: string, key: string, kind: 'file' | 'directory'): NameClash | null {
    const other = this.names.get(key);
    if (!other) {
      this.names.set(key, { path, kind });
      return null;
    }
    if (other.kind === 'parent' && kind === 'directory' && other.path === path) {
      this.names.set(key, { path, kind });
      return null;
    }
    if ((other.kind === 'file') !== (kind === 'file')) return { kind: 'file-and-folder', other: other.path };
    return { kind: other.path === path ? 'duplicate' : 'collision', other: other.path };
  }

  private addParents(path: string, key: string): NameClash | null {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder === '' || this.folders.has(folder)) return null;
    const clash = this.addEachParent(path, key);
    if (!clash) this.folders.add(folder);
    return clash;
  }

  private addEachParent(path: string, key: string): NameClash | null {
    for (let at = path.indexOf('/'), keyAt = key.indexOf('/'); at > 0;) {
      const parent = path.slice(0, at);
      const other = this.names.get(key.slice(0, keyAt));
      if (!other) this.names.set(key.slice(0, keyAt), { path: parent, kind: 'parent' });
      else if (other.kind === 'file') return { kind: 'file-and-folder', other: other.path };
      else if (other.path !== parent) return { kind: 'collision', other: other.path };
      at = path.indexOf('/', at + 1);
      keyAt = key.indexOf('/', keyAt + 1);
    }
    return null;
  }
}
