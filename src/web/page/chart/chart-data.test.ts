import { expect, test } from 'vitest';
import type { BarsResponse, EmasResponse, MarksResponse } from '../../api/api-asset-types.js';
import { baseOf, comparedLineOf, indexOf, rebased } from './chart-compare.js';
import { barAt, barsOf, type ChartBar, csvOf, linesOf, marksOf } from './chart-data.js';

const BARS: BarsResponse = {
  version: 1,
  id: 1,
  alignment: 'multi_tf',
  tf: '3D',
  asof: null,
  isLastOpen: true,
  bars: {
    barSeq: [1, 2, 3],
    firstDay: ['2026-01-01', '2026-01-04', '2026-01-08'],
    day: ['2026-01-03', '2026-01-07', '2026-01-08'],
    open: [1, 2, 3],
    high: [2, 3, 4],
    low: [0.5, 1.5, 2.5],
    close: [1.5, 2.5, 3.5],
    volume: [10, null, 30],
    missingDays: [0, 1, 0],
  },
};
const EMAS: EmasResponse = {
  version: 1,
  id: 1,
  alignment: 'multi_tf',
  tf: '3D',
  day: ['2026-01-03', '2026-01-04', '2026-01-07', '2026-01-08'],
  isClosing: [1, 0, 1, 0],
  series: [{ period: 2, ema: [null, null, 2, 2.25], emaBar: [null, null, 2, 3] }],
};
const MARKS: MarksResponse = {
  version: 1,
  id: 1,
  gaps: [{ firstDay: '2026-01-05', lastDay: '2026-01-05', days: 1, refusedRows: 0 }],
  repairs: [
    { day: '2026-01-01', reasons: ['repaired_high'] },
    { day: '2026-01-03', reasons: ['repaired_low', 'repaired_timelow'] },
  ],
  rejects: [{ day: '2026-01-09', reasons: ['duplicate_day'] }],
};

test('only the last bar can be open', () => {
  expect(barsOf(BARS).map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
  expect(barsOf({ ...BARS, isLastOpen: false }).some(({ isOpen }) => isOpen)).toBe(false);
});

test('a line has the values of its kind, and says which are previews', () => {
  const [few] = linesOf(EMAS, 'ema_bar');
  expect(few?.points).toEqual([
    { day: '2026-01-07', value: 2, isPreview: false },
    { day: '2026-01-08', value: 3, isPreview: true },
  ]);
  const filled = { ...EMAS, series: [{ period: 2, ema: [1, 1.5, 2, 2.25], emaBar: [] }] };
  expect(linesOf(filled, 'ema')[0]?.points.map(({ isPreview }) => isPreview)).toEqual([
    ...[false, true, false, true],
  ]);
  expect(linesOf(null, 'ema')).toEqual([]);
});

test('a mark stands on the bar that its day lies in; what lies after the last bar stands nowhere', () => {
  const bars = barsOf(BARS);
  expect(['2025-12-31', '2026-01-03', '2026-01-04', '2026-01-09'].map((day) => barAt(bars, day))).toEqual([
    0, 0, 1, 3,
  ]);
  expect(marksOf(MARKS, bars)).toEqual([
    {
      day: '2026-01-03',
      kind: 'repair',
      text: '2026-01-01: repaired_high; 2026-01-03: repaired_low, repaired_timelow',
    },
    { day: '2026-01-07', kind: 'gap', text: '2026-01-05' },
  ]);
});

test('CSV: one line per day in sight, a day without a bar has averages only', () => {
  const data = {
    bars: barsOf(BARS),
    lines: linesOf({ ...EMAS, series: [{ period: 2, ema: [1, 1.5, 2, 2.25], emaBar: [] }] }, 'ema'),
    marks: [],
  };
  expect(csvOf(data, { from: '2026-01-04', to: '2026-01-07' }).split('\r\n')).toEqual([
    'day,bar_first_day,open,high,low,close,volume,missing_days,bar_is_open,ema_2,ema_2_is_preview',
    '2026-01-04,,,,,,,,,1.5,true',
    '2026-01-07,2026-01-04,2,3,1.5,2.5,,1,false,2,false',
    '',
  ]);
});

const bar = (day: string, close: number): ChartBar => ({
  ...{ day, firstDay: day, open: close, high: close, low: close, close },
  ...{ volume: null, missingDays: 0, isOpen: false },
});
const CLOSES = [bar('2026-01-01', 10), bar('2026-01-02', 20), bar('2026-01-05', 40)];
const OTHER = comparedLineOf(
  {
    ...{ version: 1, id: 2, alignment: 'multi_tf', tf: '1D', asof: null, isLastOpen: false },
    bars: {
      ...{ barSeq: [1, 2], firstDay: [], day: ['2026-01-02', '2026-01-04'], volume: [], missingDays: [] },
      ...{ open: [], high: [], low: [], close: [5, 6] },
    },
  },
  'TWO',
);

test('both begin at the first day in sight that both have; a close lasts until the next', () => {
  expect(baseOf(CLOSES, OTHER.points, '2026-01-01')).toEqual({ day: '2026-01-02', own: 20, other: 5 });
  expect(baseOf(CLOSES, OTHER.points, '2026-01-03')).toEqual({ day: '2026-01-05', own: 40, other: 6 });
  expect(baseOf(CLOSES, OTHER.points, '2026-01-06')).toBeNull();
  expect(baseOf(CLOSES, [], '2026-01-01')).toBeNull();
});

test('there they meet, and elsewhere equal ratios are kept', () => {
  const base = { day: '2026-01-02', own: 20, other: 5 };
  expect(rebased(OTHER, base).points.map(({ value }) => value)).toEqual([20, 24]);
  expect(rebased(OTHER, null).points).toEqual([]);
  expect([indexOf(40, base.own), indexOf(6, base.other)]).toEqual([200, 120]);
});
