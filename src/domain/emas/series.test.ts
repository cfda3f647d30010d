import { describe, expect, test } from 'vitest';
import { type DailyEma, dailyEmas } from './daily.js';
import {
  type BarCloses,
  type CloseColumns,
  checkpointRows,
  type EmaAssetState,
  type EmaSpec,
  KERNEL_VERSION,
  stepEma,
  stepEmaAsset,
} from './series.js';

// semantics.md §6: closes of 14 days, timeframe 3D, p = 2.
const CLOSES = [10, 11, 12, 11, 13, 14, 13, 15, 16, 18, 17, 19, 20, 18];
const SPEC: EmaSpec = { alignment: 'multi_tf', tf: '3D', tfDays: 3, periods: [2] };
const V2: EmaSpec = { ...SPEC, alignment: 'v2' };
const NONE = closesOf([]);

function daysOf(from: number, to: number): CloseColumns & { timeCloseUs: Float64Array } {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return {
    length: numbers.length,
    firstBarSeq: from,
    day: Int32Array.from(numbers),
    close: Float64Array.from(numbers, (number) => CLOSES[number - 1] ?? Number.NaN),
    timeCloseUs: Float64Array.from(numbers, (number) => number * 1e6),
  };
}

function closesOf(bars: readonly [barSeq: number, day: number][]): BarCloses {
  return {
    length: bars.length,
    barSeq: Int32Array.from(bars, ([barSeq]) => barSeq),
    day: Int32Array.from(bars, ([, day]) => day),
    close: Float64Array.from(bars, ([, day]) => CLOSES[day - 1] ?? Number.NaN),
  };
}

const ALL_DAYS = daysOf(1, 14);
const ALL_CLOSES = closesOf([
  [1, 3],
  [2, 6],
  [3, 9],
  [4, 12],
]);

describe('the worked example', () => {
  const rows: [day: number, roll: boolean, emaBar: number, ema: number, v2: number][] = [
    [6, false, 13, 13, 11.833333333333334],
    [7, true, 13, 13, 12.166666666666666],
    [8, true, 14.333333333333334, 13.571428571428573, 12.976190476190474],
    [9, false, 15, 14.265306122448981, 13.840136054421768],
    [10, true, 17, 15.332361516034986, 15.028668610301262],
    [11, true, 16.333333333333332, 15.808829654310703, 15.591906150215188],
    [12, false, 17.666666666666668, 16.72059261022193, 16.565647250153706],
    [13, true, 19.22222222222222, 17.657566150158523, 17.546890892966932],
    [14, true, 17.88888888888889, 17.755404392970373, 17.676350637833522],
  ];

  test('is the daily grid, to the last bit', () => {
    const expected = rows.map(
      ([day, roll, emaBar, ema]): DailyEma => ({ day, period: 2, roll, ema, emaBar }),
    );
    expect(dailyEmas(SPEC, ALL_DAYS, ALL_CLOSES)).toEqual(expected);
  });

  test('is the daily grid of v2, to the last bit', () => {
    const expected = rows.map(
      ([day, roll, , , ema]): DailyEma => ({ day, period: 2, roll, ema, emaBar: null }),
    );
    expect(dailyEmas(V2, ALL_DAYS, NONE)).toEqual(expected);
  });

  test('is what the kernel stores on closing days and carries', () => {
    const { points, state } = stepEma(SPEC, null, { days: ALL_DAYS, closes: ALL_CLOSES, before: null });
    expect(points).toEqual(
      rows
        .filter(([, roll]) => !roll)
        .map(([day, , emaBar, ema]) => ({
          barSeq: day / 3,
          day,
          ema: Float64Array.of(ema),
          emaBar: Float64Array.of(emaBar),
        })),
    );
    expect(state).toEqual({
      inputCount: 4,
      barSeq: 4,
      lastCloseDay: 12,
      closeSum: 12 + 14 + 16 + 19,
      ema: Float64Array.of(17.755404392970373),
      emaBar: Float64Array.of(17.666666666666668),
    });
  });

  test('is what the kernel carries in v2; the row where the period begins is a point', () => {
    const { points, state } = stepEma(V2, null, { days: ALL_DAYS, closes: NONE, before: null });
    expect(points).toEqual([{ barSeq: 2, day: 6, ema: Float64Array.of(11.833333333333334), emaBar: null }]);
    expect(state).toEqual({
      inputCount: 14,
      barSeq: 2,
      lastCloseDay: 6,
      closeSum: 0,
      ema: Float64Array.of(17.676350637833522),
      emaBar: new Float64Array(0),
    });
  });
});

