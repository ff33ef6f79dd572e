import type { WebDriver } from 'selenium-webdriver';
import type { TestError } from 'vitest';

/**
 * WebKitGTK's driver now and then waits for ever: nothing bounds the look for an element before a press, nor the wait
 * for the page to be drawn, after which alone a move of the mouse counts as done. A command that has no answer after
 * a bound of ours fails with this. It says nothing about the page.
 */
export class FellSilent extends Error {
  override readonly name = 'FellSilent';
}

/** For `describe`: a test whose driver fell silent is begun again; one whose expectation failed never is. */
export const again = { retry: { count: 2, condition: silent } };

/** A poll that went on past a silence tells it as its cause. */
export function silent(error: TestError): boolean {
  for (let one: TestError | undefined = error; one !== undefined; one = one.cause)
    if (one.name === 'FellSilent') return true;
  return false;
}

/** Longer than any script of ours runs; a script whose page is left never ends. */
export const SCRIPT_MS = 30_000;
export const PAGE_LOAD_MS = 60_000;

const OTHER_MS = 30_000;
const PROBE_MS = 5_000;
const REMEMBERED = 12;

function patience(name: string, asking: boolean): number {
  if (name === 'quit' || asking) return PROBE_MS;
  if (name === 'get') return PAGE_LOAD_MS + PROBE_MS;
  return name.startsWith('execute') ? SCRIPT_MS + PROBE_MS : OTHER_MS;
}

/** Gives every command of this driver a bound in milliseconds, and tells of a silence what can be told. */
export function bound(web: WebDriver, boundOf = patience): void {
  const execute = web.execute.bind(web);
  const before: string[] = [];
  let asking = false;
  web.execute = async (command) => {
    const name = command.getName();
    const ms = boundOf(name, asking);
    const began = Date.now();
    const earlier = before.join(', ');
    const answer = await within(ms, execute(command));
    before.push(`${name} ${Date.now() - began} ms`);
    if (before.length > REMEMBERED) before.shift();
    if (answer !== late) return answer;
    const words = `${name} has no answer after ${ms / 1000} s`;
    if (asking || name === 'quit') throw new FellSilent(words);
    asking = true;
    const page = await stateOf(web).finally(() => (asking = false));
    const whole = `the driver fell silent: ${words}; ${page}; before it: ${earlier}`;
    console.warn(whole);
    throw new FellSilent(whole);
  };
}

const late = Symbol('late');

async function within<T>(ms: number, answer: Promise<T>): Promise<T | typeof late> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof late>((resolve) => (timer = setTimeout(resolve, ms, late)));
  // What comes after its bound is nobody's any more.
  answer.catch(() => undefined);
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}

/** Whether the page still answers, runs its timers and is drawn: what the lost answer may have waited for. */
async function stateOf(web: WebDriver): Promise<string> {
  const told = (asked: Promise<unknown>): Promise<string> =>
    asked.then(String, (fault: unknown) => (fault instanceof Error ? fault.name : 'nothing'));
  const ending = (start: string): Promise<string> =>
    told(web.executeAsyncScript(`const done = arguments[0]; ${start}(() => done('yes'))`));
  const page = await told(
    web.executeScript(
      'return location.pathname + " " + document.readyState + " " + document.visibilityState',
    ),
  );
  return `page: ${page}; its timers run: ${await ending('setTimeout')}; it is drawn: ${await ending('requestAnimationFrame')}`;
}
