import type { Finding } from '../core/generated/report.js';
import type { Io } from './io.js';
import { findingLines } from './textParts.js';

/** What was asked cannot be done with these files: printed like a finding, exit 2. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly findings: readonly Finding[],
    readonly exit = 2,
  ) {
    super('refused');
  }
}

/** Runs a command and prints its refusal: first line what happened, then what to do. */
export async function orRefusal(io: Io, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    io.err(`${findingLines(error.findings, io.paint).join('\n')}\n`);
    return error.exit;
  }
}
