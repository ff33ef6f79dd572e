/** What a person does on a page, by the words that they read. Each runs in the page and is whole in itself. */

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
