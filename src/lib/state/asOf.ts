import { addDays, formatTime, parseTime } from '../../core/bytes/time';
import type { InputReport, Report } from '../../core/generated/report';
import type { Trust } from '../../core/trust/trust';
import type { NamedDocument } from '../../engine/engine';
import { engine } from '$lib/engine';
import { readTrustDocument } from '$lib/trust-reader';
import { controlsFailed } from '$lib/view/report';
import { peopleStore } from './people';
import { inputOf, requestOf, type Row } from './queue.svelte';
import { trustState } from './trust.svelte';

/** By which list a verdict of another time is made: the one that stood then, or the one of today. */
export type ListOf = 'then' | 'today';

/** A verdict of another time. */
export interface AsOf {
  /** RFC 3339; the time that judged. */
  readonly time: string;
  readonly listOf: ListOf;
  readonly report: Report;
  readonly input: InputReport;
}

/** A moment at which the verdict becomes another one, if nothing else changes. */
export interface NextChange {
  readonly time: string;
  readonly input: InputReport;
}

/**
 * Judges a bundle again as it would have been judged at `time`: with the trust list, withdrawals and rule of then, and the
 * clock of then. A sample keeps the list that it came with. null when the self-test of the engine did not behave.
 */
export async function judgeAsOf(row: Row, time: string, listOf: ListOf): Promise<AsOf | null> {
  const { trust, signers } = await documentsAt(row, time, listOf);
  const { inputs, loose, limitsProfile, limits } = requestOf(
    [inputOf(row)],
    row.batch.loose,
    row.batch.trust,
  );
  const { ruleName } = trustState();
  // The rule that was chosen counts where the list of then has it; else the default of that list.
  const hasRule = await named(trust, ruleName);
  const report = await (
    await engine()
  ).verify({
    inputs,
    loose,
    ...(trust === null ? {} : { trust }),
    ...(hasRule && ruleName !== null && row.batch.trust === null ? { ruleName } : {}),
    ...(signers.length === 0 ? {} : { allowedSigners: signers }),
    now: time,
    ...(limitsProfile === undefined ? {} : { limitsProfile }),
    ...(limits === undefined ? {} : { limits }),
  });
  const input = report.inputs[0];
  return input === undefined || controlsFailed(report) ? null : { time, listOf, report, input };
}

async function documentsAt(
  row: Row,
  time: string,
  listOf: ListOf,
): Promise<{ trust: NamedDocument | null; signers: readonly NamedDocument[] }> {
  if (row.batch.trust !== null) return { trust: row.batch.trust, signers: [] };
  const { documents } = trustState();
  const bare = ({ name, bytes }: NamedDocument): NamedDocument => ({ name, bytes });
  if (listOf === 'today') {
    const own = documents.find(({ kind }) => kind === 'trust');
    const signers = documents.filter(({ kind }) => kind === 'allowed-signers').map(bare);
    return { trust: own === undefined ? null : bare(own), signers };
  }
  const { store } = await peopleStore();
  const signers = documents
    .filter(
      ({ kind, added }) => kind === 'allowed-signers' && (parseTime(added) ?? Infinity) <= parseTime(time)!,
    )
    .map(bare);
  return { trust: (await store?.asOf(time)) ?? null, signers };
}

async function named(trust: NamedDocument | null, rule: string | null): Promise<boolean> {
  if (trust === null || rule === null) return false;
  const list = await listIn(trust);
  return (list?.rules ?? []).some(({ name }) => name === rule);
}

async function listIn({ name, bytes }: NamedDocument): Promise<Trust | null> {
  return (await readTrustDocument({ id: '', name, kind: 'trust', bytes, added: '' })).trust;
}

/** Most moments that are tried; each is a whole verification. */
const MOMENTS_MAX = 12;

/**
 * The next moment after `now` at which the verdict would be another one by the passing of time alone: a key ends or begins, an
 * approval expires or grows too old, a withdrawal comes into force. null when there is none among those known.
 */
export async function nextChange(row: Row, report: Report, input: InputReport): Promise<NextChange | null> {
  const { trust } = await documentsAt(row, report.now, 'today');
  const list = trust === null ? null : await listIn(trust);
  for (const time of momentsAfter(report, input, list).slice(0, MOMENTS_MAX)) {
    const then = await judgeAsOf(row, time, 'today');
    if (then === null) return null;
    if (then.input.verdict.code !== input.verdict.code) return { time, input: then.input };
  }
  return null;
}

/** Every known moment at which something begins or ends, in order. */
export function momentsAfter(report: Report, input: InputReport, list: Trust | null): readonly string[] {
  const now = parseTime(report.now) ?? 0;
  const keys = (list?.people ?? []).flatMap((person) => person.keys);
  const ages = (report.rule?.roles ?? []).flatMap(({ maxAgeDays }) =>
    maxAgeDays === undefined ? [] : [maxAgeDays],
  );
  const signed = input.approvals.flatMap(({ claims }) =>
    claims.signedAt === undefined ? [] : [claims.signedAt],
  );
  const texts = [
    ...keys.flatMap(({ from, until }) => [from, until]),
    ...(list?.withdrawn ?? []).map(({ at }) => at),
    ...input.approvals.map(({ claims }) => claims.expires),
  ];
  const times = [
    ...texts.flatMap((text) => (text === undefined ? [] : [parseTime(text)])),
    ...signed.flatMap((text) =>
      ages.map((days) => {
        const start = parseTime(text);
        return start === null ? null : addDays(start, days);
      }),
    ),
  ];
  const later = times.filter((time): time is number => time !== null && time > now);
  return [...new Set(later)].sort((a, b) => a - b).map(formatTime);
}
