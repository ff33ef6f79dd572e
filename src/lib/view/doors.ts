import { REQUEST_TYPE } from '../../core/envelope/kinds';

/** Documents that the page Verify cannot judge by themselves, and the page that has a use for them. */
export interface Door {
  readonly what: 'request' | 'approval-withdrawal' | 'key-withdrawal';
  readonly page: 'approve' | 'people';
}

const HEAD_BYTES = 400;

/**
 * Recognises them by their first field, as they are written; the page that gets them reads them strictly. The text is
 * attacker-controlled. Null for everything else.
 */
function doorFor(text: string): Door | null {
  if (text.startsWith(`{"_type":"${REQUEST_TYPE}"`)) return { what: 'request', page: 'approve' };
  // The names of the fields stand in the order of the alphabet: the one that is taken back comes second or third.
  const taken = /^\{"_type":"urn:countersign:withdrawal:v1",(?:"approval"|"at":"[^"]*","key")/.exec(text);
  if (taken === null) return null;
  return taken[0].endsWith('"approval"')
    ? { what: 'approval-withdrawal', page: 'approve' }
    : { what: 'key-withdrawal', page: 'people' };
}

/** The same for a file as it was given. */
export function doorOf({ bytes }: { readonly bytes: Uint8Array }): Door | null {
  return doorFor(new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES)));
}
