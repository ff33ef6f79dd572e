/**
 * Functions that run inside the page. Each must be whole in itself: it is sent as text.
 */
import type { GivenFile } from './driver.js';

export interface EncodedFile {
  readonly name: string;
  readonly base64: string;
  readonly emptyBlocks: number;
}

export function encode(files: readonly GivenFile[]): readonly EncodedFile[] {
  return files.map(({ name, bytes, emptyBlocks = 0 }) => {
    return { name, base64: Buffer.from(bytes).toString('base64'), emptyBlocks };
  });
}

/** Puts files into an input, or drops them onto an element: native dialogs differ in each engine, the page's own events do not. */
export function giveFiles(selector: string, files: readonly EncodedFile[], how: 'input' | 'drop'): void {
  const element = document.querySelector(selector);
  if (element === null) throw new Error(`nothing matches ${selector}`);
  const transfer = new DataTransfer();
  for (const { name, base64, emptyBlocks } of files) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const empty = new Uint8Array(emptyBlocks * 5);
    for (let at = 0; at < empty.length; at += 5) empty[at + 3] = empty[at + 4] = 0xff;
    const parts = emptyBlocks === 0 ? [bytes] : [bytes.subarray(0, 10), empty, bytes.subarray(10)];
    transfer.items.add(new File(parts, name));
  }
  if (how === 'input') {
    (element as HTMLInputElement).files = transfer.files;
    element.dispatchEvent(new Event('input', { bubbles: true }));
    element.dispatchEvent(new Event('change', { bubbles: true }));
    return;
  }
  for (const type of ['dragenter', 'dragover', 'drop']) {
    element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }
}

export function visibleText(selector: string): string | null {
  const element = document.querySelector<HTMLElement>(selector);
  return element === null ? null : element.innerText;
}

/** True when a press in the middle of the element would reach it; scrolls it there. */
export function isOnTop(selector: string): boolean {
  const element = document.querySelector(selector);
  if (element === null) return false;
  const inside = (): boolean => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    return hit !== null && (element.contains(hit) || hit.contains(element));
  };
  if (inside()) return true;
  element.scrollIntoView({ block: 'center' });
  return inside();
}

/** Errors gathered by {@link watchErrors}. */
export function gatheredErrors(): readonly string[] {
  return (globalThis as { countersignTestErrors?: string[] }).countersignTestErrors ?? [];
}

/** For engines without a console over the wire: gathers errors inside the page from now on. */
export function watchErrors(): void {
  const scope = globalThis as { countersignTestErrors?: string[] };
  if (scope.countersignTestErrors !== undefined) return;
  const errors: string[] = (scope.countersignTestErrors = []);
  const original = console.error.bind(console);
  console.error = (...args: unknown[]) => {
    errors.push(args.map(String).join(' '));
    original(...args);
  };
  addEventListener('error', (event) => errors.push(event.message));
  addEventListener('unhandledrejection', (event) => errors.push(String(event.reason)));
  addEventListener('securitypolicyviolation', (event) => {
    errors.push(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
  });
}
