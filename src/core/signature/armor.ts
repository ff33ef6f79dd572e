import { fromBase64 } from '../bytes/base64.js';
import { fromUtf8 } from '../bytes/text.js';
import { SSHSIG_BEGIN, SSHSIG_END } from './sshsigWrite.js';

/**
 * The blob inside an SSH signature file, or why there is none. One frame, line feeds only, base64 lines of equal
 * length (the last may be shorter), nothing before or behind but one final line feed: everything else is read
 * differently by different readers (hostile input S15). `armored` is attacker-controlled; never throws.
 */
export function dearmorSshsig(
  armored: Uint8Array,
): { readonly blob: Uint8Array } | { readonly problem: string } {
  const text = fromUtf8(armored);
  if (text === null || !/^[\n\x20-\x7e\r\t]*$/.test(text)) return { problem: 'it is not plain text' };
  if (text.includes('\r')) return { problem: 'its line endings are not single line feeds' };
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines[0] !== SSHSIG_BEGIN) return { problem: 'it does not start with the line "BEGIN SSH SIGNATURE"' };
  if (lines.at(-1) !== SSHSIG_END) return { problem: 'it does not end with the line "END SSH SIGNATURE"' };
  const body = lines.slice(1, -1);
  if (!equalColumns(body)) return { problem: 'its lines differ in length' };
  const blob = fromBase64(body.join(''));
  return blob === null ? { problem: 'its base64 is damaged' } : { blob };
}

function equalColumns(lines: readonly string[]): boolean {
  const columns = lines[0]?.length ?? 0;
  const last = lines.at(-1)?.length ?? 0;
  return (
    columns > 0 && last > 0 && last <= columns && lines.slice(0, -1).every(({ length }) => length === columns)
  );
}
