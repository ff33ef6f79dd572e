import type { NamedDocument } from '../../engine/engine';

/** A bundle that ships with the application, so that everybody can see what a verdict looks like. */
export interface Sample {
  /** File name shown in the queue. */
  readonly name: string;
  /** Names its texts in the catalogue. */
  readonly kind: 'good' | 'changed' | 'unknown';
  /** Base64 of the bundle. */
  readonly bytes: string;
  readonly loose: readonly { readonly name: string; readonly bytes: string }[];
  /** Trust file that this sample alone is judged by. */
  readonly trust?: { readonly name: string; readonly bytes: string };
}

const modules = import.meta.glob<{ samples: readonly Sample[] }>('./generated.ts');

/** True when this build carries samples; their bytes are loaded only when one is opened. */
export const hasSamples = './generated.ts' in modules;

export async function loadSamples(): Promise<readonly Sample[]> {
  const load = modules['./generated.ts'];
  return load === undefined ? [] : (await load()).samples;
}

export function decodeDocument(document: { readonly name: string; readonly bytes: string }): NamedDocument {
  const binary = atob(document.bytes);
  return { name: document.name, bytes: Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) };
}