describe('stepEma', () => {
  const before = stepEmaAsset(null, daysOf(1, 9), [2]);

  test('takes a bar that closed late, on the watermark, as if it had been known at once', () => {
    // Days 3, 6 and 9 close; the close of 9 becomes known with day 10.
    const asOf9 = stepEma(SPEC, null, {
      days: daysOf(1, 9),
      closes: closesOf([
        [1, 3],
        [2, 6],
      ]),
      before: null,
    });
    const late = stepEma(SPEC, asOf9.state, {
      days: daysOf(10, 14),
      closes: closesOf([
        [3, 9],
        [4, 12],
      ]),
      before,
    });
    const atOnce = stepEma(SPEC, null, { days: ALL_DAYS, closes: ALL_CLOSES, before: null });
    expect(late.state).toEqual(atOnce.state);
    expect([...asOf9.points, ...late.points]).toEqual(atOnce.points);
  });

  test('seeds a period by a bar that closed late, on the watermark', () => {
    const asOf6 = stepEma(SPEC, null, { days: daysOf(1, 6), closes: closesOf([[1, 3]]), before: null });
    const late = stepEma(SPEC, asOf6.state, {
      days: daysOf(7, 14),
      closes: closesOf([
        [2, 6],
        [3, 9],
        [4, 12],
      ]),
      before: stepEmaAsset(null, daysOf(1, 6), [2]),
    });
    expect(asOf6.points).toEqual([]);
    const atOnce = stepEma(SPEC, null, { days: ALL_DAYS, closes: ALL_CLOSES, before: null });
    expect(late).toEqual(atOnce);
  });

  test('leaves the given state as it is', () => {
    const { state } = stepEma(SPEC, null, {
      days: daysOf(1, 9),
      closes: closesOf([
        [1, 3],
        [2, 6],
        [3, 9],
      ]),
      before: null,
    });
    const copy = structuredClone(state);
    stepEma(SPEC, state, { days: daysOf(10, 14), closes: closesOf([[4, 12]]), before });
    expect(state).toEqual(copy);
  });

  test('has no state before the first input, and a state without values before the first period is full', () => {
    const closes = closesOf([[1, 3]]);
    expect(stepEma(SPEC, null, { days: daysOf(1, 2), closes: NONE, before: null }).state).toBeNull();
    expect(stepEma(SPEC, null, { days: daysOf(1, 3), closes, before: null })).toEqual({
      points: [],
      state: {
        inputCount: 1,
        barSeq: 1,
        lastCloseDay: 3,
        closeSum: 12,
        ema: new Float64Array(0),
        emaBar: new Float64Array(0),
      },
    });
    expect(stepEma(V2, null, { days: daysOf(1, 5), closes: NONE, before: null })).toEqual({
      points: [],
      state: null,
    });
  });

  test('stores the daily series once: every day is a point, and ema_bar is ema', () => {
    const spec: EmaSpec = { alignment: 'multi_tf', tf: '1D', tfDays: 1, periods: [2, 3] };
    const { points, state } = stepEma(spec, null, { days: ALL_DAYS, closes: NONE, before: null });
    expect(points.map(({ barSeq, day, ema }) => [barSeq, day, ema.length])).toEqual(
      Array.from({ length: 13 }, (_, index) => [index + 2, index + 2, index === 0 ? 1 : 2]),
    );
    expect(points.every(({ emaBar }) => emaBar === null)).toBe(true);
    expect(state?.ema).toEqual(state?.emaBar);
    expect(state).toMatchObject({ inputCount: 14, barSeq: 14, lastCloseDay: 14 });
  });

  test('refuses days, closes and states that do not follow on each other', () => {
    const { state } = stepEma(SPEC, null, {
      days: daysOf(1, 9),
      closes: closesOf([
        [1, 3],
        [2, 6],
        [3, 9],
      ]),
      before: null,
    });
    const step = (spec: EmaSpec, days: CloseColumns, closes: BarCloses) => () =>
      stepEma(spec, state, { days, closes, before });
    expect(step(SPEC, daysOf(11, 14), NONE)).toThrow('multi_tf 3D: the next 1D bar_seq is 10, got 11');
    expect(step({ ...SPEC, periods: [1, 2] }, daysOf(10, 14), NONE)).toThrow('2 periods have values');
    expect(step(SPEC, daysOf(10, 14), closesOf([[3, 12]]))).toThrow('expected a bar after 3');
    expect(step(SPEC, daysOf(10, 14), closesOf([[4, 8]]))).toThrow('bar 4 closed on 1970-01-09');
    expect(step(SPEC, daysOf(10, 11), closesOf([[4, 12]]))).toThrow('bar 4 closed on 1970-01-13');
  });
});

describe('checkpoints', () => {
  test.each([
    [1, 28],
    [2, 28],
    [3, 30],
    [5, 30],
    [27, 54],
    [28, 28],
    [29, 29],
    [7300, 7300],
  ])('of %iD are %i rows apart', (tfDays, rows) => {
    expect(checkpointRows(tfDays)).toBe(rows);
  });
});

describe('stepEmaAsset', () => {
  test('is the same for days at once and in parts', () => {
    const parts = stepEmaAsset(stepEmaAsset(null, daysOf(1, 5), [2]), daysOf(6, 14), [2]);
    const expected: EmaAssetState = {
      watermarkDay: 14,
      watermarkTsUs: 14e6,
      rowCount: 14,
      lastClose: 18,
      closeSum: 207,
      kernelVersion: KERNEL_VERSION,
      periods: [2],
    };
    expect(parts).toEqual(expected);
    expect(stepEmaAsset(null, ALL_DAYS, [2])).toEqual(expected);
  });

  test('stays as it was without a new day, and needs one to begin', () => {
    const before = stepEmaAsset(null, daysOf(1, 5), [2]);
    expect(stepEmaAsset(before, daysOf(6, 5), [2])).toBe(before);
    expect(() => stepEmaAsset(null, daysOf(1, 0), [2])).toThrow('without a day');
  });
});
