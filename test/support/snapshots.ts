/** Bar snapshots as the domain gives them, and stored histories from which the views must derive the same. */
import { type Bar, stepBars } from '../../src/domain/bars/bar.js';
import { familyOf } from '../../src/domain/bars/families/index.js';
import { DAY_US, type Day } from '../../src/domain/calendar/day.js';
import { BAR_ALIGNMENTS, hasBars, TIMEFRAMES, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import type { DayColumns } from '../../src/domain/prices/days.js';
import { type BarCarry, upsertBarCarries } from '../../src/storage/bars/bar-states.js';
import { type BarRow, writeBars } from '../../src/storage/bars/bars.js';
import { writeDailyBars } from '../../src/storage/bars/daily-bars.js';
import type { Database, Tx } from '../../src/storage/session/database.js';
import { type HistoryShape, judgeHistory, pricesOf, randomOf } from './histories.js';

/** The timeframes that have bars. */
export const SERIES = TIMEFRAMES.filter(hasBars);

/** A history in which every rule is met: gaps, ties, NULLs, bad rows. */
export const RICH_SHAPE: HistoryShape = {
  ...{ seed: 20, firstDay: 16_436, rows: 100, gapRate: 0.1, longestGap: 3 },
  ...{ ties: true, badRate: 0.03, longestChunk: 7 },
};

/** One row of price_bars_daily by column name: times in epoch microseconds, dates as day numbers. */
export type Snapshot = Record<string, unknown>;

export const SNAPSHOT_COLUMNS = [
  ...['id', 'alignment', 'tf', 'tf_days', 'bar_seq', 'bar_anchor_offset'],
  ...[
    'time_open',
    'time_close',
    'time_high',
    'time_low',
    'open',
    'high',
    'low',
    'close',
    'volume',
    'market_cap',
  ],
  ...['timestamp', 'last_ts_half_open', 'pos_in_bar', 'is_partial_start', 'is_partial_end'],
  ...['count_days', 'count_days_remaining', 'is_missing_days', 'count_missing_days'],
  ...['count_missing_days_start', 'count_missing_days_end', 'count_missing_days_interior'],
  ...['missing_days_where', 'first_missing_day', 'last_missing_day', 'day'],
];

/** The first `length` days. */
function firstDays(days: DayColumns, length: number): DayColumns {
  return { ...days, length };
}

/** First day that counts for the bar, and days from the window of the asset's first day to the bar's. */
function placeOf(
  timeframe: Timeframe,
  bar: Bar,
  assetFirstDay: Day,
): { countsFrom: Day; offset: number | null } {
  if (timeframe.alignment === 'multi_tf' || timeframe.alignment === 'v2')
    return { countsFrom: bar.firstDay, offset: null };
  const family = familyOf(timeframe.alignment);
  const startOf = (day: Day): Day => family.windowAt(day, timeframe, assetFirstDay)?.start ?? Number.NaN;
  const start = startOf(bar.firstDay);
  const isAnchored = timeframe.alignment.startsWith('cal_anchor');
  return {
    countsFrom: Math.max(start, assetFirstDay),
    offset: isAnchored ? start - startOf(assetFirstDay) : null,
  };
}

function missingWhere(start: number, interior: number): string | null {
  const places = [...(start > 0 ? ['start'] : []), ...(interior > 0 ? ['interior'] : [])];
  return places.length === 0 ? null : places.join();
}

/** The row that the views must show for a bar as of its last day. */
function snapshotOf(
  timeframe: Timeframe,
  bar: Bar,
  known: { id: number; assetFirstDay: Day; isClosed: boolean },
): Snapshot {
  const { countsFrom, offset } = placeOf(timeframe, bar, known.assetFirstDay);
  const start = bar.firstDay - countsFrom;
  const interior = bar.countMissingDays - start;
  return {
    id: known.id,
    alignment: timeframe.alignment,
    tf: timeframe.tf,
    tf_days: bar.tfDays,
    bar_seq: bar.barSeq,
    bar_anchor_offset: offset,
    time_open: bar.timeOpenUs,
    time_close: bar.timeCloseUs,
    time_high: bar.timeHighUs,
    time_low: bar.timeLowUs,
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
    volume: bar.volume,
    market_cap: bar.marketCap,
    timestamp: bar.timeCloseUs,
    last_ts_half_open: bar.timeCloseUs + 1000,
    pos_in_bar: bar.countDays,
    is_partial_start: bar.isPartialStart,
    is_partial_end: !known.isClosed,
    count_days: bar.countDays,
    count_days_remaining: bar.countDaysRemaining,
    is_missing_days: bar.countMissingDays > 0,
    count_missing_days: bar.countMissingDays,
    count_missing_days_start: start,
    count_missing_days_end: 0,
    count_missing_days_interior: interior,
    missing_days_where: missingWhere(start, interior),
    first_missing_day: bar.firstMissingDay,
    last_missing_day: bar.lastMissingDay,
    day: bar.lastDay,
  };
}

/** Every snapshot of a series: for each day, the newest bar of a history that ends on it. */
export function snapshotsOf(id: number, timeframe: Timeframe, days: DayColumns): Snapshot[] {
  const closingDay = new Map(stepBars(timeframe, null, days).closed.map((bar) => [bar.barSeq, bar.lastDay]));
  const snapshots: Snapshot[] = [];
  for (let length = 1; length <= days.length; length += 1) {
    const bar = stepBars(timeframe, null, firstDays(days, length)).state?.bar ?? null;
    if (bar === null) continue;
    const isClosed = closingDay.get(bar.barSeq) === bar.lastDay;
    snapshots.push(snapshotOf(timeframe, bar, { id, assetFirstDay: days.assetFirstDay, isClosed }));
  }
  return snapshots;
}

/** One generated asset in the database. */
export interface StoredHistory {
  id: number;
  /** What price_bars_daily must show of it, in no particular order. */
  snapshots: Snapshot[];
  /** The newest snapshot of every series. */
  latest: Snapshot[];
}

/** Writes a history with the bars of every timeframe; three series in ten lag behind the 1D bars. */
export async function writeHistory(
  database: Database,
  id: number,
  shape: HistoryShape,
): Promise<StoredHistory> {
  const { bars, days } = judgeHistory(pricesOf(shape));
  const random = randomOf(shape.seed);
  const stored: StoredHistory = { id, snapshots: [], latest: [] };
  const closed: BarRow[] = [];
  const carries = BAR_ALIGNMENTS.map((alignment): BarCarry => ({ id, alignment, series: new Map() }));
  for (const timeframe of days.length === 0 ? [] : SERIES) {
    const { alignment, tf } = timeframe;
    const taken = firstDays(days, random() < 0.3 ? Math.floor(random() * (days.length + 1)) : days.length);
    const step = stepBars(timeframe, null, taken);
    if (step.state === null) continue;
    carries.find((carry) => carry.alignment === alignment)?.series.set(tf, step.state);
    closed.push(...step.closed.map((bar) => ({ id, alignment, tf, bar })));
    const snapshots = snapshotsOf(id, timeframe, taken);
    stored.snapshots.push(...snapshots);
    stored.latest.push(...snapshots.slice(-1));
  }
  await database.transaction(async (tx) => {
    await writeDailyBars(
      tx,
      bars.map((bar) => ({ id, bar })),
    );
    await writeBars(tx, closed);
    await upsertBarCarries(tx, carries);
  });
  return stored;
}

/** Rows of a query over a relation with the columns of price_bars_daily. */
export async function readSnapshots(tx: Tx, from: string, params: readonly unknown[]): Promise<Snapshot[]> {
  const rows = await tx.query(
    `select ${SNAPSHOT_COLUMNS.join(', ')} from ${from} order by alignment, tf, time_close`,
    params,
  );
  return rows.map((row) => Object.fromEntries(SNAPSHOT_COLUMNS.map((name, index) => [name, row[index]])));
}

function nameOf(snapshot: Snapshot): string {
  const day = Math.floor(Number(snapshot.time_close) / DAY_US);
  return `${snapshot.alignment}|${snapshot.tf}|${day}`;
}

/** Differences in words, a few at most; values are compared bit for bit. */
export function differencesOf(expected: readonly Snapshot[], found: readonly Snapshot[]): string[] {
  const differences: string[] = [];
  const byName = new Map(found.map((snapshot) => [nameOf(snapshot), snapshot]));
  if (byName.size !== found.length) differences.push('a day is shown twice');
  if (found.length !== expected.length)
    differences.push(`${found.length} rows instead of ${expected.length}`);
  for (const snapshot of expected) {
    const other = byName.get(nameOf(snapshot));
    for (const [column, value] of Object.entries(snapshot)) {
      if (other === undefined || !Object.is(other[column], value))
        differences.push(`${nameOf(snapshot)} ${column}: expected ${value}, found ${other?.[column]}`);
      if (differences.length > 5) return differences;
    }
  }
  return differences;
}
