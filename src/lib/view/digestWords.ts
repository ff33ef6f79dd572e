import { toBase64 } from '../../core/bytes/base64';
import { fromHex } from '../../core/bytes/hex';
import { fingerprintWords } from '../../core/signature/words';

/** A digest as eight words for reading aloud, by the same table as fingerprints; empty when it is none. */
export function digestWords(digest: string): string {
  const bytes = fromHex(digest.replace(/^sha256:/, ''));
  return bytes?.length === 32 ? fingerprintWords(`SHA256:${toBase64(bytes).replace(/=+$/, '')}`) : '';
}
