/** The law of the EMAs, and the kernel against the plain daily grid. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bar, type BarState, stepBars } from '../../src/domain/bars/bar.js';
import { hasBars, TIMEFRAMES, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { type DailyEma, dailyEmas } from '../../src/domain/emas/daily.js';
import {
  type BarCloses,
  checkpointRows,
  type EmaAssetState,
  type EmaPoint,
  type EmaSpec,
  type EmaState,
  isEveryDay,
  stepEma,
  stepEmaAsset,
} from '../../src/domain/emas/series.js';
import { columnsOfBars, type DayColumns } from '../../src/domain/prices/days.js';
import { closesOfBars } from '../support/ema-warehouse.js';
import { chunksOf, type HistoryShape, historyShapes, judgeHistory, pricesOf } from '../support/histories.js';
import { tally } from '../support/tally.js';

/** Short periods, so that several begin within a short history; rising, without repetition. */
const periodLists = fc
  .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 })
  .map((periods) => periods.sort((a, b) => a - b));

/** Mostly short; a few, in long chunks, in which even the bars of 7300 days close. */
const shapes = fc.oneof(
  { weight: 39, arbitrary: historyShapes(fc.integer({ min: 1, max: 200 })) },
  {
    weight: 1,
    arbitrary: historyShapes(fc.integer({ min: 7300, max: 7600 })).map((shape) => ({
      ...shape,
      longestChunk: 999,
    })),
  },
);

function specOf({ alignment, tf, nominalDays }: Timeframe, periods: readonly number[]): EmaSpec {
  return { alignment, tf, tfDays: nominalDays, periods };
}

/** The accepted days as runs see them: cut where chunks of source rows end. */
function runsOf(shape: HistoryShape, days: DayColumns): DayColumns[] {
  const { bars } = judgeHistory(pricesOf(shape));
  const ends = chunksOf(pricesOf(shape), shape).map((chunk) => chunk.at(-1)?.timestampUs ?? 0);
  const runs: DayColumns[] = [];
  let from = 0;
  for (const end of ends) {
    let to = from;
    while (to < bars.length && (bars[to]?.timestampUs ?? end) <= end) to += 1;
    if (to > from) runs.push(columnsOfBars(bars.slice(from, to), days.assetFirstDay));
    from = to;
  }
  return runs;
}

interface Built {
  points: EmaPoint[];
  state: EmaState | null;
  /** Bars that closed on the watermark of an earlier run. */
  late: number;
}

/** One series over the runs, bars and EMAs step by step. */
function build(timeframe: Timeframe, periods: readonly number[], runs: readonly DayColumns[]): Built {
  const spec = specOf(timeframe, periods);
  let barState: BarState | null = null;
  let before: EmaAssetState | null = null;
  const built: Built = { points: [], state: null, late: 0 };
  for (const days of runs) {
    let closed: Bar[] = [];
    if (hasBars(timeframe)) {
      const step = stepBars(timeframe, barState, days);
      barState = step.state;
      closed = step.closed;
    }
    if (before !== null && closed[0]?.lastDay === before.watermarkDay) built.late += 1;
    const step = stepEma(spec, built.state, { days, closes: closesOfBars(closed), before });
    before = stepEmaAsset(before, days, periods);
    built.state = step.state;
    for (const point of step.points) built.points.push(point);
  }
  return built;
}

/** Values compared, by Object.is, in this file. */
let compared = 0;

/** Where two values differ, as a path with both values; null: nowhere. */
function differenceOf(expected: unknown, actual: unknown): string | null {
  if (typeof expected !== 'object' || expected === null) {
    compared += 1;
    return Object.is(expected, actual) ? null : `: expected ${expected}, got ${actual}`;
  }
  if (expected instanceof Float64Array && actual instanceof Float64Array) {
    if (expected.length !== actual.length)
      return `: expected ${expected.length} values, got ${actual.length}`;
    compared += expected.length;
    const index = expected.findIndex((value, at) => !Object.is(value, actual[at]));
    return index < 0 ? null : `[${index}]: expected ${expected[index]}, got ${actual[index]}`;
  }
  for (const [key, value] of Object.entries(expected)) {
    const difference = differenceOf(value, (actual as Record<string, unknown> | null)?.[key]);
    if (difference !== null) return `.${key}${difference}`;
  }
  return null;
}

function expectSame(where: string, expected: unknown, actual: unknown): void {
  const difference = differenceOf(expected, actual);
  if (difference !== null) throw new Error(`${where}${difference}`);
}

function expectSameBuild(where: string, expected: Built, actual: Built): void {
  expectSame(`${where} points`, expected.points.length, actual.points.length);
  for (const [index, point] of expected.points.entries()) {
    const difference = differenceOf(point, actual.points[index]);
    if (difference !== null) throw new Error(`${where} point ${point.barSeq}${difference}`);
  }
  expectSame(`${where} state`, expected.state, actual.state);
  if (expected.state === null) expectSame(`${where} state`, null, actual.state);
}

