#!/usr/bin/env node
import { isMainThread, workerData } from 'node:worker_threads';
import { INFLATES, serveInflater, startInflater } from '../platform/nodeInflater.js';
import { BUILDS, serveBuild, startThreads } from '../platform/nodeThreads.js';
import type { Io } from './io.js';
import { main } from './main.js';
import { createPaint, wantsColour } from './paint.js';
import { askOnTerminal } from './terminal.js';

const interrupted = new AbortController();
const cleanups: (() => void)[] = [];
const GRACE_MS = 200;

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: () => process.stdin as AsyncIterable<Uint8Array>,
  drawsProgress: process.stderr.isTTY && process.env['TERM'] !== 'dumb',
  paint: createPaint(wantsColour(process.stdout.isTTY, process.env) && !process.argv.includes('--no-color')),
  clock: () => `${new Date().toISOString().slice(0, 19)}Z`,
  signal: interrupted.signal,
  askSecret: (question) => askOnTerminal(question, interrupted.signal, interrupt),
  atEnd: (cleanup) => void cleanups.push(cleanup),
  startThreads: () => startThreads(new URL(import.meta.url)),
  startInflater: () => startInflater(new URL(import.meta.url)),
};

/** Ctrl+C: stop the work, then leave even when something still hangs. */
function interrupt(): void {
  if (interrupted.signal.aborted) finish(130);
  interrupted.abort(new Error('interrupted'));
  setTimeout(() => finish(130), GRACE_MS).unref();
  process.stdin.destroy();
}

function finish(code: number): never {
  for (const cleanup of cleanups.splice(0)) cleanup();
  process.exit(code);
}

async function run(): Promise<void> {
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // "countersign … | head" closes the pipe early; the verdict stays in the exit code.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

  process.exitCode = await main(process.argv.slice(2), io);
  for (const cleanup of cleanups.splice(0)) cleanup();
  // A terminal that nobody types into would keep the program alive.
  process.stdin.unref?.();
}

// Our threads run this same file.
if (!isMainThread && workerData === BUILDS) serveBuild();
else if (!isMainThread && workerData === INFLATES) serveInflater();
else await run();
