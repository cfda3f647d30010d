/** What plans of indicators are made from: headers of several assets, in the snapshot of one transaction. */
import type { Day } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import {
  alignmentsOfIndicators,
  type IndicatorAlignmentFacts,
  type IndicatorFacts,
  type IndicatorFamily,
  type IndicatorState,
  type MissingIndicator,
} from '../../domain/planning/plan-indicators.js';
import { alignmentKey } from '../series/series.js';
import {
  type BarSum,
  isSameSet,
  readBarSums,
  readHashedTimeframes,
  type TimeframeSet,
} from '../series/sums.js';
import type { Tx } from '../session/database.js';
import { readJsonRows } from '../session/json-rows.js';
import { readDailyStates } from './bar-facts.js';

export interface IndicatorFactsScope {
  ids: readonly number[];
  only: readonly IndicatorFamily[] | null;
  /** Timeframes asked for; null = all. */
  tfs?: readonly string[] | null;
  /** Name and version of each active indicator, by their bytes. */
  identities: readonly string[];
  /** Active indicators that are not among these. */
  missing: readonly MissingIndicator[];
}

/** Facts for planIndicators, one entry per id in the order given. */
export async function readIndicatorFacts(
  tx: Tx,
  { ids, only, tfs = null, identities, missing }: IndicatorFactsScope,
): Promise<IndicatorFacts[]> {
  const ofFamilies = alignmentsOfIndicators(only);
  const timeframes = await readHashedTimeframes(tx, ofFamilies);
  const alignments = ofFamilies.filter(
    (alignment) =>
      tfs === null || timeframes.some((each) => each.alignment === alignment && tfs.includes(each.tf)),
  );
  const dailyHash =
    timeframes.find(({ alignment, tf }) => alignment === 'multi_tf' && tf === '1D')?.hash ?? null;
  const dailies = await readDailyStates(tx, ids);
  const bars = await readBarSums(tx, ids, alignments);
  const headers = await readHeaders(tx, ids, alignments);
  const reachOf = (id: number, alignment: BarAlignment): Reach => {
    const daily = dailies.get(id);
    const isWithDays = alignment === 'multi_tf' && dailyHash !== null && (daily?.barSeq ?? 0) > 0;
    return reachOfBars(
      bars.get(alignmentKey(id, alignment)),
      isWithDays ? { hash: dailyHash, day: daily?.lastDay ?? 0, barSeq: daily?.barSeq ?? 0 } : null,
    );
  };
  // What will be appended anyway takes in whatever has closed: only who seems to be up to date is looked at series by series.
  const isOpen = (id: number, alignment: BarAlignment) => {
    const header = headers.get(alignmentKey(id, alignment));
    if (header === undefined) return false;
    const reach = reachOf(id, alignment);
    const isBehind = reach.day !== null && reach.day > (header.state.watermarkDay ?? reach.day);
    return !isLevel(header, reach) && (tfs !== null || !isBehind);
  };
  const open = ids.filter((id) => alignments.some((alignment) => isOpen(id, alignment)));
  const pending = await readPending(tx, { ids: open, alignments, tfs });
  return ids.map((id) => ({
    id,
    daily: dailies.get(id) ?? null,
    ...{ identities, missing },
    alignments: alignments.map((alignment): IndicatorAlignmentFacts => {
      const key = alignmentKey(id, alignment);
      const header = headers.get(key);
      const reach = reachOf(id, alignment);
      const found = isOpen(id, alignment) ? pending.get(key) : undefined;
      const isBehind = header !== undefined && !isLevel(header, reach);
      return {
        alignment,
        state: header?.state ?? null,
        targetDay: reach.day,
        pendingSeries: found?.pending ?? (isBehind ? reach.set.count : 0),
        removedSeries: found?.removed ?? 0,
      };
    }),
  }));
}

/** How far the bars of one alignment have come, 1D among those of multi_tf. */
interface Reach {
  set: TimeframeSet;
  /** null: there is no series. */
  day: Day | null;
  takenBars: number;
  /** Sum of the days that the series have come to; null: not all have come to the same, and nothing says what it is. */
  daySum: number | null;
}

