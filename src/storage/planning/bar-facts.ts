/** What bar plans are made from: states and source extents of several assets, in the snapshot of one transaction. */
import type { Day } from '../../domain/calendar/day.js';
import { dayOfUs } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import {
  alignmentsOfBuilders,
  type BarBuilder,
  type BarFacts,
  includesDaily,
} from '../../domain/planning/plan.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import type { KeptSums } from '../../domain/prices/kept.js';
import type { SourceExtent } from '../../domain/source/extent.js';
import { isSameRows } from '../../domain/source/fingerprint.js';
import { type RecordedSplit, readSplits } from '../assets/splits.js';
import { type MissingDays, readMissingDays, readSourceExtents } from '../prices/extents.js';
import { STORED_HASH } from '../prices/fingerprint.js';
import { readKeptSums } from '../prices/kept-days.js';
import { alignmentKey } from '../series/series.js';
import { isSameSet, readBarSums, readHashedTimeframes, setOf } from '../series/sums.js';
import type { Tx } from '../session/database.js';
import { readApart } from '../source/readable.js';
import type { Source } from '../source/source.js';
import { findUnreadable } from '../source/unreadable.js';

export interface BarFactsScope {
  ids: readonly number[];
  /** Looked at only when the 1D builder is among those asked for; may be null when it is not. */
  source: Source | null;
  only: readonly BarBuilder[] | null;
  /** Timeframes asked for; null = all. */
  tfs?: readonly string[] | null;
}

/** Facts for planBars, one entry per id in the order given. */
export async function readBarFacts(
  tx: Tx,
  { ids, source, only, tfs = null }: BarFactsScope,
): Promise<BarFacts[]> {
  const states = await readDailyStates(tx, ids);
  const isSourceRead = includesDaily(only) && source !== null;
  const { found: extents, unreadable } = isSourceRead
    ? await readApart(tx, ids, (some) => readSourceExtents(tx, source, { ids: some, readFrom: states }))
    : { found: new Map<number, SourceExtent>(), unreadable: new Map<number, string>() };
  for (const [id, error] of unreadable)
    if (source !== null) unreadable.set(id, await findUnreadable(tx, source, { id, error }));
  const missing = isSourceRead
    ? await readMissingDays(tx, source, listShrunk(ids, states, extents))
    : new Map<number, MissingDays>();
  const kept = isSourceRead ? await readKeptSums(tx, ids) : new Map<number, KeptSums>();
  const splits = isSourceRead ? await readSplits(tx, ids) : new Map<number, RecordedSplit[]>();
  const alignments = alignmentsOfBuilders(only);
  const uneven = await listUnevenAssets(tx, states, { ids, alignments });
  const lagging = await readLaggingSeries(tx, uneven, { alignments, tfs });
  const removed = await readRemovedSeries(tx, uneven, alignments);
  return ids.map((id) => ({
    id,
    daily: states.get(id) ?? null,
    source: extents.get(id) ?? null,
    unreadable: unreadable.get(id) ?? null,
    splits: splits.get(id) ?? [],
    vanishedDays: missing.get(id)?.vanished ?? 0,
    lost: missing.get(id)?.lost ?? null,
    kept: kept.get(id) ?? null,
    laggingSeries: lagging.get(id) ?? 0,
    removedSeries: removed.get(id) ?? 0,
  }));
}

/** Assets whose source has fewer rows up to the watermark than it had, or begins later; with the first day that it has. */
function listShrunk(
  ids: readonly number[],
  states: ReadonlyMap<number, DailyState>,
  extents: ReadonlyMap<number, SourceExtent>,
): { id: number; firstDay: Day | null }[] {
  return ids.flatMap((id) => {
    const [state, extent] = [states.get(id), extents.get(id)];
    if (state === undefined || extent?.seen == null) return [];
    const firstDay = extent.minUs === null ? null : dayOfUs(extent.minUs);
    const beginsLater = firstDay !== null && state.firstDay !== null && firstDay > state.firstDay;
    const isShrunk = extent.seen.rows < state.srcRows;
    const isOther = !isSameRows({ rows: state.srcRows, hash: state.srcHash }, extent.seen);
    return isShrunk || (beginsLater && isOther) ? [{ id, firstDay }] : [];
  });
}

/** States of 1D bars by asset. */
export async function readDailyStates(tx: Tx, ids: readonly number[]): Promise<Map<number, DailyState>> {
  const rows = await tx.query<
    [
      number,
      number | null,
      number | null,
      Day | null,
      Day | null,
      number,
      number,
      string,
      string,
      string | null,
      number,
    ]
  >(
    `select id, last_src_ts, daily_min_seen, first_day, last_day, bar_seq, src_rows, ${STORED_HASH}, splits, source, rules
     from cmc_price_bars_1d_state where id = any($1)`,
    [ids],
  );
  return new Map(
    rows.map(
      ([
        id,
        lastSrcUs,
        dailyMinSeenUs,
        firstDay,
        lastDay,
        barSeq,
        srcRows,
        srcHash,
        splits,
        source,
        rules,
      ]) => [
        id,
        { lastSrcUs, dailyMinSeenUs, firstDay, lastDay, barSeq, srcRows, srcHash, splits, source, rules },
      ],
    ),
  );
}

/** Assets whose series are not just those of dim_timeframe, each with every 1D bar in it. */
async function listUnevenAssets(
  tx: Tx,
  states: ReadonlyMap<number, DailyState>,
  { ids, alignments }: { ids: readonly number[]; alignments: readonly BarAlignment[] },
): Promise<number[]> {
  const timeframes = (await readHashedTimeframes(tx, alignments)).filter(({ tf }) => tf !== '1D');
  const wanted = new Map(
    alignments.map((each) => [each, setOf(timeframes.filter(({ alignment }) => alignment === each))]),
  );
  const sums = await readBarSums(tx, ids, alignments);
  return ids.filter((id) => {
    const lastDay = states.get(id)?.lastDay ?? Number.NEGATIVE_INFINITY;
    return alignments.some((alignment) => {
      const sum = sums.get(alignmentKey(id, alignment));
      return !isSameSet(sum?.series, wanted.get(alignment)) || (sum !== undefined && sum.oldestDay < lastDay);
    });
  });
}

/** Series, by asset, that have not taken in every 1D bar (those of a new timeframe included). */
async function readLaggingSeries(
  tx: Tx,
  ids: readonly number[],
  { alignments, tfs }: { alignments: readonly BarAlignment[]; tfs: readonly string[] | null },
): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, number]>(
    `select s.id, count(*)
     from cmc_price_bars_1d_state s
     join dim_timeframe t on t.alignment = any($2::bar_alignment[]) and t.tf <> '1D'
     left join price_bars_state b on b.id = s.id and b.alignment = t.alignment and b.tf = t.tf
     where s.id = any($1) and s.bar_seq > 0 and (b.id is null or b.watermark_day < s.last_day)
       and ($3::text[] is null or t.tf = any($3))
     group by s.id`,
    [ids, alignments, tfs],
  );
  return new Map(rows);
}

/** Series, by asset, whose timeframe is not in dim_timeframe any more. */
async function readRemovedSeries(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly BarAlignment[],
): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, number]>(
    `select b.id, count(*) from price_bars_state b
     where b.id = any($1) and b.alignment = any($2::bar_alignment[])
       and not exists (select from dim_timeframe t where t.alignment = b.alignment and t.tf = b.tf)
     group by b.id`,
    [ids, alignments],
  );
  return new Map(rows);
}
