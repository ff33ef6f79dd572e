import { readSync } from 'node:fs';
import { UsageError } from './usage.js';

/** Longest passphrase that is read, in bytes. */
const SECRET_BYTES_MAX = 4096;

const ENTER: readonly string[] = ['\r', '\n', '\u0004'];
const CTRL_C = '\u0003';
const CTRL_U = '\u0015';
const BACKSPACE = /[\b\u007f]/;

/**
 * Asks on the terminal; what is typed is not shown. null when standard input is no terminal. Ctrl+C calls `interrupt`,
 * because a terminal in raw mode sends no signal.
 */
export function askOnTerminal(
  question: string,
  signal: AbortSignal,
  interrupt: () => void,
): Promise<string | null> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return Promise.resolve(null);
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  stdin.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (): void => {
      stdin.off('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const take = (text: string): void => {
      for (const sign of text) {
        if (sign === CTRL_C) {
          end();
          interrupt();
          reject(signal.reason instanceof Error ? signal.reason : new Error('interrupted'));
          return;
        }
        if (ENTER.includes(sign)) {
          end();
          resolve(typed);
          return;
        }
        if (sign === CTRL_U) typed = '';
        else if (BACKSPACE.test(sign)) typed = [...typed].slice(0, -1).join('');
        else typed += sign;
      }
    };
    stdin.on('data', take);
  });
}

/** The first line that a file descriptor gives, without its end. Throws {@link UsageError}. */
export function readSecretFrom(descriptor: string, command: string): string {
  if (!/^\d{1,4}$/.test(descriptor))
    throw new UsageError('--passphrase-fd takes the number of a file descriptor.', command);
  const bytes: number[] = [];
  const one = new Uint8Array(1);
  try {
    while (bytes.length < SECRET_BYTES_MAX && readSync(Number(descriptor), one, 0, 1, null) === 1) {
      if (one[0] === 0x0a) break;
      bytes.push(one[0]!);
    }
  } catch {
    throw new UsageError(`The file descriptor ${descriptor} cannot be read.`, command);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes)).replace(/\r$/, '');
}
