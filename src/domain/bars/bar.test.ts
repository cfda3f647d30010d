import { describe, expect, test } from 'vitest';
import { DAY_US, formatDay, parseDay } from '../calendar/day.js';
import { type BarAlignment, parseTimeframe } from '../calendar/timeframe.js';
import { columnsOfBars, type DayColumns } from '../prices/days.js';
import { type DailyPrice, judgePrices } from '../prices/price.js';
import { type Bar, type BarState, stepBars } from './bar.js';

type Values = Partial<Pick<DailyPrice, 'open' | 'high' | 'low' | 'close' | 'volume' | 'marketCap'>>;

/** Columns of the given dates; by default a day opens and closes at 10, between 8 and 12, volume 1, market cap 100. */
function daysOf(rows: readonly (readonly [date: string, values?: Values])[]): DayColumns {
  const prices = rows.map(([date, values]) => {
    const dayUs = parseDay(date) * DAY_US;
    return {
      timestampUs: dayUs + DAY_US - 1000,
      timeOpenUs: dayUs,
      timeCloseUs: dayUs + DAY_US - 1000,
      timeHighUs: dayUs + 1,
      timeLowUs: dayUs + 2,
      open: 10,
      high: 12,
      low: 8,
      close: 10,
      volume: 1,
      marketCap: 100,
      name: null,
      sourceFile: null,
      loadTsUs: null,
      ...values,
    };
  });
  const { bars } = judgePrices(prices, 1);
  return columnsOfBars(bars, bars[0]?.day ?? 0);
}

function dates(...list: string[]): DayColumns {
  return daysOf(list.map((date) => [date]));
}

/** Consecutive dates from one on, `length` of them. */
function datesFrom(first: string, length: number): DayColumns {
  return dates(...Array.from({ length }, (_, index) => formatDay(parseDay(first) + index)));
}

function build(alignment: BarAlignment, tf: string, days: DayColumns) {
  return stepBars(parseTimeframe(alignment, tf), null, days);
}

/** Columns of the rows from an index on. */
function tail(days: DayColumns, from: number): DayColumns {
  const column = (name: 'open'): Float64Array => days[name].slice(from);
  const floats = Object.fromEntries(
    Object.entries(days).map(([name, value]) => [
      name,
      value instanceof Float64Array ? column(name as 'open') : value,
    ]),
  ) as unknown as DayColumns;
  return {
    ...floats,
    length: days.length - from,
    firstBarSeq: days.firstBarSeq + from,
    day: days.day.slice(from),
  };
}

function span(bar: Bar | null | undefined): string {
  return bar ? `${bar.barSeq}: ${formatDay(bar.firstDay)} to ${formatDay(bar.lastDay)}` : 'none';
}

describe('values of a bar (semantics.md §4)', () => {
  const days = daysOf([
    ['2024-01-01', { open: 9, close: 11, high: 12, low: 8, volume: 0.1, marketCap: 1 }],
    ['2024-01-02', { open: 10, close: 10, high: 15, low: 7, volume: null, marketCap: 2 }],
    ['2024-01-03', { open: 10, close: 14, high: 15, low: 7, volume: 0.2, marketCap: null }],
  ]);

  test('open of the first day, close of the last, extremes with the time of the first day that reached them', () => {
    const [bar] = build('multi_tf', '3D', days).closed;
    const second = parseDay('2024-01-02') * DAY_US;
    expect(bar).toMatchObject({
      open: 9,
      high: 15,
      low: 7,
      close: 14,
      timeHighUs: second + 1,
      timeLowUs: second + 2,
    });
    expect([bar?.timeOpenUs, bar?.timeCloseUs]).toEqual([days.timeOpenUs[0], days.timeCloseUs[2]]);
  });

  test('volume is a sum in which NULL counts 0, market cap the last that is known', () => {
    expect(build('multi_tf', '3D', days).closed[0]).toMatchObject({ volume: 0.1 + 0.2, marketCap: 2 });
  });

  test('a bar without any volume or market cap has volume 0 and market cap NULL', () => {
    const silent = daysOf(
      ['2024-01-01', '2024-01-02'].map((date) => [date, { volume: null, marketCap: null }]),
    );
    expect(build('multi_tf', '2D', silent).closed[0]).toMatchObject({ volume: 0, marketCap: null });
  });
});

