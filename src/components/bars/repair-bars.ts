/** Repair: an asset recomputed from all its days, compared with what is stored, and only the differences written. */
import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import {
  BAR_ALIGNMENTS,
  type BarAlignment,
  hasBars,
  type Timeframe,
} from '../../domain/calendar/timeframe.js';
import type { BarFacts } from '../../domain/planning/plan.js';
import { rebuildBars } from '../../domain/planning/rebuild.js';
import type { DayColumns } from '../../domain/prices/days.js';
import { nameRejects } from '../../domain/prices/name-rejects.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import { BAR_SHAPE, type BarRow } from '../../storage/bars/bars.js';
import { type BarCarry, readBarCarries, upsertBarCarries } from '../../storage/bars/carry.js';
import {
  DAILY_SHAPE,
  type DailyBarRow,
  deleteDailyState,
  REJECT_SHAPE,
  upsertDailyStates,
} from '../../storage/bars/daily-bars.js';
import {
  type Difference,
  readDifferences,
  type TableShape,
  writeDifferences,
} from '../../storage/copy/differences.js';
import { writeEmaRepair } from '../../storage/emas/emas.js';
import { writeUnjudged } from '../../storage/prices/findings.js';
import { type AssetSeries, alignmentKey, seriesKey } from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';
import { readPrices } from '../../storage/source/prices.js';
import type { Source } from '../../storage/source/source.js';
import { addKeptDays, storeKept } from '../writing/kept-days.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';
import { type JudgedAsset, judgeAsset } from './judge-days.js';

export interface RepairOptions {
  source: Source;
  /** Series of these are built where they are missing; every series that exists is mended. */
  alignments: readonly BarAlignment[];
  tfs: readonly string[] | null;
  tally: WriteTally;
  /** Days that the source does not prove any more go. */
  acceptDeletions: boolean;
}

/** Everything of one asset that differs from what its source days make of it. */
interface Differing {
  daily: Difference<DailyBarRow>[];
  bars: Difference<BarRow>[];
}

/** Mends one asset in the open transaction; returns what became of its days. */
export async function repairBars(tx: Tx, facts: BarFacts, options: RepairOptions): Promise<JudgedAsset> {
  const { id } = facts;
  const { source, tally } = options;
  const rows = (await readPrices(tx, source, { ids: [id], isFromStart: true })).get(id) ?? [];
  const prices = await addKeptDays(tx, facts, { prices: rows, acceptDeletions: options.acceptDeletions });
  const { judged, state, asset } = judgeAsset({ facts, before: null }, prices);
  await storeKept(tx, facts, { kept: judged.kept, tally });
  const expected = await expectSeries(tx, id, { days: asset.days, options });
  const mend = <T extends { id: number }>(shape: TableShape<T>, rows: readonly T[]) =>
    mendTable(tx, shape, { id, rows, tally });
  const daily = await mend(
    DAILY_SHAPE,
    judged.bars.map((bar) => ({ id, bar })),
  );
  const rejects = await mend(
    REJECT_SHAPE,
    judged.rejects.map((reject) => ({ id, reject })),
  );
  const bars = await mend(BAR_SHAPE, expected.bars);
  const carries = [...expected.carries.values()];
  const moved = await upsertBarCarries(tx, carries);
  bookWrites(tally, 'bar_carry', { rows: Array.from({ length: moved }, () => ({ id })), written: moved });
  const written = prices.length === 0 ? await deleteDailyState(tx, id) : await upsertDailyStates(tx, [state]);
  bookWrites(tally, 'cmc_price_bars_1d_state', { rows: [{ id }], written });
  if (daily.length > 0) await writeUnjudged(tx, id);
  await lowerEmas(tx, id, { changedDay: firstChangedDay({ daily, bars }, expected.existing), tally });
  const isNow = (action: string) =>
    rejects.filter(({ expected: now }) => now?.reject.action === action).length;
  const named = nameRejects(rejects.flatMap(({ expected: now }) => (now === null ? [] : [now.reject])));
  return { ...asset, gaps: 0, rejects: isNow('rejected'), repairs: isNow('repaired'), named };
}

interface ExpectedSeries {
  bars: BarRow[];
  /** By alignment: what is stored now and what is to be. */
  carries: Map<BarAlignment, BarCarry>;
  /** Keys of the series that had a state and still have a timeframe. */
  existing: ReadonlySet<string>;
}

