import { expect, test } from 'vitest';
import type { ChartBar, ChartLine } from './chart-data.js';
import { axisFormatOf, axisRangeOf, axisText, extentOf, firstDayOf, PRICE_MARGIN } from './chart-scale.js';

const DAY_MS = 86_400_000;

function barsOfDays(count: number, last: string): ChartBar[] {
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(Date.parse(last) - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    const prices = { open: 2, high: index + 2, low: index + 1, close: 2, volume: null };
    return { ...{ day, firstDay: day, missingDays: 0, isOpen: false }, ...prices };
  });
}

test('a chart opens on the newest 150 bars, and a button shows whole months', () => {
  const bars = barsOfDays(3000, '2026-03-31');
  expect(firstDayOf(bars, null)).toBe(bars.at(-150)?.day);
  expect(firstDayOf(bars.slice(0, 100), null)).toBe('');
  expect(firstDayOf(bars, 'all')).toBe('');
  expect(firstDayOf(bars, '1M')).toBe('2026-03-01');
  expect(firstDayOf(bars, '1Y')).toBe('2025-04-01');
  expect(firstDayOf(bars, '5Y')).toBe('2021-04-01');
  expect(firstDayOf(barsOfDays(90, '2026-01-15'), '3M')).toBe('2025-10-16');
});

test('what is in sight decides the extent: bars and the lines over them, not those of other panes', () => {
  const bars = barsOfDays(10, '2026-01-10');
  const line = (pane: string | null, value: number): ChartLine => ({
    ...{ name: '', label: '', pane },
    points: bars.map(({ day }) => ({ day, value, isPreview: false })),
  });
  const sight = { from: '2026-01-03', to: '2026-01-05' };
  expect(extentOf({ bars, lines: [], marks: [] }, sight)).toEqual({ low: 3, high: 6 });
  const lines = [line(null, 2.5), line('rsi_14', 90)];
  expect(extentOf({ bars, lines, marks: [] }, sight)).toEqual({ low: 2.5, high: 6 });
  expect(extentOf({ bars, lines: [], marks: [] }, { from: '2027-01-01', to: '2027-02-01' })).toBeNull();
});

test('no axis reaches below zero, whatever the prices', () => {
  const lows = [1e-12, 0.001, 1, 50, 99, 100];
  for (const low of lows) {
    const { minValue, maxValue } = axisRangeOf({ low, high: 100 }, 'linear');
    const height = (maxValue - minValue) / (1 - 2 * PRICE_MARGIN);
    expect(minValue - PRICE_MARGIN * height, `lowest ${low}`).toBeGreaterThanOrEqual(-1e-9);
    expect(axisRangeOf({ low, high: 100 }, 'log')).toEqual({ minValue: low, maxValue: 100 });
  }
  // A band below zero does not take the axis there.
  expect(axisRangeOf({ low: -20, high: 100 }, 'linear').minValue).toBeGreaterThan(0);
  expect(axisRangeOf({ low: -20, high: 100 }, 'log').minValue).toBeGreaterThan(0);
});

test('decimals are those that the price needs', () => {
  const texts = [1.2e-11, 0.0123, 0.5, 1, 42.125, 16_745.03, 1_234_567].map(axisText);
  expect(texts).toEqual([
    '0.00000000001200',
    '0.01230',
    '0.5000',
    '1.00',
    '42.13',
    '16,745.03',
    '1,234,567.00',
  ]);
});

test('the step of the axis fits its smallest price, and prices below zero are not written', () => {
  const format = axisFormatOf([1.2e-11, 3], { hasNegative: false });
  expect(format).toMatchObject({ minMove: 1e-14, base: 1e14 });
  expect([-1, 0, 1e-15, 1.2e-11].map(format.formatter)).toEqual(['', '0', '0', '0.00000000001200']);
  expect(axisFormatOf([-0.5], { hasNegative: true }).formatter(-0.5)).toBe('-0.5000');
  expect(axisFormatOf([], { hasNegative: false }).minMove).toBe(0.01);
});
