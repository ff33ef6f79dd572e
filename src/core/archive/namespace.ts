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
  /** Paths of files by key; no key is in `folders`, too. */
  private readonly files = new FileKeys();
  private readonly folders = new Map<string, Folder>();
  /** Of the keys of folders: a file's key of no such length is not asked for. */
  private readonly folderLengths = new Set<number>();
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
    const folder = this.folderLengths.has(key.length) ? this.folders.get(key) : undefined;
    if (folder) return { kind: 'file-and-folder', other: folder.path };
    const other = this.files.add(key, path);
    return other === undefined ? null : same(path, other);
  }

  private addFolder(path: string, key: string): NameClash | null {
    const file = this.files.get(key);
    if (file !== undefined) return { kind: 'file-and-folder', other: file };
    const other = this.folders.get(key);
    if (other && !(other.kind === 'parent' && other.path === path)) return same(path, other.path);
    this.setFolder(key, { path, kind: 'directory' });
    return null;
  }

  private setFolder(key: string, folder: Folder): void {
    this.folders.set(key, folder);
    this.folderLengths.add(key.length);
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
      if (!other) this.setFolder(parentKey, { path: parent, kind: 'parent' });
      else if (other.path !== parent) return { kind: 'collision', other: other.path };
      at = path.indexOf('/', at + 1);
      keyAt = key.indexOf('/', keyAt + 1);
    }
    return null;
  }
}

/** A run of so few keys is given up for one that begins after it: `manifest.yaml` stands before all others. */
const SHORT_RUN = 8;

/**
 * Paths by key, for up to a million of them that mostly come in order: a key that is greater than all of a run needs
 * no place in a map to be known as new.
 */
class FileKeys {
  /** Ascending, and the path of each. */
  private runKeys: string[] = [];
  private runPaths: string[] = [];
  private last = '';
  private readonly others = new Map<string, string>();

  get(key: string): string | undefined {
    return this.inRun(key) ?? this.others.get(key);
  }

  /** The path that has this key, if one has; else `path` has it from now on. */
  add(key: string, path: string): string | undefined {
    const ascends = key > this.last;
    const other = ascends ? this.inOthers(key) : this.get(key);
    if (other !== undefined) return other;
    if (ascends || this.runKeys.length <= SHORT_RUN) {
      if (!ascends) this.endRun();
      this.runKeys.push(key);
      this.runPaths.push(path);
      this.last = key;
    } else this.others.set(key, path);
    return undefined;
  }

  private inOthers(key: string): string | undefined {
    return this.others.size === 0 ? undefined : this.others.get(key);
  }

  private inRun(key: string): string | undefined {
    let from = 0;
    for (let to = this.runKeys.length; from < to;) {
      const middle = (from + to) >> 1;
      if (this.runKeys[middle]! < key) from = middle + 1;
      else to = middle;
    }
    return this.runKeys[from] === key ? this.runPaths[from] : undefined;
  }

  private endRun(): void {
    this.runKeys.forEach((key, i) => this.others.set(key, this.runPaths[i]!));
    this.runKeys = [];
    this.runPaths = [];
  }
}

function same(path: string, other: string): NameClash {
  return { kind: other === path ? 'duplicate' : 'collision', other };
}
