import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io } from '../../src/cli/io.js';
import { main } from '../../src/cli/main.js';
import { createPaint } from '../../src/cli/paint.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const built = join(root, 'dist', 'cli', 'countersign.js');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export const NOW = '2026-11-20T10:00:00Z';

/** One command line inside this process. */
export async function runHere(
  argv: readonly string[],
  stdin: Uint8Array = new Uint8Array(0),
  secret: string | null = null,
): Promise<Ran> {
  let out = '';
  let err = '';
  const cleanups: (() => void)[] = [];
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    async *stdin() {
      for (let at = 0; at < stdin.length; at += 1000) yield stdin.subarray(at, at + 1000);
    },
    drawsProgress: false,
    paint: createPaint(false),
    clock: () => NOW,
    signal: new AbortController().signal,
    askSecret: (question) => {
      err += question;
      return Promise.resolve(secret);
    },
    atEnd: (cleanup) => void cleanups.push(cleanup),
  };
  const code = await main(argv, io);
  for (const cleanup of cleanups) cleanup();
  return { code, out, err };
}

/** The program as people start it: the built one where it is newer than its sources, else straight from them. */
export function programArguments(): readonly string[] {
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, 'src'))) return [built];
  return [join(root, 'src', 'tools', 'run.mjs'), join(root, 'src', 'cli', 'countersign.ts')];
}

export function isBuilt(): boolean {
  return programArguments().length === 1;
}

/** One command line in a process of its own. */
export function runApart(
  argv: readonly string[],
  options: {
    readonly stdin?: Uint8Array;
    readonly cwd?: string;
    readonly env?: Record<string, string>;
    /** Standard input stays open; Ctrl+C comes as soon as this is true. */
    readonly interruptWhen?: () => boolean;
  } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...programArguments(), ...argv], {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, out, err }));
    child.stdin.on('error', () => undefined);
    const { interruptWhen } = options;
    if (interruptWhen === undefined) {
      child.stdin.end(options.stdin);
      return;
    }
    const timer = setInterval(() => {
      if (!interruptWhen()) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 20);
    child.on('close', () => clearInterval(timer));
  });
}

function newest(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    }),
    0,
  );
}
