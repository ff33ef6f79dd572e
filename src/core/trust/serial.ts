import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { diffTrust } from './diff.js';
import type { Trust } from './trust.js';

/**
 * The serial of one list never goes back (docs/SPEC.md, "Trust list"). Equal serials with other contents are refused when `strict`:
 * a signed list promised its serial; an unsigned one is only shown as a change without a new serial.
 */
export function checkSerial(trust: Trust, present: Trust | null, strict: boolean): readonly Finding[] {
  if (present === null || present.id !== trust.id) return [];
  const [serial, known] = [trust.serial ?? 0, present.serial ?? 0];
  const id = trust.id ?? '';
  if (serial < known) return [finding('trust-serial-back', { id, serial, present: known })];
  const same = serial === known && !diffTrust(present, trust).some(({ code }) => code === 'serial-same');
  if (serial > known || same || !strict) return [];
  return [finding('trust-serial-same', { id, serial })];
}
