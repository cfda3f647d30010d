/** The EMA views against the plain daily grid, on real PostgreSQL (semantics.md §5). */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stepBars } from '../../src/domain/bars/bar.js';
import { formatDay } from '../../src/domain/calendar/day.js';
import { ALIGNMENTS, type Alignment, hasBars, TIMEFRAMES } from '../../src/domain/calendar/timeframe.js';
import { PERIODS } from '../../src/domain/emas/period.js';
import { SERVERS } from '../support/each-server.js';
import { compareRows, EMA_COLUMNS, inOrder, viewOf } from '../support/ema-rows.js';
import {
  createEmaWarehouse,
  type EmaAsset,
  type EmaWarehouse,
  expectedRows,
  sameRows,
} from '../support/ema-warehouse.js';
import { type HistoryShape, historyShapes, judgeHistory, pricesOf } from '../support/histories.js';

const SHAPE: HistoryShape = {
  ...{ seed: 7, firstDay: 16_436, rows: 140, gapRate: 0.1, longestGap: 10 },
  ...{ ties: false, badRate: 0.03, longestChunk: 7 },
};
const MANY_PERIODS = [1, 2, 3, 5, 9, 14];

/** How far each alignment has come: anything from nothing to the newest row, several at the newest. */
const progress = fc.record(
  Object.fromEntries(
    ALIGNMENTS.map((alignment) => [alignment, fc.constantFrom(1, 1, 0.9, 0.5, 0)]),
  ) as Record<Alignment, fc.Arbitrary<number>>,
);
const periodLists = fc
  .uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })
  .map((periods) => periods.sort((a, b) => a - b));

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: EmaWarehouse;

  beforeAll(async () => {
    warehouse = await createEmaWarehouse(options);
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  async function expectViews(asset: EmaAsset): Promise<number> {
    const rows = inOrder(expectedRows(asset));
    const order = 'order by tf, period, ts';
    let compared = await warehouse.expectRows(
      `cmc_ema_multi_tf_u where id = $1 order by alignment_source collate "C", tf, period, ts`,
      [asset.id],
      rows,
    );
    for (const alignment of ALIGNMENTS) {
      const ofView = rows.filter((row) => row.alignment === alignment);
      compared += await warehouse.expectRows(
        `${viewOf(alignment)} where id = $1 ${order}`,
        [asset.id],
        ofView,
      );
    }
    return compared;
  }

  test('every row of every view is that of the daily grid as of the watermark of its alignment', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        historyShapes(fc.integer({ min: 1, max: 130 })),
        periodLists,
        progress,
        async (shape, periods, parts) => {
          const { days } = judgeHistory(pricesOf(shape));
          const rows = Object.fromEntries(
            ALIGNMENTS.map((alignment) => [alignment, Math.floor(days.length * parts[alignment])]),
          ) as EmaAsset['rows'];
          compared += await expectViews(await warehouse.writeAsset(pricesOf(shape), { periods, rows }));
        },
      ),
      { numRuns: 15 },
    );
    expect(compared).toBeGreaterThan(0);
  });

  test('stored values come back bit for bit, the others within 1e-14, with all periods over 400 days', async () => {
    const asset = await warehouse.writeAsset(pricesOf({ ...SHAPE, rows: 400 }), { periods: PERIODS });
    const { compared, deviation, differences } = compareRows(
      inOrder(expectedRows(asset)),
      await warehouse.read(
        `select ${EMA_COLUMNS.join()} from cmc_ema_multi_tf_u where id = $1 order by alignment_source collate "C", tf, period, ts`,
        [asset.id],
      ),
    );
    console.log(`${compared} values compared, largest deviation ${deviation}`);
    expect(differences).toEqual([]);
    expect(deviation).toBeLessThan(1e-14);
  });

  test('1D bars beyond the watermark change nothing, and without a watermark nothing is shown', async () => {
    const asset = await warehouse.writeAsset(pricesOf(SHAPE), { periods: MANY_PERIODS, rows: sameRows(100) });
    expect(await expectViews(asset)).toBeGreaterThan(0);
    await warehouse.database.transaction((tx) =>
      tx.execute(`update ema_carry set watermark_day = null where id = $1 and alignment = 'cal_iso'`, [
        asset.id,
      ]),
    );
    await expectViews({ ...asset, rows: { ...asset.rows, cal_iso: 0 } });
    expect(
      await warehouse.read('select 1 from ema_latest where id = $1 and alignment = $2', [
        asset.id,
        'cal_iso',
      ]),
    ).toEqual([]);
  });

  test('a day on which a bar closed late is a closing day once its alignment knows it, and not before', async () => {
    const { days } = judgeHistory(pricesOf(SHAPE));
    const late = TIMEFRAMES.filter(hasBars).flatMap((timeframe) =>
      stepBars(timeframe, null, days)
        .closed.filter((bar) => bar.countDaysRemaining > 0)
        .map(({ lastDay }) => ({ ...timeframe, lastDay })),
    );
    const lastDay = late[0]?.lastDay ?? 0;
    const closing = late.filter((series) => series.lastDay === lastDay);
    expect(closing.length).toBeGreaterThan(0);
    const row = days.day.indexOf(lastDay);
    for (const [rows, roll] of [
      [row + 1, true],
      [row + 2, false],
    ] as const) {
      const asset = await warehouse.writeAsset(pricesOf(SHAPE), { periods: [1], rows: sameRows(rows) });
      for (const { alignment, tf } of closing) {
        const found = await warehouse.read(
          `select roll from ${viewOf(alignment)} where id = $1 and tf = $2 and ts::date = $3`,
          [...[asset.id, tf, formatDay(lastDay)]],
        );
        // Without the close a series may have no value yet.
        expect(found).toEqual(roll && found.length === 0 ? [] : [[roll]]);
      }
    }
  });
});
