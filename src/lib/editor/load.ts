import type * as EditorModule from './monaco';

export type Monaco = (typeof EditorModule)['monaco'];

let loading: Promise<Monaco> | undefined;

/** The editor, fetched at the first call. Rejects when it cannot be: then a plain field does the same work. */
export function loadMonaco(): Promise<Monaco> {
  loading ??= start();
  loading.catch(() => (loading = undefined));
  return loading;
}

async function start(): Promise<Monaco> {
  const { prepareEnvironment } = await import('./environment');
  prepareEnvironment();
  return (await import('./monaco')).monaco;
}

/** Whether the editor gives the text back as it got it: it has one kind of line end in a text, and no mark before it. */
export function monacoKeeps(text: string): boolean {
  const mixed = text.includes('\r') && /\r(?!\n)|(?<!\r)\n/.test(text);
  return !mixed && !/^\ufeff|[\u2028\u2029]/.test(text);
}

/** Whether this is a place for the full editor: wide, and no screen that is written on by touch. */
export function wantsFullEditor(): boolean {
  return matchMedia('(min-width: 48rem) and (not (pointer: coarse))').matches;
}
