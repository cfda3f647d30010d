import { expect, test } from 'vitest';
import { UsageError } from '../../../domain/text/errors.js';
import { readConditions } from './conditions.js';
import { findCrossing } from './crossing.js';
import { formatCsv } from './csv.js';

test('the newest crossing, in bars before the newest one', () => {
  expect(findCrossing([1, -1])).toEqual({ barsAgo: 0, isUp: true });
  expect(findCrossing([-1, -2, -1, 3, -4])).toEqual({ barsAgo: 2, isUp: false });
  expect(findCrossing([1, 2, 3])).toBeNull();
  expect(findCrossing([])).toBeNull();
});

test('lines that only touch have not crossed; behind a touch the crossing counts from the first bar beyond', () => {
  expect(findCrossing([1, 0, 2])).toBeNull();
  expect(findCrossing([0, 0])).toBeNull();
  expect(findCrossing([2, 1, 0, -1])).toEqual({ barsAgo: 1, isUp: true });
  expect(findCrossing([0, 5, -3])).toEqual({ barsAgo: 1, isUp: true });
});

test('conditions: each names a column, an operator and a number', () => {
  const [below, atLeast] = readConditions('rsi_14 < 30, change>=-2.5');
  expect([below?.column, below?.isSo(29.9), below?.isSo(30)]).toEqual(['rsi_14', true, false]);
  expect([atLeast?.column, atLeast?.isSo(-2.5), atLeast?.isSo(-2.6)]).toEqual(['change', true, false]);
  expect(readConditions('')).toEqual([]);
  for (const text of ['rsi_14', 'rsi_14 < x', '< 3', 'close < 1 < 2', 'close == 1'])
    expect(() => readConditions(text), text).toThrow(UsageError);
});

test('CSV: texts that a spreadsheet would compute are texts, numbers are as they are', () => {
  const rows = [
    [1, '=1+1', -2.5],
    [2, ' @x', null],
    [3, 'a "b", c', 1e-11],
  ];
  expect(formatCsv(['id', 'symbol', 'change'], rows)).toBe(
    `id,symbol,change\r\n1,'=1+1,-2.5\r\n2,' @x,\r\n3,"a ""b"", c",1e-11\r\n`,
  );
});
