import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDay, parseDay } from '../../calendar/day.js';
import {
  BAR_ALIGNMENTS,
  type BarAlignment,
  hasBars,
  parseTimeframe,
  TIMEFRAMES,
} from '../../calendar/timeframe.js';
import { BAR_FAMILIES, familyOf } from './index.js';

/** The window of a date, as text, for an asset that began on another date. */
function windowOn(alignment: BarAlignment, tf: string, dates: { day: string; firstDay: string }) {
  const window = familyOf(alignment).windowAt(
    parseDay(dates.day),
    parseTimeframe(alignment, tf),
    parseDay(dates.firstDay),
  );
  return window === null ? null : [window.seq, formatDay(window.start), formatDay(window.end)];
}

test('the families are the alignments that have bars', () => {
  expect(BAR_FAMILIES.map(({ name }) => name)).toEqual(BAR_ALIGNMENTS);
});

describe('rolling: rows, not days', () => {
  test.each([
    [0, 1, 0, 7],
    [6, 1, 0, 7],
    [7, 2, 7, 14],
    [20, 3, 14, 21],
  ])('row %i of 7D lies in bar %i', (row, seq, start, end) => {
    expect(familyOf('multi_tf').windowAt(row, parseTimeframe('multi_tf', '7D'), 0)).toEqual({
      seq,
      start,
      end,
    });
  });
});

// 2024-02-29 was a Thursday.
const firstDay = '2024-02-29';

describe('aligned: from the first full boundary on or after the first day', () => {
  test.each([
    ['cal_us', '1W_CAL_US', '2024-03-02', null],
    ['cal_us', '1W_CAL_US', '2024-03-03', [1, '2024-03-03', '2024-03-10']],
    ['cal_us', '2W_CAL_US', '2024-03-17', [2, '2024-03-17', '2024-03-31']],
    ['cal_iso', '1W_CAL_ISO', '2024-03-03', null],
    ['cal_iso', '1W_CAL_ISO', '2024-03-04', [1, '2024-03-04', '2024-03-11']],
    ['cal_iso', '10W_CAL_ISO', '2024-05-13', [2, '2024-05-13', '2024-07-22']],
    ['cal_us', '1M_CAL', '2024-02-29', null],
    ['cal_us', '1M_CAL', '2024-03-31', [1, '2024-03-01', '2024-04-01']],
    ['cal_iso', '9M_CAL', '2024-12-01', [2, '2024-12-01', '2025-09-01']],
    ['cal_us', '1Y_CAL', '2024-12-31', null],
    ['cal_us', '1Y_CAL', '2025-01-01', [1, '2025-01-01', '2026-01-01']],
    ['cal_iso', '3Y_CAL', '2028-02-29', [2, '2028-01-01', '2031-01-01']],
  ] as const)('%s %s on %s', (alignment, tf, day, expected) => {
    expect(windowOn(alignment, tf, { day, firstDay })).toEqual(expected);
  });

  test.each([
    ['cal_us', '1W_CAL_US', '2024-03-03'],
    ['cal_iso', '1W_CAL_ISO', '2024-03-04'],
    ['cal_us', '2M_CAL', '2024-03-01'],
    ['cal_us', '5Y_CAL', '2024-01-01'],
    ['cal_us', '1W_CAL_US', '1969-12-28'],
    ['cal_iso', '2W_CAL_ISO', '1969-12-29'],
    ['cal_iso', '1Y_CAL', '1969-01-01'],
  ] as const)('%s %s: a first day on a boundary begins window 1', (alignment, tf, day) => {
    expect(windowOn(alignment, tf, { day, firstDay: day })?.slice(0, 2)).toEqual([1, day]);
  });
});

describe('anchored: the same dates for every asset, numbered from its own first window', () => {
  test.each([
    ['cal_anchor_us', '1W_CAL_ANCHOR_US', '2024-02-29', [1, '2024-02-25', '2024-03-03']],
    ['cal_anchor_iso', '1W_CAL_ANCHOR_ISO', '2024-03-04', [2, '2024-03-04', '2024-03-11']],
    // Semantics.md §6: the 10-week window that ended on 2025-10-11.
    ['cal_anchor_us', '10W_CAL_ANCHOR_US', '2025-10-11', [9, '2025-08-03', '2025-10-12']],
    ['cal_anchor_us', '3M_CAL_ANCHOR', '2024-03-31', [1, '2024-01-01', '2024-04-01']],
    ['cal_anchor_us', '6M_CAL_ANCHOR', '2024-07-01', [2, '2024-07-01', '2025-01-01']],
    // 2024 · 12 + 1 = 24289 lies in group 2698 = months 24282 … 24290: 2023-07 … 2024-03.
    ['cal_anchor_iso', '9M_CAL_ANCHOR', '2024-02-29', [1, '2023-07-01', '2024-04-01']],
    ['cal_anchor_iso', '1Y_CAL_ANCHOR', '2024-12-31', [1, '2024-01-01', '2025-01-01']],
    ['cal_anchor_us', '3Y_CAL_ANCHOR', '2025-01-01', [2, '2025-01-01', '2028-01-01']],
    ['cal_anchor_us', '20Y_CAL_ANCHOR', '2024-02-29', [1, '2020-01-01', '2040-01-01']],
  ] as const)('%s %s on %s', (alignment, tf, day, expected) => {
    expect(windowOn(alignment, tf, { day, firstDay })).toEqual(expected);
  });

  test('floor division before 1970', () => {
    const early = { day: '1969-12-31', firstDay: '1960-01-01' };
    expect(windowOn('cal_anchor_us', '1W_CAL_ANCHOR_US', early)?.slice(1)).toEqual([
      '1969-12-28',
      '1970-01-04',
    ]);
    expect(windowOn('cal_anchor_iso', '2W_CAL_ANCHOR_ISO', early)?.slice(1)).toEqual([
      '1969-12-22',
      '1970-01-05',
    ]);
    expect(windowOn('cal_anchor_iso', '20Y_CAL_ANCHOR', early)?.slice(1)).toEqual([
      '1960-01-01',
      '1980-01-01',
    ]);
  });
});

test('every rule cuts the days into windows that touch, hold the position asked for, and number themselves', () => {
  const timeframes = TIMEFRAMES.filter(hasBars);
  fc.assert(
    fc.property(
      fc.constantFrom(...timeframes),
      fc.integer({ min: -5000, max: 25_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      (timeframe, first, distance) => {
        const family = familyOf(timeframe.alignment);
        const origin = family.coordinate === 'row' ? 0 : first;
        const position = origin + distance;
        const window = family.windowAt(position, timeframe, origin);
        if (window === null) {
          // Only before the first boundary, which is less than one unit away.
          expect(timeframe.alignment.startsWith('cal_anchor') || family.coordinate === 'row').toBe(false);
          expect(distance).toBeLessThan(366);
          return;
        }
        expect(window.start <= position && position < window.end).toBe(true);
        expect(window.seq).toBeGreaterThanOrEqual(1);
        expect(family.windowAt(window.start, timeframe, Math.min(origin, window.start))?.start).toBe(
          window.start,
        );
        expect(family.windowAt(window.end - 1, timeframe, origin)).toEqual(window);
        const next = family.windowAt(window.end, timeframe, origin);
        expect(next).toMatchObject({ seq: window.seq + 1, start: window.end });
      },
    ),
    { numRuns: 3000 },
  );
});
