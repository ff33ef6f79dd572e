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

interface Folder {
  readonly path: string;
  readonly kind: 'directory' | 'parent';
}

/** All names of one archive (or manifest): finds duplicates, aliases, and a file that is a folder elsewhere. */
export class NameSpace {
  /** Paths of files by key; no key is in `folders`, too. There may be a million: nothing but the path is kept. */
  private readonly files = new Map<string, string>();
  private readonly folders = new Map<string, Folder>();
  /** Folders, as written, that are known and clash with nothing. */
  private readonly known = new Set<string>();
  /** The last of them that was asked for: most files lie in the folder of the one before. */
  private last = '';

  /** Adds a checked path without a final slash. The first clash, or null. */
  add(path: string, kind: 'file' | 'directory'): NameClash | null {
    const key = collisionKey(path);
    return (
      this.addParents(path, key) ?? (kind === 'file' ? this.addFile(path, key) : this.addFolder(path, key))
    );
  }

  private addFile(path: string, key: string): NameClash | null {
    const folder = this.folders.get(key);
    if (folder) return { kind: 'file-and-folder', other: folder.path };
    const other = this.files.get(key);
    if (other !== undefined) return same(path, other);
    this.files.set(key, path);
    return null;
  }

  private addFolder(path: string, key: string): NameClash | null {
    const file = this.files.get(key);
    if (file !== undefined) return { kind: 'file-and-folder', other: file };
    const other = this.folders.get(key);
    if (other && !(other.kind === 'parent' && other.path === path)) return same(path, other.path);
    this.folders.set(key, { path, kind: 'directory' });
    return null;
  }

  private addParents(path: string, key: string): NameClash | null {
    const end = path.lastIndexOf('/');
    if (end <= 0 || (end === this.last.length && path.startsWith(this.last))) return null;
    const folder = path.slice(0, end);
    const clash = this.known.has(folder) ? null : this.addEachParent(path, key);
    if (clash) return clash;
    this.known.add(folder);
    this.last = folder;
    return null;
  }

  private addEachParent(path: string, key: string): NameClash | null {
    for (let at = path.indexOf('/'), keyAt = key.indexOf('/'); at > 0;) {
      const parent = path.slice(0, at);
      const parentKey = key.slice(0, keyAt);
      const file = this.files.get(parentKey);
      if (file !== undefined) return { kind: 'file-and-folder', other: file };
      const other = this.folders.get(parentKey);
      if (!other) this.folders.set(parentKey, { path: parent, kind: 'parent' });
      else if (other.path !== parent) return { kind: 'collision', other: other.path };
      at = path.indexOf('/', at + 1);
      keyAt = key.indexOf('/', keyAt + 1);
    }
    return null;
  }
}

function same(path: string, other: string): NameClash {
  return { kind: other === path ? 'duplicate' : 'collision', other };
}
