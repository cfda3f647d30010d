import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPriceFinding, type PriceFinding } from './finding.js';
import { CONTEXT_DAYS, type JudgedDays, judgePlausibility } from './judge.js';

type Row = readonly [open: number, high: number, low: number, close: number, volume: number];

const FIRST = 19_723; // 2024-01-01

function daysOf(rows: readonly Row[], first = FIRST): JudgedDays {
  const column = (index: number) => Float64Array.from(rows, (row) => row[index] as number);
  return {
    length: rows.length,
    day: Int32Array.from(rows, (_, index) => first + index),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: column(4),
  };
}

/** Days by close and volume; they move by a tenth. */
const row = (close: number, volume = 1000): Row => [close, close * 1.1, close * 0.95, close, volume];
const closing = (...closes: number[]): Row[] => closes.map((close, index) => row(close, 1000 + index));
const lively = (count: number, close = 100): Row[] =>
  Array.from({ length: count }, (_, index) => row(close + (index % 7), 5000 + 100 * (index % 5)));

const found = (rows: readonly Row[]) =>
  judgePlausibility(daysOf(rows)).map(({ day, kind, factor }) => [day - FIRST, kind, factor]);

describe('a jump', () => {
  test('is eight times, or an eighth', () => {
    expect(found(closing(0.011, 11))).toEqual([[1, 'jump', 1000]]);
    expect(found(closing(8, 1))).toEqual([[1, 'jump', 0.125]]);
    expect(found(closing(1, 8, 8))).toEqual([[1, 'jump', 8]]);
    expect(found(closing(1, 7.9, 7.8))).toEqual([]);
  });
  test('and back is two: both days are wrong or right', () => {
    expect(found(closing(10, 100, 10))).toEqual([
      [1, 'jump', 10],
      [2, 'jump', 0.1],
    ]);
  });
});

describe('a spike', () => {
  test('is three times and back on the next day, either way', () => {
    expect(found(closing(10, 31, 10))).toEqual([[1, 'spike', 3.1]]);
    expect(found(closing(31, 10, 31))).toEqual([[1, 'spike', 0.322581]]);
  });
  test('is none when it stays, comes back later, or continues', () => {
    for (const closes of [
      [10, 31, 31],
      [10, 31, 20, 10],
      [10, 31, 100],
    ])
      expect(found(closing(...closes))).toEqual([]);
  });
});

describe('ten equal days', () => {
  const equal = (count: number): Row[] => Array.from({ length: count }, () => row(100, 5050));
  test('are named on the tenth, once', () => {
    expect(found([...lively(5), ...equal(9)])).toEqual([]);
    expect(found([...lively(5), ...equal(10)])).toEqual([[14, 'frozen', 10]]);
    expect(found([...lively(5), ...equal(40)])).toEqual([[14, 'frozen', 10]]);
    expect(found([...lively(5), ...equal(12), ...lively(3), ...equal(12)])).toHaveLength(2);
    expect(found(equal(10))).toEqual([[9, 'frozen', 10]]);
  });
  test('without a volume are equal too; with another volume they are not', () => {
    const quiet = equal(10).map(([o, h, l, c]): Row => [o, h, l, c, Number.NaN]);
    expect(found([...lively(5), ...quiet])).toHaveLength(1);
    expect(found([...lively(5), ...equal(9), row(100, 5051), ...equal(5)])).toEqual([]);
  });
  test('are no wonder where the price hardly moves', () => {
    const stable: Row[] = Array.from({ length: 60 }, () => [1, 1.0005, 0.9995, 1, 5e9]);
    expect(found(stable)).toEqual([]);
    // A currency that moves by a percent or two in a month.
    const pair = Array.from({ length: 40 }, (_, index): Row => [1.1, 1.11, 1.1, 1.1 + index / 4000, 0]);
    expect(found([...pair, ...Array.from({ length: 12 }, (): Row => [1.11, 1.11, 1.11, 1.11, 0])])).toEqual(
      [],
    );
  });
});

