/** Views against the kernel: all that they show of one asset, computed plainly from its 1D bars. */
import { expect } from 'vitest';
import { readStoredDays } from '../../../src/components/expected/daily-facts.js';
import { readStoredAsset } from '../../../src/components/expected/stored-asset.js';
import { stepBars } from '../../../src/domain/bars/bar.js';
import type { Day } from '../../../src/domain/calendar/day.js';
import {
  type Alignment,
  hasBars,
  parseTimeframe,
  type Timeframe,
} from '../../../src/domain/calendar/timeframe.js';
import { dailyEmas } from '../../../src/domain/emas/daily.js';
import { daysUpTo } from '../../../src/domain/planning/rebuild.js';
import type { DayColumns } from '../../../src/domain/prices/days.js';
import type { Database, Tx } from '../../../src/storage/session/database.js';
import { compareRows, EMA_COLUMNS, type EmaRow, inOrder, rowsOfPeriod } from '../ema-rows.js';
import { closesOfBars } from '../ema-warehouse.js';
import { differencesOf, readSnapshots, snapshotsOf } from '../snapshots.js';

/** Compares every row of price_bars_daily and cmc_ema_multi_tf_u of one asset; returns how many rows. */
export function expectViewsAsKernel(database: Database, id: number): Promise<number> {
  return database.read(async (tx) => {
    const { days } = readStoredDays(await readStoredAsset(tx, id));
    const bars = await compareBars(tx, id, days);
    return bars + (await compareEmas(tx, id, days));
  });
}

async function compareBars(tx: Tx, id: number, days: DayColumns | null): Promise<number> {
  const series = await tx.query<[Alignment, string, Day]>(
    `select s.alignment::text, s.tf, s.watermark_day from price_bars_state s
     join dim_timeframe t on t.alignment = s.alignment and t.tf = s.tf where s.id = $1`,
    [id],
  );
  const expected = series.flatMap(([alignment, tf, watermark]) =>
    days === null ? [] : snapshotsOf(id, parseTimeframe(alignment, tf), daysUpTo(days, watermark)),
  );
  // A series whose timeframe was removed is there until a run of its family comes by.
  const names = new Set(series.map(([alignment, tf]) => `${alignment} ${tf}`));
  const found = (await readSnapshots(tx, 'price_bars_daily where id = $1', [id])).filter(
    ({ alignment, tf }) => names.has(`${alignment} ${tf}`),
  );
  expect(differencesOf(expected, found), `price_bars_daily of ${id}`).toEqual([]);
  return found.length;
}

/** How far the EMAs of a series have come. */
interface EmaSeries {
  timeframe: Timeframe;
  periods: number[];
  watermark: Day;
  /** Changes of its bars are known, and it shows only what lies before them. */
  isLowered: boolean;
}

async function compareEmas(tx: Tx, id: number, days: DayColumns | null): Promise<number> {
  const series = await tx.query<[Alignment, string, number[], Day, boolean]>(
    `select s.alignment::text, t.tf, s.periods, least(s.watermark_day, l.watermark_day), s.repair_from is not null
     from ema_asset_state s
     join dim_timeframe t on t.alignment = s.alignment
     left join ema_series_lag l on l.id = s.id and l.alignment = s.alignment and l.tf = t.tf
     where s.id = $1 and exists (
       select from ema_points p where p.id = s.id and p.alignment = s.alignment and p.tf = t.tf)`,
    [id],
  );
  const expected = series.flatMap(([alignment, tf, periods, watermark, isLowered]) =>
    days === null
      ? []
      : expectedEmas(id, { timeframe: parseTimeframe(alignment, tf), periods, watermark, isLowered }, days),
  );
  const found = await tx.query(
    `select ${EMA_COLUMNS.join(', ')} from cmc_ema_multi_tf_u where id = $1
     order by alignment_source collate "C", tf, period, ts`,
    [id],
  );
  expect(compareRows(inOrder(expected), found).differences, `cmc_ema_multi_tf_u of ${id}`).toEqual([]);
  return found.length;
}

function expectedEmas(
  id: number,
  { timeframe, periods, watermark, isLowered }: EmaSeries,
  all: DayColumns,
): EmaRow[] {
  const { alignment, tf, nominalDays } = timeframe;
  const days = daysUpTo(all, watermark);
  // Below a lowered watermark nothing has changed: a bar that a later day closed is closed there too.
  const closed = hasBars(timeframe) ? stepBars(timeframe, null, isLowered ? all : days).closed : [];
  const closes = closesOfBars(closed.filter(({ lastDay }) => lastDay <= watermark));
  const spec = { alignment, tf, tfDays: nominalDays, periods };
  const grid = Map.groupBy(dailyEmas(spec, days, closes), ({ period }) => period);
  return [...grid.values()].flatMap((rows) => rowsOfPeriod(id, spec, { days, grid: rows }));
}