async function expectSeries(
  tx: Tx,
  id: number,
  { days, options }: { days: DayColumns | null; options: RepairOptions },
): Promise<ExpectedSeries> {
  const timeframes = (await readTimeframes(tx)).filter(hasBars);
  const stored = await readBarCarries(tx, [id], BAR_ALIGNMENTS);
  const isStored = ({ alignment, tf }: Timeframe) =>
    stored.get(alignmentKey(id, alignment))?.series.has(tf) === true;
  const expected: ExpectedSeries = {
    bars: [],
    carries: new Map(),
    existing: new Set(timeframes.filter(isStored).map(seriesKey)),
  };
  const carryOf = (alignment: BarAlignment): BarCarry => {
    const carry = expected.carries.get(alignment) ?? { id, alignment, series: new Map() };
    expected.carries.set(alignment, carry);
    return carry;
  };
  // What is stored and not expected goes.
  for (const { alignment } of stored.values()) carryOf(alignment);
  if (days === null) return expected;
  const isWanted = (timeframe: Timeframe & { alignment: BarAlignment }) =>
    (options.alignments.includes(timeframe.alignment) && (options.tfs?.includes(timeframe.tf) ?? true)) ||
    isStored(timeframe);
  for (const timeframe of timeframes.filter(isWanted)) {
    const { alignment, tf } = timeframe;
    const step = rebuildBars(timeframe, days);
    for (const bar of step.closed) expected.bars.push({ id, alignment, tf, bar });
    if (step.state !== null) carryOf(alignment).series.set(tf, step.state);
  }
  return expected;
}

/** Makes an asset's rows in one table what they should be and books what that took. */
async function mendTable<T extends { id: number }>(
  tx: Tx,
  shape: TableShape<T>,
  { id, rows, tally }: { id: number; rows: readonly T[]; tally: WriteTally },
): Promise<Difference<T>[]> {
  const differences = await readDifferences(tx, shape, { id, expected: rows });
  const written = await writeDifferences(tx, shape, differences);
  bookWrites(tally, shape.table, { rows: differences.map(() => ({ id })), written });
  return differences;
}

async function lowerEmas(
  tx: Tx,
  id: number,
  { changedDay, tally }: { changedDay: Day | null; tally: WriteTally },
): Promise<void> {
  if (changedDay === null) return;
  const lowered = await writeEmaRepair(tx, id, changedDay);
  bookWrites(tally, 'ema_carry', {
    rows: Array.from({ length: lowered }, () => ({ id })),
    written: lowered,
  });
}

/** Where the cells stand that EMAs are made of. */
const DAILY_CELLS = {
  day: cell(DAILY_SHAPE, 'timestamp'),
  ts: cell(DAILY_SHAPE, 'time_close'),
  close: cell(DAILY_SHAPE, 'close'),
};
const BAR_CELLS = {
  alignment: cell(BAR_SHAPE, 'alignment'),
  tf: cell(BAR_SHAPE, 'tf'),
  day: cell(BAR_SHAPE, 'last_day'),
  close: cell(BAR_SHAPE, 'close'),
};

function cell<T>(shape: TableShape<T>, column: string): number {
  return shape.columns.findIndex(({ name }) => name === column);
}

/**
 * The first day whose EMAs may be others now; null: none, as after a corrected high. A bar that opened again (the day
 * after it is gone) changes its closing day. Series that were built or removed just now have no EMAs to change.
 */
function firstChangedDay({ daily, bars }: Differing, existing: ReadonlySet<string>): Day | null {
  let first = Number.POSITIVE_INFINITY;
  for (const { expected, stored } of daily) {
    const before = stored === null ? null : dayOfUs(stored[DAILY_CELLS.day] as number);
    const after = expected?.bar.day ?? null;
    const isSame =
      before === after &&
      stored?.[DAILY_CELLS.ts] === expected?.bar.timeCloseUs &&
      stored?.[DAILY_CELLS.close] === expected?.bar.close;
    if (!isSame) first = Math.min(first, before ?? first, after ?? first);
  }
  for (const { expected, stored } of bars) {
    const before = stored === null ? null : (stored[BAR_CELLS.day] as Day);
    const after = expected?.bar.lastDay ?? null;
    const isSame = before === after && stored?.[BAR_CELLS.close] === expected?.bar.close;
    if (!isSame && existing.has(seriesKey(seriesOf(expected, stored)))) {
      first = Math.min(first, before ?? first, after ?? first);
    }
  }
  return Number.isFinite(first) ? first : null;
}

function seriesOf(expected: BarRow | null, stored: unknown[] | null): Pick<AssetSeries, 'alignment' | 'tf'> {
  if (expected !== null) return expected;
  return { alignment: stored?.[BAR_CELLS.alignment], tf: stored?.[BAR_CELLS.tf] } as Pick<
    AssetSeries,
    'alignment' | 'tf'
  >;
}
