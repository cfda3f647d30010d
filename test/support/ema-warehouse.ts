/** Assets with EMAs in a test database: built by the kernel and written as the component would. */
import { expect } from 'vitest';
import { type Bar, stepBars } from '../../src/domain/bars/bar.js';
import {
  ALIGNMENTS,
  type Alignment,
  hasBars,
  TIMEFRAMES,
  type Timeframe,
} from '../../src/domain/calendar/timeframe.js';
import { dailyEmas } from '../../src/domain/emas/daily.js';
import { type BarCloses, type EmaSpec, stepEma, stepEmaAsset } from '../../src/domain/emas/series.js';
import type { DayColumns } from '../../src/domain/prices/days.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { writeDailyBars } from '../../src/storage/bars/daily-bars.js';
import { type EmaCarryRow, upsertEmaCarries } from '../../src/storage/emas/ema-states.js';
import { type EmaPointRow, writeEmaPoints } from '../../src/storage/emas/emas.js';
import type { Tx } from '../../src/storage/session/database.js';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './database.js';
import { compareRows, EMA_COLUMNS, type EmaRow, rowsOfPeriod } from './ema-rows.js';
import { judgeHistory } from './histories.js';

/** Closed bars as the kernel takes them. */
export function closesOfBars(bars: readonly Bar[]): BarCloses {
  return {
    length: bars.length,
    barSeq: Int32Array.from(bars, ({ barSeq }) => barSeq),
    day: Int32Array.from(bars, ({ lastDay }) => lastDay),
    close: Float64Array.from(bars, ({ close }) => close),
  };
}

/** One asset whose EMAs have come, in each alignment, up to some row of its 1D bars (0: they have not begun). */
export interface EmaAsset {
  id: number;
  days: DayColumns;
  periods: readonly number[];
  rows: Readonly<Record<Alignment, number>>;
}

/** The same number of rows in every alignment. */
export function sameRows(rows: number): Record<Alignment, number> {
  return Object.fromEntries(ALIGNMENTS.map((alignment) => [alignment, rows])) as Record<Alignment, number>;
}

function firstDays(days: DayColumns, length: number): DayColumns {
  return { ...days, length, day: days.day.subarray(0, length), close: days.close.subarray(0, length) };
}

/** A series with its days and closed bars as known at the watermark of its alignment. */
function seriesOf(
  asset: EmaAsset,
  timeframe: Timeframe,
): { spec: EmaSpec; days: DayColumns; closes: BarCloses } {
  const { alignment, tf, nominalDays } = timeframe;
  const days = firstDays(asset.days, asset.rows[alignment]);
  const closed = hasBars(timeframe) ? stepBars(timeframe, null, days).closed : [];
  return {
    spec: { alignment, tf, tfDays: nominalDays, periods: asset.periods },
    days,
    closes: closesOfBars(closed),
  };
}

/** Writes points of one asset, and what they continue from. */
async function writeEmas(tx: Tx, asset: EmaAsset): Promise<void> {
  const { id, periods } = asset;
  const points: EmaPointRow[] = [];
  const carries = new Map(
    ALIGNMENTS.map((alignment): [Alignment, EmaCarryRow] => {
      const rows = asset.rows[alignment];
      const state = rows > 0 ? stepEmaAsset(null, firstDays(asset.days, rows), periods) : null;
      return [
        alignment,
        { id, alignment, asset: state, repairFrom: null, series: new Map(), lags: new Map() },
      ];
    }),
  );
  for (const timeframe of TIMEFRAMES) {
    const { alignment, tf } = timeframe;
    const { spec, days, closes } = seriesOf(asset, timeframe);
    const step = stepEma(spec, null, { days, closes, before: null });
    for (const point of step.points) points.push({ id, alignment, tf, point });
    if (step.state !== null) carries.get(alignment)?.series.set(tf, step.state);
  }
  await writeEmaPoints(tx, points);
  await upsertEmaCarries(tx, [...carries.values()]);
}

/** Every row that the views must show of an asset, by series, period and day. */
export function expectedRows(asset: EmaAsset): EmaRow[] {
  return TIMEFRAMES.flatMap((timeframe) => {
    const { spec, days, closes } = seriesOf(asset, timeframe);
    const grid = Map.groupBy(dailyEmas(spec, days, closes), ({ period }) => period);
    return [...grid.values()].flatMap((rows) => rowsOfPeriod(asset.id, spec, { days, grid: rows }));
  });
}

export interface EmaWarehouse extends TestDatabase {
  /** Writes days with their EMAs under the next id; without `rows` all alignments have taken in everything. */
  writeAsset(
    prices: readonly DailyPrice[],
    plan: Pick<EmaAsset, 'periods'> & Partial<EmaAsset>,
  ): Promise<EmaAsset>;
  read(sql: string, params?: readonly unknown[]): Promise<unknown[][]>;
  /** Compares the rows of a relation, in its order, with those expected; returns how many values were compared. */
  expectRows(from: string, params: readonly unknown[], expected: readonly EmaRow[]): Promise<number>;
}

/** A test database that is filled with assets and their EMAs, without bars of other timeframes. */
export async function createEmaWarehouse(options: TestDatabaseOptions = {}): Promise<EmaWarehouse> {
  const created = await createTestDatabase(options);
  let lastId = 0;
  const read: EmaWarehouse['read'] = (sql, params = []) =>
    created.database.read((tx) => tx.query(sql, params));
  return {
    ...created,
    read,
    async writeAsset(prices, plan) {
      lastId += 1;
      const { bars, days } = judgeHistory(prices);
      const asset: EmaAsset = { id: lastId, days, rows: sameRows(days.length), ...plan };
      await created.database.transaction(async (tx) => {
        await writeDailyBars(
          tx,
          bars.map((bar) => ({ id: asset.id, bar })),
        );
        await writeEmas(tx, asset);
      });
      return asset;
    },
    async expectRows(from, params, expected) {
      const found = await read(`select ${EMA_COLUMNS.join(', ')} from ${from}`, params);
      const { compared, differences } = compareRows(expected, found);
      expect(differences, from).toEqual([]);
      return compared;
    },
  };
}
