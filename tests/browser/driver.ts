import { findOne } from './installed.js';
import { launchChromium } from './chromium.js';
import { launchFirefox } from './firefox.js';
import { launchWebkit } from './webkit.js';

export type EngineName = 'chromium' | 'firefox' | 'webkit';

/** A file handed to the page, as a person would hand it. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * So many empty deflate blocks of 5 bytes are put behind the 10 bytes of the gzip header, in the page itself: a
   * large file of the same content without handing over a large file.
   */
  readonly emptyBlocks?: number;
}

export interface Wishes {
  readonly media?: 'print';
  readonly forcedColors?: 'active';
  readonly reducedMotion?: 'reduce';
  readonly colorScheme?: 'dark';
}

/** What the tests ask of a browser; the same for all three engines. */
export interface Driver {
  readonly engine: EngineName;
  /** Loads an address and waits for its `load` event. */
  open(url: string): Promise<void>;
  /** Runs a function in the page with plain (JSON) arguments; a promise is awaited; the answer is plain too. */
  evaluate<A extends readonly unknown[], R>(fn: (...args: A) => R | Promise<R>, ...args: A): Promise<R>;
  /** Puts files into a file input and tells the page. */
  setFiles(selector: string, files: readonly GivenFile[]): Promise<void>;
  /** Gives an input for folders a folder of the disk; not there where the driver cannot. */
  setFolder?(selector: string, folder: string): Promise<void>;
  /** Drops files onto an element. */
  dropFiles(selector: string, files: readonly GivenFile[]): Promise<void>;
  /** Visible text of the first match; null when there is none. */
  text(selector: string): Promise<string | null>;
  click(selector: string): Promise<void>;
  /** One key, by its `KeyboardEvent.key` name: `Tab`, `Enter`, `Escape`, `ArrowDown`, `a`. `Shift+Tab` works. */
  press(key: string): Promise<void>;
  setViewport(width: number, height: number): Promise<void>;
  /** PNG of what is visible, or of the whole page where the engine can. */
  screenshot(path: string, whole?: boolean): Promise<void>;
  /** Pretends a medium or a wish of the reader; false where the engine cannot. Null ends it. */
  emulate(wishes: Wishes | null): Promise<boolean>;
  /** Gives the browser a device that holds passkeys and always says yes; false where the engine cannot be given one. */
  passkeys(): Promise<boolean>;
  /** Errors, uncaught ones included, since the last `open`. */
  consoleErrors(): Promise<readonly string[]>;
  /** Addresses asked for since the last `open`, where the engine tells; null where it does not. */
  requests(): readonly string[] | null;
  close(): Promise<void>;
}

/** Starts an engine with an empty profile. Throws when it is not installed. */
export async function launch(engine: EngineName): Promise<Driver> {
  const path = findOne(engine);
  if (engine === 'chromium') return launchChromium(path);
  if (engine === 'firefox') return launchFirefox(path);
  return launchWebkit(path);
}
