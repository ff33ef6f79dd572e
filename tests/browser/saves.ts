import type { Driver } from './driver.js';

/** What a page saves, kept instead of downloads that each engine asks about in its own way. */
export interface Saved {
  readonly name: string;
  readonly bytes: Buffer;
}

/** From now on, until the page is left. */
export async function keepSaves(driver: Driver): Promise<void> {
  await driver.evaluate(keep);
}

/** Everything saved since it was last asked for, in order. */
export async function takeSaves(driver: Driver): Promise<readonly Saved[]> {
  const taken = await driver.evaluate(take);
  return taken.map(({ name, base64 }) => ({ name, bytes: Buffer.from(base64, 'base64') }));
}

/** The last of it, null when nothing was saved since it was last asked for. */
export async function lastSave(driver: Driver): Promise<Saved | null> {
  return (await takeSaves(driver)).at(-1) ?? null;
}

/** Runs in the page. */
function keep(): void {
  const scope = globalThis as { saves?: { name: string; blob: Blob }[] };
  if (scope.saves !== undefined) return;
  const saves: { name: string; blob: Blob }[] = (scope.saves = []);
  const blobs = new Map<string, Blob>();
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob: Blob) => {
    const url = make(blob);
    blobs.set(url, blob);
    return url;
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the link as `this`
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
    const blob = blobs.get(this.href);
    if (this.download === '' || blob === undefined) click.call(this);
    else saves.push({ name: this.download, blob });
  };
}

/** Runs in the page. */
async function take(): Promise<{ name: string; base64: string }[]> {
  const { saves = [] } = globalThis as { saves?: { name: string; blob: Blob }[] };
  return Promise.all(
    saves.splice(0).map(async ({ name, blob }) => {
      let text = '';
      for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
      return { name, base64: btoa(text) };
    }),
  );
}