describe('rolling bars', () => {
  test('n rows make a bar, over gaps; what is over is the open bar', () => {
    const { state, closed } = build('multi_tf', '2D', dates('2024-01-01', '2024-01-05', '2024-01-06'));
    expect(closed.map(span)).toEqual(['1: 2024-01-01 to 2024-01-05']);
    expect(closed[0]).toMatchObject({
      tfDays: 2,
      countDays: 2,
      countMissingDays: 3,
      countDaysRemaining: 0,
      firstMissingDay: parseDay('2024-01-02'),
      lastMissingDay: parseDay('2024-01-04'),
      isPartialStart: false,
    });
    expect(state).toMatchObject({ watermarkDay: parseDay('2024-01-06'), closedSeq: 1, isClosed: false });
    expect(state?.bar).toMatchObject({ barSeq: 2, countDays: 1, countDaysRemaining: 1, countMissingDays: 0 });
  });

  test('a gap between two bars is missing in neither', () => {
    const { closed } = build('multi_tf', '2D', dates('2024-01-01', '2024-01-02', '2024-02-01', '2024-02-02'));
    expect(closed.map(({ countMissingDays }) => countMissingDays)).toEqual([0, 0]);
  });
});

describe('aligned calendar bars', () => {
  test('days before the first boundary belong to no bar: the state has a watermark and no bar', () => {
    const { state, closed } = build('cal_iso', '1W_CAL_ISO', dates('2024-01-02', '2024-01-03'));
    expect(closed).toEqual([]);
    expect(state).toEqual({ watermarkDay: parseDay('2024-01-03'), closedSeq: 0, bar: null, isClosed: false });
  });

  test('a bar closes on the last day of its window, and stays the newest bar that day', () => {
    const { state, closed } = build('cal_iso', '1W_CAL_ISO', datesFrom('2024-01-01', 7));
    expect(closed.map(span)).toEqual(['1: 2024-01-01 to 2024-01-07']);
    expect(state).toMatchObject({ closedSeq: 1, isClosed: true, bar: closed[0] });
  });

  test('a month is as long as it is', () => {
    const { closed } = build('cal_us', '1M_CAL', datesFrom('2024-01-01', 60));
    expect(closed.map(({ tfDays, countDays }) => [tfDays, countDays])).toEqual([
      [31, 31],
      [29, 29],
    ]);
  });

  test('a missing last day: the bar closes at its last present day once a later row exists, otherwise unchanged', () => {
    const days = dates('2024-01-01', '2024-01-05', '2024-01-06', '2024-01-09');
    const before = build('cal_iso', '1W_CAL_ISO', dates('2024-01-01', '2024-01-05', '2024-01-06'));
    expect(before.closed).toEqual([]);
    const { closed, state } = stepBars(parseTimeframe('cal_iso', '1W_CAL_ISO'), before.state, tail(days, 3));
    expect(closed).toEqual([before.state?.bar]);
    expect(closed[0]).toMatchObject({ countDays: 3, countMissingDays: 3, countDaysRemaining: 1 });
    // The new window's Monday is missing at its start.
    expect(state?.bar).toMatchObject({
      barSeq: 2,
      countMissingDays: 1,
      firstMissingDay: parseDay('2024-01-08'),
      lastMissingDay: parseDay('2024-01-08'),
      isPartialStart: false,
    });
  });

  test('one day can close two bars, the first of them at an earlier day', () => {
    const before = build('cal_iso', '1W_CAL_ISO', dates('2024-01-01', '2024-01-06'));
    const all = dates('2024-01-01', '2024-01-06', '2024-01-14');
    const { closed } = stepBars(parseTimeframe('cal_iso', '1W_CAL_ISO'), before.state, tail(all, 2));
    expect(closed.map(span)).toEqual(['1: 2024-01-01 to 2024-01-06', '2: 2024-01-14 to 2024-01-14']);
  });

  test('a window without rows uses up a number and makes no bar', () => {
    const { closed, state } = build(
      'cal_iso',
      '1W_CAL_ISO',
      dates('2024-01-07', '2024-01-08', '2024-01-28', '2024-01-29'),
    );
    expect(closed.map(span)).toEqual(['1: 2024-01-08 to 2024-01-08', '3: 2024-01-28 to 2024-01-28']);
    expect(state).toMatchObject({ closedSeq: 3, bar: { barSeq: 4 } });
  });

  test('missing days: every one from the window start to the last present day, the end not counted', () => {
    const { state } = build(
      'cal_us',
      '1M_CAL',
      dates('2024-01-01', '2024-02-03', '2024-02-05', '2024-02-10'),
    );
    expect(state?.bar).toMatchObject({
      countMissingDays: 2 + 1 + 4,
      firstMissingDay: parseDay('2024-02-01'),
      lastMissingDay: parseDay('2024-02-09'),
      countDaysRemaining: 19,
    });
  });
});

