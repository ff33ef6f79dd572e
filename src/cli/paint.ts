import type { CheckStatus, Look, Severity } from '../core/generated/report.js';

/** Colours of a terminal. Colour only repeats what the words say. */
export interface Paint {
  readonly look: (look: Look, text: string) => string;
  readonly status: (status: CheckStatus, text: string) => string;
  readonly severity: (severity: Severity, text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const lookCodes: Readonly<Record<Look, string>> = {
  confirmed: '1;32',
  unknown: '1;34',
  incomplete: '1;33',
  rejected: '1;31',
  unreadable: '1;35',
};
const statusCodes: Readonly<Partial<Record<CheckStatus, string>>> = { pass: '32', fail: '31', warn: '33' };
const severityCodes: Readonly<Record<Severity, string>> = { error: '31', warning: '33', info: '36' };

export function createPaint(colour: boolean): Paint {
  const wrap = (code: string | undefined, text: string): string =>
    !colour || code === undefined ? text : `\u001b[${code}m${text}\u001b[0m`;
  return {
    look: (look, text) => wrap(lookCodes[look], text),
    status: (status, text) => wrap(statusCodes[status], text),
    severity: (severity, text) => wrap(severityCodes[severity], text),
    strong: (text) => wrap('1', text),
    faint: (text) => wrap('2', text),
  };
}

/** True when the environment and the stream want colours (no-color.org; `TERM=dumb`). */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