describe('a volume', () => {
  test('of coins after money, and of money after coins, is named on its first day', () => {
    const money = lively(30, 40_000).map(([o, h, l, c], index): Row => [o, h, l, c, 2e9 + 1e8 * (index % 9)]);
    const coins = lively(5, 40_000).map(([o, h, l, c], index): Row => [o, h, l, c, 52_000 + 900 * index]);
    expect(found([...money, ...coins])).toEqual([[30, 'volume_unit', expect.closeTo(2.1667e-5, 7)]]);
    expect(found([...coins, ...money])).toEqual([[5, 'volume_unit', expect.any(Number)]]);
  });
  test('in thousands is named when it has lasted three days', () => {
    const thousands = (count: number) => lively(count).map(([o, h, l, c, v]): Row => [o, h, l, c, v * 2e6]);
    expect(found([...lively(20), ...thousands(2)])).toEqual([]);
    expect(found([...lively(20), ...thousands(3)])).toEqual([[20, 'volume_unit', expect.any(Number)]]);
    expect(found([...lively(20), ...thousands(20)])).toHaveLength(1);
    expect(found([...lively(20), ...thousands(1), ...lively(9)])).toEqual([]);
  });
  test('that is lively, zero or missing is no finding', () => {
    const volumes = [5, 900, 12, 0, 4000, Number.NaN, 30, 7, 2500, 60, 1, 9000, 15, 0, 800];
    expect(found(volumes.map((volume) => row(100, volume)))).toEqual([]);
    expect(found([...lively(20), row(100, 50_000), row(100, 200), ...lively(3)])).toEqual([]);
  });
});

test('a price above 1e15 is named on its first day', () => {
  expect(found(closing(9e15, 9.1e15, 9.2e15))).toEqual([[0, 'huge_price', expect.closeTo(9.9, 3)]]);
  expect(found(closing(8e14, 8.1e14))).toEqual([]);
});

test('a finding in words has its day and its factor', () => {
  const words = (finding: Omit<PriceFinding, 'day'>) => formatPriceFinding({ day: FIRST, ...finding });
  expect(words({ kind: 'jump', factor: 1000 })).toBe(
    '2024-01-01: close is 1,000 times that of the day before',
  );
  expect(words({ kind: 'jump', factor: 0.001 })).toBe(
    '2024-01-01: close is 1/1,000 of that of the day before',
  );
  expect(words({ kind: 'spike', factor: 3.1 })).toContain('3.1 times');
  expect(words({ kind: 'frozen', factor: 10 })).toContain('10 days in a row');
  expect(words({ kind: 'huge_price', factor: 9e20 })).toContain('9e+20 times 1e15');
});

/** Histories in which everything happens: jumps there and back, equal days, volumes of another unit, huge prices. */
const history = fc.array(
  fc.tuple(
    fc.constantFrom(1, 1, 1, 1, 1.02, 0.97, 3.5, 1 / 3.5, 9, 1 / 9, 1e9, 1e-9),
    fc.constantFrom(1, 1, 1, 1.3, 0.7, 100, 0.01, 1e5, 1e-5, 0, Number.NaN),
    fc.integer({ min: 1, max: 14 }),
  ),
  { minLength: 1, maxLength: 25 },
);

function rowsOf(steps: readonly (readonly [number, number, number])[]): Row[] {
  const rows: Row[] = [];
  let close = 100;
  for (const [factor, volumeFactor, count] of steps) {
    close = Math.min(1e17, Math.max(1e-9, close * factor));
    for (let index = 0; index < count; index += 1) rows.push(row(close, 1000 * volumeFactor));
  }
  return rows;
}

test('law: days judged as they come in give what all of them give at once, whatever the portions', () => {
  const sort = (findings: readonly PriceFinding[]) =>
    [...findings].sort((a, b) => a.day - b.day || (a.kind < b.kind ? -1 : 1));
  let total = 0;
  fc.assert(
    fc.property(history, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (steps, portions) => {
      const rows = rowsOf(steps);
      const whole = judgePlausibility(daysOf(rows));
      const appended: PriceFinding[] = [];
      for (let from = 0, turn = 0; from < rows.length; turn += 1) {
        const to = Math.min(rows.length, from + (portions[turn % portions.length] as number));
        const first = Math.max(0, from - CONTEXT_DAYS);
        appended.push(...judgePlausibility(daysOf(rows.slice(first, to), FIRST + first), from - first));
        from = to;
      }
      // As the table keeps them: one for a day and kind.
      const kept = new Map(appended.map((each) => [`${each.day} ${each.kind}`, each]));
      expect(sort([...kept.values()])).toEqual(sort(whole));
      total += whole.length;
    }),
    { numRuns: 300 },
  );
  expect(total).toBeGreaterThan(300);
});

test('law: prices in another unit give the same findings, huge ones aside', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const rows = rowsOf(steps);
      const scaled = rows.map(([o, h, l, c, v]): Row => [o / 4, h / 4, l / 4, c / 4, v]);
      const ofPrice = (each: readonly Row[]) =>
        found(each).filter(([, kind]) => kind !== 'huge_price' && kind !== 'volume_unit');
      expect(ofPrice(scaled)).toEqual(ofPrice(rows));
    }),
    { numRuns: 100 },
  );
});