describe('anchored calendar bars', () => {
  test('the first window began before the asset: partial start, nothing missing before the first day', () => {
    const { closed, state } = build(
      'cal_anchor_iso',
      '1W_CAL_ANCHOR_ISO',
      dates('2024-01-04', '2024-01-07', '2024-01-09'),
    );
    expect(closed[0]).toMatchObject({
      barSeq: 1,
      isPartialStart: true,
      tfDays: 7,
      countDays: 2,
      countMissingDays: 2,
    });
    expect(state?.bar).toMatchObject({ barSeq: 2, isPartialStart: false, countMissingDays: 1 });
  });

  test('an asset that begins with its window has no partial start', () => {
    expect(build('cal_anchor_us', '1M_CAL_ANCHOR', dates('2024-01-01')).state?.bar?.isPartialStart).toBe(
      false,
    );
  });
});

describe('continuing', () => {
  const timeframe = parseTimeframe('multi_tf', '3D');
  const days = datesFrom('2024-01-01', 8);

  test('no days: the state as it was', () => {
    const { state } = stepBars(timeframe, null, days);
    expect(stepBars(timeframe, null, datesFrom('2024-01-01', 0))).toEqual({ state: null, closed: [] });
    expect(stepBars(timeframe, state, days)).toEqual({ state, closed: [] });
    expect(stepBars(timeframe, state, tail(days, 8))).toEqual({ state, closed: [] });
  });

  test('days up to the watermark are left out', () => {
    const start = stepBars(timeframe, null, datesFrom('2024-01-01', 4)).state;
    expect(stepBars(timeframe, start, days)).toEqual(stepBars(timeframe, start, tail(days, 4)));
  });

  test('a hole between state and days is an error, not a wrong number', () => {
    const start = stepBars(timeframe, null, datesFrom('2024-01-01', 4)).state;
    expect(() => stepBars(timeframe, start, tail(days, 5))).toThrow(
      'bars of multi_tf 3D: after 2024-01-04 comes bar_seq 5, got 6; rebuild the asset',
    );
    expect(() => stepBars(timeframe, null, tail(days, 1))).toThrow(
      'a series without a state starts with bar_seq 1 on 2024-01-01',
    );
    expect(() => stepBars(timeframe, null, { ...days, assetFirstDay: 5 })).toThrow(
      'got bar_seq 1 on 2024-01-01',
    );
  });

  test('a day that closes nothing keeps the number of the newest closed bar', () => {
    const start = stepBars(timeframe, null, datesFrom('2024-01-01', 6)).state;
    const { state, closed } = stepBars(timeframe, start, tail(days, 6));
    expect(closed).toEqual([]);
    expect(state).toMatchObject({ closedSeq: 2, isClosed: false, bar: { barSeq: 3, countDays: 2 } });
  });

  test('the given state is not changed', () => {
    const start = stepBars(timeframe, null, datesFrom('2024-01-01', 4)).state;
    const copy: BarState | null = structuredClone(start);
    stepBars(timeframe, start, tail(days, 4));
    expect(start).toEqual(copy);
  });

  test('timeframes without bars are refused', () => {
    expect(() => stepBars(parseTimeframe('v2', '7D'), null, days)).toThrow('v2 7D has no bars');
    expect(() => stepBars(parseTimeframe('multi_tf', '1D'), null, days)).toThrow('multi_tf 1D has no bars');
  });
});
