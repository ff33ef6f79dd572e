import { analyse, type Analysis } from '../../core/author/analyse.js';
import { compareWith, type Comparison, type NamedText } from '../../core/author/compare.js';
import { explain, suggest, type Explanation, type Suggestions } from '../../core/author/help.js';
import type { AuthorKind } from '../../core/author/kindWords.js';
import { TraceReplay, type ReplayTotals } from '../../core/author/replayTrace.js';
import { riskOf, type Risk, type Situation } from '../../core/author/risk.js';
import { toUtf8 } from '../../core/bytes/text.js';
import type { Finding } from '../../core/generated/report.js';
import { readPolicy } from '../../core/policy/readPolicy.js';
import type { Pinged } from '../seat.js';
import { authorSchemas } from './schemas.js';

export interface LookRequest extends NamedText {
  /** What the document is measured by; null: by nothing. */
  readonly baseline: NamedText | null;
  readonly situation: Situation;
}

/** Everything that is told of a document while it is written. */
export interface Look extends Omit<Analysis, 'policy'> {
  /** Null while the document has errors. */
  readonly comparison: Comparison | null;
  /** Null for what is no policy. */
  readonly risk: Risk | null;
  /** Whether past decisions can be run against it. */
  readonly decides: boolean;
}

export type ReplayAnswer =
  | { readonly is: 'done'; readonly totals: ReplayTotals }
  /** The policy cannot be read, or its language decides no prompts (no findings). */
  | { readonly is: 'refused'; readonly findings: readonly Finding[] };

export type ReplayProgress = (bytesRead: number, totals: ReplayTotals) => void;

/** What the worker of the editor answers. */
export interface AuthorHost extends Pinged {
  look(request: LookRequest): Promise<Look>;
  suggest(kind: AuthorKind, text: string, at: number): Promise<Suggestions>;
  explain(kind: AuthorKind, text: string, at: number): Promise<Explanation | null>;
  /** Runs past decisions against a policy; stop it by ending the worker. */
  replay(policy: NamedText, traces: readonly Blob[], onProgress: ReplayProgress): Promise<ReplayAnswer>;
}

const BLOCK_BYTES = 1_048_576;

/** The editor's questions, answered here and now. */
export function hostAuthor(): AuthorHost {
  return {
    ping: () => Promise.resolve(true),
    look: (request) => Promise.resolve(look(request)),
    suggest(kind, text, at) {
      const schema = authorSchemas[kind];
      return Promise.resolve(
        schema === undefined ? { span: { start: at, end: at }, items: [] } : suggest(schema, text, at),
      );
    },
    explain(kind, text, at) {
      const schema = authorSchemas[kind];
      return Promise.resolve(schema === undefined ? null : explain(schema, text, at));
    },
    replay: replayAll,
  };
}

function look({ name, text, baseline, situation }: LookRequest): Look {
  const analysis = analyse(name, text, authorSchemas);
  const { policy, ...told } = analysis;
  return {
    ...told,
    comparison: baseline === null ? null : compareWith(baseline, { name, text }, analysis),
    risk: policy === null ? null : riskOf(policy, situation),
    decides: policy?.kind === 'atlasbridge-0' || policy?.kind === 'atlasbridge-1',
  };
}

async function replayAll(
  { name, text }: NamedText,
  traces: readonly Blob[],
  onProgress: ReplayProgress,
): Promise<ReplayAnswer> {
  const { policy, findings } = readPolicy({ name, bytes: toUtf8(text) });
  if (policy === null || !policy.kind.startsWith('atlasbridge')) return { is: 'refused', findings };
  const run = new TraceReplay(policy);
  let read = 0;
  for (const trace of traces) {
    for (let at = 0; at < trace.size; at += BLOCK_BYTES) {
      const block = new Uint8Array(await trace.slice(at, at + BLOCK_BYTES).arrayBuffer());
      run.push(block);
      read += block.length;
      onProgress(read, run.totals);
    }
    run.finishTrace();
  }
  return { is: 'done', totals: run.totals };
}