test('500 histories, every series: appending in random chunks gives the points and states of a rebuild, bit for bit', () => {
  compared = 0;
  let points = 0;
  let late = 0;
  const seen = new Set<string>();
  const startedMs = performance.now();
  fc.assert(
    fc.property(shapes, periodLists, (shape, periods) => {
      const { days } = judgeHistory(pricesOf(shape));
      if (days.length === 0) return;
      const runs = runsOf(shape, days);
      expect(runs.reduce((total, run) => total + run.length, 0)).toBe(days.length);
      for (const timeframe of TIMEFRAMES) {
        const where = `${timeframe.alignment} ${timeframe.tf} ${periods}`;
        const rebuilt = build(timeframe, periods, [days]);
        const appended = build(timeframe, periods, runs);
        expectSameBuild(where, rebuilt, appended);
        points += rebuilt.points.length;
        late += appended.late;
        if (rebuilt.points.length > 0) seen.add(`${timeframe.alignment} ${timeframe.tf}`);
      }
    }),
    { numRuns: 500 },
  );
  tally('histories', 500);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `append equals rebuild: ${points} points of ${seen.size} series, ${late} bars closed late, ` +
      `${compared} values compared in ${seconds} s`,
  );
  expect(late).toBeGreaterThan(100);
});

/** Rows of the grid by day and period. */
function rowsByKey(rows: readonly DailyEma[]): Map<string, DailyEma> {
  return new Map(rows.map((row) => [`${row.day} ${row.period}`, row]));
}

/** Whether the kernel stores a point for a row of the grid. */
function isStored(spec: EmaSpec, row: DailyEma, rowNumber: number): boolean {
  if (spec.alignment !== 'v2') return !row.roll;
  return (
    rowNumber % checkpointRows(spec.tfDays) === 0 || spec.periods.some((p) => p * spec.tfDays === rowNumber)
  );
}

function expectGrid(spec: EmaSpec, days: DayColumns, closes: BarCloses): void {
  const where = `${spec.alignment} ${spec.tf} ${spec.periods}`;
  const { points, state } = stepEma(spec, null, { days, closes, before: null });
  const grid = dailyEmas(spec, days, closes);
  const rows = rowsByKey(grid);
  const rowNumbers = new Map(Array.from(days.day, (day, index) => [day, index + 1]));
  let stored = 0;
  for (const { day, ema, emaBar } of points) {
    stored += ema.length;
    for (const [k, value] of ema.entries()) {
      const row = rows.get(`${day} ${spec.periods[k]}`);
      expectSame(`${where} day ${day}`, row?.ema, value);
      if (spec.alignment !== 'v2') expectSame(`${where} day ${day} bar`, row?.emaBar, (emaBar ?? ema)[k]);
    }
  }
  const expected = grid.filter((row) => isStored(spec, row, rowNumbers.get(row.day) ?? 0)).length;
  expectSame(`${where} values stored`, expected, stored);

  const last = days.day[days.length - 1] ?? 0;
  const newest = spec.periods.flatMap((period) => rows.get(`${last} ${period}`) ?? []);
  expectSame(
    `${where} state`,
    Float64Array.from(newest, (row) => row.ema),
    state?.ema ?? new Float64Array(0),
  );
  const lastClose = state?.lastCloseDay ?? 0;
  const closing =
    spec.alignment === 'v2' ? [] : spec.periods.flatMap((p) => rows.get(`${lastClose} ${p}`) ?? []);
  const emaBars = Float64Array.from(closing, (row) => row.emaBar ?? Number.NaN);
  expectSame(`${where} state bar`, emaBars, state?.emaBar ?? new Float64Array(0));
}

test('60 histories, every series: points and states are those of the daily grid, bit for bit', () => {
  compared = 0;
  fc.assert(
    fc.property(historyShapes(fc.integer({ min: 1, max: 400 })), periodLists, (shape, periods) => {
      const { days } = judgeHistory(pricesOf(shape));
      for (const timeframe of TIMEFRAMES) {
        const closed = hasBars(timeframe) ? stepBars(timeframe, null, days).closed : [];
        expectGrid(specOf(timeframe, periods), days, closesOfBars(closed));
      }
    }),
    { numRuns: 60 },
  );
  tally('histories', 60);
  console.log(`kernel equals grid: ${compared} values compared`);
});

test('multi_tf 1D, its ema_bar and v2 1D are the same numbers', () => {
  fc.assert(
    fc.property(historyShapes(fc.integer({ min: 1, max: 300 })), periodLists, (shape, periods) => {
      const { days } = judgeHistory(pricesOf(shape));
      const none = closesOfBars([]);
      const daily: EmaSpec = { alignment: 'multi_tf', tf: '1D', tfDays: 1, periods };
      expect(isEveryDay(daily)).toBe(true);
      const grid = dailyEmas(daily, days, none);
      const v2 = dailyEmas({ ...daily, alignment: 'v2' }, days, none);
      expectSame(
        '1D',
        grid.map(({ ema }) => ema),
        v2.map(({ ema }) => ema),
      );
      expectSame(
        '1D bar',
        grid.map(({ ema }) => ema),
        grid.map(({ emaBar }) => emaBar),
      );
    }),
    { numRuns: 100 },
  );
  tally('histories', 100);
});
