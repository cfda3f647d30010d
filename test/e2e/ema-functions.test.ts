/** The EMA functions and the views of newest values against the plain daily grid, on real PostgreSQL. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatDay } from '../../src/domain/calendar/day.js';
import { ALIGNMENTS, type Alignment, TIMEFRAMES } from '../../src/domain/calendar/timeframe.js';
import { PERIODS } from '../../src/domain/emas/period.js';
import { SERVERS } from '../support/each-server.js';
import { compareRows, EMA_COLUMNS, type EmaRow, inOrder, sourceOf } from '../support/ema-rows.js';
import { createEmaWarehouse, type EmaWarehouse, expectedRows, sameRows } from '../support/ema-warehouse.js';
import { type HistoryShape, judgeHistory, pricesOf } from '../support/histories.js';

const SHAPE: HistoryShape = {
  ...{ seed: 7, firstDay: 16_436, rows: 140, gapRate: 0.1, longestGap: 10 },
  ...{ ties: false, badRate: 0.03, longestChunk: 7 },
};
const MANY_PERIODS = [1, 2, 3, 5, 9, 14];

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: EmaWarehouse;

  beforeAll(async () => {
    warehouse = await createEmaWarehouse(options);
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  test('ema_series gives one series from one day to another, both included', async () => {
    const asset = await warehouse.writeAsset(pricesOf(SHAPE), { periods: MANY_PERIODS, rows: sameRows(130) });
    const rows = expectedRows(asset);
    const days = fc.constantFrom(null, ...Array.from(asset.days.day), 16_400, 30_000);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...rows.filter(({ roll }) => roll)),
        days,
        days,
        async ({ alignment, tf, period }, from, to) => {
          const ofSeries = rows.filter(
            (row) =>
              row.alignment === alignment &&
              row.tf === tf &&
              row.period === period &&
              row.day >= (from ?? row.day) &&
              row.day <= (to ?? row.day),
          );
          const dates = [from, to].map((day) => (day === null ? null : formatDay(day)));
          await warehouse.expectRows(
            'ema_series($1, $2, $3, $4, $5, $6)',
            [asset.id, tf, period, ...dates, sourceOf(alignment)],
            ofSeries,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  test('emas_between gives every series from one day to another, both included', async () => {
    const asset = await warehouse.writeAsset(pricesOf(SHAPE), { periods: MANY_PERIODS, rows: sameRows(130) });
    const rows = inOrder(expectedRows(asset));
    const days = fc.constantFrom(null, ...Array.from(asset.days.day), 16_400, 30_000);
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(days, days, async (from, to) => {
        compared += await warehouse.expectRows(
          `emas_between($2, $3) where id = $1 order by alignment_source collate "C", tf, period, ts`,
          [asset.id, ...[from, to].map((day) => (day === null ? null : formatDay(day)))],
          rows.filter(({ day }) => day >= (from ?? day) && day <= (to ?? day)),
        );
      }),
      { numRuns: 12 },
    );
    expect(compared).toBeGreaterThan(10_000);
  });

  test('ema_series takes the alignment from the name of the timeframe, whatever the search path is', async () => {
    const asset = await warehouse.writeAsset(pricesOf(SHAPE), { periods: [2] });
    const rows = expectedRows(asset);
    const names: [tf: string, alignment: Alignment][] = [
      ['7D', 'multi_tf'],
      ['1W_CAL_US', 'cal_us'],
      ['1W_CAL_ISO', 'cal_iso'],
      ['1M_CAL', 'cal_us'],
      ['1M_CAL_ANCHOR', 'cal_anchor_us'],
      ['1W_CAL_ANCHOR_US', 'cal_anchor_us'],
      ['1W_CAL_ANCHOR_ISO', 'cal_anchor_iso'],
    ];
    const { schema } = warehouse.database;
    for (const [tf, alignment] of names) {
      const found = await warehouse.database.read(async (tx) => {
        await tx.execute('set local search_path = pg_catalog');
        return tx.query(`select ${EMA_COLUMNS.join()} from ${schema}.ema_series($1, $2, 2)`, [asset.id, tf]);
      });
      const ofSeries = rows.filter((row) => row.alignment === alignment && row.tf === tf);
      expect(ofSeries.length).toBeGreaterThan(0);
      expect(compareRows(ofSeries, found).differences).toEqual([]);
    }
    await expect(
      warehouse.read(`select 1 from ema_series($1, '7D', 2, alignment => 'lunar')`, [asset.id]),
    ).rejects.toThrow('lunar');
  });

  /** Cells of ema_latest for the rows that are each series' last up to a day. */
  function latestOf(rows: readonly EmaRow[], day: number): Map<string, EmaRow> {
    const latest = new Map<string, EmaRow>();
    for (const row of rows) if (row.day <= day) latest.set(`${row.alignment} ${row.tf} ${row.period}`, row);
    return latest;
  }

  async function expectLatest(
    from: string,
    params: readonly unknown[],
    expected: Map<string, EmaRow>,
  ): Promise<void> {
    const found = await warehouse.read(
      `select alignment::text, tf, period, ts, roll, ema, ema_bar from ${from}`,
      params,
    );
    expect(found.length).toBe(expected.size);
    for (const [alignment, tf, period, ts, roll, ema, emaBar] of found) {
      const where = `${alignment} ${tf} ${period}`;
      const row = expected.get(where);
      expect([ts, roll], where).toEqual([row?.tsUs, row?.roll]);
      expect(Math.abs(Number(ema) - Number(row?.ema)), where).toBeLessThanOrEqual(1e-12 * Number(row?.ema));
      if (row?.isStored) expect(ema, where).toBe(row.ema);
      expect(emaBar, where).toBe(row?.emaBar);
    }
  }

  test('ema_latest has the newest row of every series', async () => {
    const { length } = judgeHistory(pricesOf(SHAPE)).days;
    for (const rows of [length, length - 1, 112, 84, 3]) {
      const asset = await warehouse.writeAsset(pricesOf(SHAPE), {
        periods: MANY_PERIODS,
        rows: sameRows(rows),
      });
      await expectLatest('ema_latest where id = $1', [asset.id], latestOf(expectedRows(asset), 30_000));
    }
  });

  test('ema_asof has the row of every series on the newest day up to the given one', async () => {
    const asset = await warehouse.writeAsset(pricesOf(SHAPE), {
      periods: MANY_PERIODS,
      rows: { ...sameRows(120), v2: 90 },
    });
    const rows = expectedRows(asset);
    const days = [...asset.days.day.subarray(0, 125)].filter((_, index) => index % 6 === 0);
    for (const day of [16_000, ...days, (days.at(-1) ?? 0) + 1, 30_000]) {
      // Of each alignment its newest day counts, also where another has come further.
      const known = ALIGNMENTS.flatMap((alignment) => {
        const last = asset.days.day.subarray(0, asset.rows[alignment]).findLast((other) => other <= day);
        return rows.filter((row) => row.alignment === alignment && row.day === last);
      });
      await expectLatest('ema_asof($2) where id = $1', [asset.id, formatDay(day)], latestOf(known, day));
    }
  });

  test('ema_alpha_lookup has both weights of every timeframe and period', async () => {
    const rows = await warehouse.read(
      'select tf, period, tf_days_nominal, alpha_bar, alpha_ema_dailyspace from ema_alpha_lookup',
    );
    const names = new Map(TIMEFRAMES.map(({ tf, nominalDays }) => [tf, nominalDays]));
    expect(rows).toHaveLength(names.size * PERIODS.length);
    for (const [tf, period, tfDays, alphaBar, alphaDaily] of rows) {
      expect(tfDays).toBe(names.get(String(tf)));
      expect([alphaBar, alphaDaily]).toEqual([
        2 / (Number(period) + 1),
        2 / (Number(period) * Number(tfDays) + 1),
      ]);
    }
  });
});