function reachOfBars(
  bars: BarSum | undefined,
  daily: { hash: bigint; day: Day; barSeq: number } | null,
): Reach {
  const set = bars?.series ?? { count: 0, hash: 0n };
  const isEven = bars === undefined || bars.oldestDay === bars.newestDay;
  const days = [bars?.newestDay, daily?.day].filter((day) => day !== undefined);
  return {
    set: daily === null ? set : { count: set.count + 1, hash: set.hash ^ daily.hash },
    day: days.length === 0 ? null : Math.max(...days),
    takenBars: (bars?.closedBars ?? 0) + (daily?.barSeq ?? 0),
    daySum: isEven ? set.count * (bars?.newestDay ?? 0) + (daily?.day ?? 0) : null,
  };
}

/** What a row of indicator_carry says of itself. */
interface Header {
  state: IndicatorState;
  set: TimeframeSet;
  takenBars: number;
  daySum: number;
}

/** Days and closed bars never go beyond those of the bars: where the sums are equal, each is. */
function isLevel(header: Header, reach: Reach): boolean {
  return (
    isSameSet(header.set, reach.set) && header.takenBars === reach.takenBars && header.daySum === reach.daySum
  );
}

type HeaderCells = [
  id: number,
  alignment: BarAlignment,
  series: number,
  seriesHash: string,
  takenBars: number,
  daySum: number,
  watermarkDay: Day | null,
  repairFrom: Day | null,
  identities: string[],
];

async function readHeaders(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly BarAlignment[],
): Promise<Map<string, Header>> {
  const rows = await readJsonRows<HeaderCells>(
    tx,
    {
      cells: `id, alignment, series, series_hash::text, taken_bars, day_sum, watermark_day - date '1970-01-01',
        repair_from - date '1970-01-01', indicators`,
      from: 'indicator_carry where id = any($1) and alignment = any($2::bar_alignment[])',
    },
    [ids, alignments],
  );
  return new Map(
    rows.map(([id, alignment, count, hash, takenBars, daySum, watermarkDay, repairFrom, identities]) => [
      alignmentKey(id, alignment),
      {
        state: { watermarkDay, repairFrom, identities },
        set: { count, hash: BigInt(hash) },
        ...{ takenBars, daySum },
      },
    ]),
  );
}

/** Of each asset and alignment: series asked for that have not come as far as their bars, and series without bars. */
async function readPending(
  tx: Tx,
  {
    ids,
    alignments,
    tfs,
  }: { ids: readonly number[]; alignments: readonly BarAlignment[]; tfs: readonly string[] | null },
): Promise<Map<string, { pending: number; removed: number }>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, BarAlignment, number, number]>(
    `with bars as (
       select c.id, c.alignment, u.* from bar_carry c
       cross join lateral unnest(c.tf, c.watermark_day, c.closed_seq) u (tf, day, seq)
       where c.id = any($1) and c.alignment = any($2::bar_alignment[])
       union all
       select s.id, t.alignment, t.tf, s.last_day, s.bar_seq
       from cmc_price_bars_1d_state s join dim_timeframe t on t.alignment = 'multi_tf' and t.tf = '1D'
       where s.id = any($1) and s.bar_seq > 0 and t.alignment = any($2::bar_alignment[])
     ), taken as (
       select c.id, c.alignment, u.* from indicator_carry c
       cross join lateral unnest(c.tf, c.taken_day, c.bar_seq) u (tf, day, seq)
       where c.id = any($1) and c.alignment = any($2::bar_alignment[])
     )
     select id, alignment::text,
       (count(*) filter (
         where b.day is not null and ($3::text[] is null or tf = any($3))
           and (t.day is null or t.day < b.day or t.seq < b.seq)))::int,
       (count(*) filter (where b.day is null and $3::text[] is null))::int
     from bars b full join taken t using (id, alignment, tf)
     group by id, alignment`,
    [ids, alignments, tfs],
  );
  return new Map(
    rows.map(([id, alignment, pending, removed]) => [alignmentKey(id, alignment), { pending, removed }]),
  );
}
