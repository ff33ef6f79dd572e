/** What a person does on a page, by the words that they read. Each runs in the page and is whole in itself. */

/** Keeps what the page would save. Runs in the page. */
export function keepSaves(): void {
  const scope = globalThis as { kept?: { name: string; blob: Blob }[] };
  scope.kept = [];
  const blobs = new Map<string, Blob>();
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob: Blob) => {
    const url = make(blob);
    blobs.set(url, blob);
    return url;
  };
  // Called below with the link as `this`.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function (this: HTMLAnchorElement) {
    const blob = blobs.get(this.href);
    if (this.download === '' || blob === undefined) click.call(this);
    else scope.kept?.push({ name: this.download, blob });
  };
}

export async function lastSave(): Promise<{ name: string; base64: string } | null> {
  const last = ((globalThis as { kept?: { name: string; blob: Blob }[] }).kept ?? []).pop();
  if (last === undefined) return null;
  let binary = '';
  for (const byte of new Uint8Array(await last.blob.arrayBuffer())) binary += String.fromCharCode(byte);
  return { name: last.name, base64: btoa(binary) };
}

/** Presses what reads so, if it can be pressed now. Runs in the page. */
export function press(words: string, within: string): boolean {
  const found = [...document.querySelectorAll<HTMLElement>(`${within} button, ${within} summary`)].find(
    (one) =>
      (one.getAttribute('aria-label') ?? one.textContent ?? '').replace(/\s+/g, ' ').trim() === words &&
      one.checkVisibility() &&
      !(one as HTMLButtonElement).disabled,
  );
  found?.click();
  return found !== undefined;
}

/** Types into the field with this label. Runs in the page. */
export function type(label: string, value: string): boolean {
  const found = [...document.querySelectorAll('label')].find(
    (one) => (one.textContent ?? '').trim() === label && one.checkVisibility(),
  );
  const field = document.getElementById(found?.htmlFor ?? '') as HTMLInputElement | null;
  if (field === null) return false;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

/** Runs in the page. */
export function check(path: string): boolean {
  const box = document.querySelector<HTMLInputElement>(`input[data-path="${path}"]`);
  box?.click();
  return box !== null;
}
