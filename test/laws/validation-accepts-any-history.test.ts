/** The validation has nothing against what the kernel makes, whatever the history; and the kernel's own rules are not its. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepBars } from '../../src/domain/bars/bar.js';
import { hasBars, parseTimeframe, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { type EmaAssetState, type EmaState, stepEma, stepEmaAsset } from '../../src/domain/emas/series.js';
import { type StoredSeries, validateAsset } from '../../src/domain/validation/validate-asset.js';
import { historyShapes, judgeHistory, pricesOf } from '../support/histories.js';

const TIMEFRAMES: readonly Timeframe[] = [
  ...['1D', '2D', '3D', '7D', '30D', '7300D'].map((tf) => parseTimeframe('multi_tf', tf)),
  ...['1W_CAL_US', '3W_CAL_US', '1M_CAL', '3M_CAL', '1Y_CAL'].map((tf) => parseTimeframe('cal_us', tf)),
  ...['1W_CAL_ISO', '2M_CAL', '2Y_CAL'].map((tf) => parseTimeframe('cal_iso', tf)),
  ...['2W_CAL_ANCHOR_US', '1M_CAL_ANCHOR'].map((tf) => parseTimeframe('cal_anchor_us', tf)),
  ...['1W_CAL_ANCHOR_ISO', '9M_CAL_ANCHOR', '3Y_CAL_ANCHOR'].map((tf) =>
    parseTimeframe('cal_anchor_iso', tf),
  ),
  ...['1D', '2D', '30D'].map((tf) => parseTimeframe('v2', tf)),
];
const PERIODS = [2, 6, 21, 100];

function columnsOf<T>(rows: readonly T[], get: (row: T) => number): { int: Int32Array; float: Float64Array } {
  return { int: Int32Array.from(rows, get), float: Float64Array.from(rows, get) };
}

/** Everything that a first build stores of a history. */
function storedOf(days: ReturnType<typeof judgeHistory>['days']): StoredSeries {
  const asset: EmaAssetState = stepEmaAsset(null, days, PERIODS);
  const watermark = {
    day: asset.watermarkDay,
    tsUs: asset.watermarkTsUs,
    repairFrom: null,
    periods: PERIODS,
  };
  const stored = {
    days: { ...days, barSeq: Int32Array.from({ length: days.length }, (_, index) => index + 1) },
    ...{ bars: new Map(), barDays: new Map(), points: new Map(), carries: new Map(), lags: new Map() },
    watermarks: new Map(TIMEFRAMES.map(({ alignment }) => [alignment, watermark])),
  } satisfies StoredSeries;
  for (const timeframe of TIMEFRAMES) {
    const { alignment, tf, nominalDays: tfDays } = timeframe;
    const { state, closed } = hasBars(timeframe)
      ? stepBars(timeframe, null, days)
      : { state: null, closed: [] };
    stored.bars.set(`${alignment} ${tf}`, closed);
    if (state !== null) stored.barDays.set(`${alignment} ${tf}`, state.watermarkDay);
    const closes = {
      length: closed.length,
      barSeq: columnsOf(closed, ({ barSeq }) => barSeq).int,
      day: columnsOf(closed, ({ lastDay }) => lastDay).int,
      close: columnsOf(closed, ({ close }) => close).float,
    };
    const emas = stepEma({ alignment, tf, tfDays, periods: PERIODS }, null, { days, closes, before: null });
    stored.points.set(`${alignment} ${tf}`, emas.points);
    if (emas.state !== null) stored.carries.set(`${alignment} ${tf}`, valuesOf(emas.state, alignment));
  }
  return stored;
}

function valuesOf({ ema, emaBar }: EmaState, alignment: string) {
  return { ema, emaBar: alignment === 'v2' ? null : emaBar };
}

test('no history gives a finding', () => {
  let bars = 0;
  let points = 0;
  fc.assert(
    fc.property(historyShapes(fc.constantFrom(1, 5, 40, 400, 2500)), (shape) => {
      const { days } = judgeHistory(pricesOf(shape));
      fc.pre(days.length > 0);
      const stored = storedOf(days);
      expect(validateAsset(stored, TIMEFRAMES)).toEqual([]);
      for (const rows of stored.bars.values()) bars += rows.length;
      for (const rows of stored.points.values()) points += rows.length;
    }),
    { numRuns: 150, seed: 20_261_124 },
  );
  expect(bars).toBeGreaterThan(100_000);
  expect(points).toBeGreaterThan(100_000);
});

test('a value that leaves its inputs by a millionth is found, in every kind of series', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.constantFrom(
        'multi_tf 7D',
        'multi_tf 1D',
        'cal_iso 1W_CAL_ISO',
        'cal_anchor_us 1M_CAL_ANCHOR',
        'v2 2D',
      ),
      fc.boolean(),
      (seed, key, isBelow) => {
        const shape = { seed, firstDay: 18_000, rows: 400, gapRate: 0, longestGap: 1, ties: false };
        const { days } = judgeHistory(pricesOf({ ...shape, badRate: 0, longestChunk: 30 }));
        const stored = storedOf(days);
        const points = stored.points.get(key) ?? [];
        const at = seed % points.length;
        const closes = days.close.subarray(0, days.length);
        const value = isBelow ? Math.min(...closes) * (1 - 1e-6) : Math.max(...closes) * (1 + 1e-6);
        const damaged = points.map((point, index) =>
          index === at ? { ...point, ema: point.ema.map((each, k) => (k === 0 ? value : each)) } : point,
        );
        const found = validateAsset(
          { ...stored, points: new Map(stored.points).set(key, damaged) },
          TIMEFRAMES,
        );
        expect(found).toMatchObject([
          { violation: 'ema_out_of_range', period: PERIODS[0], barSeq: points[at]?.barSeq },
        ]);
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});
