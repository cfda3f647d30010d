/** Rows whose times are absent, without length or of another zone, and volumes that cannot be. */
import { expect, test } from 'vitest';
import { CLOSE_US, DAY, judgeOne, later, OPEN_US, price } from '../../../test/support/price-rows.js';
import { DAY_US } from '../calendar/day.js';
import { judgePrices } from './price.js';

test("times without length count as absent: the day's bounds stand for them", () => {
  const { bar, reasons } = judgeOne({ timeOpenUs: CLOSE_US, timeHighUs: CLOSE_US, timeLowUs: CLOSE_US });
  expect(reasons).toEqual([]);
  expect(bar).toMatchObject({ timeOpenUs: OPEN_US, timeCloseUs: CLOSE_US });
});

test('a close at the next midnight is the end of its day', () => {
  const { bar, reasons } = judgeOne({ timeCloseUs: OPEN_US + DAY_US, timeHighUs: null });
  expect(reasons).toEqual([]);
  expect(bar).toMatchObject({ timeCloseUs: CLOSE_US, timeHighUs: CLOSE_US });
});

test('days of another zone and sessions are judged by their own times where their source says so', () => {
  const rowsOf = 'local_days';
  const [timeOpenUs, timeCloseUs] = [OPEN_US + DAY_US / 2, OPEN_US + (3 * DAY_US) / 4];
  const session = { timeOpenUs, timeCloseUs, timeHighUs: null, timeLowUs: null };
  expect(judgePrices([price(session)], 1).rejects.map(({ reason }) => reason)).toEqual(['not_one_utc_day']);
  const judged = judgePrices([price(session), later(1, { timeOpenUs: OPEN_US - DAY_US })], 1, { rowsOf });
  expect(judged.bars).toMatchObject([{ day: DAY, timeOpenUs, timeCloseUs, high: 12, low: 9 }]);
  expect(judged.rejects.map(({ reason }) => reason)).toEqual(['not_one_utc_day']);
});

test.each([
  ['missing', null],
  ['NaN', Number.NaN],
])('where the times are %s the prices stay, and nothing was repaired', (_, time) => {
  const { bar, reasons } = judgeOne({ timeHighUs: time, timeLowUs: time, high: 99, low: 1 });
  expect(bar).toMatchObject({ high: 99, low: 1, timeHighUs: CLOSE_US, timeLowUs: OPEN_US });
  expect(bar).toMatchObject({ repairedTimeHigh: false, repairedHigh: false, repairedTimeLow: false });
  expect(reasons).toEqual([]);
});

test('without time and price the extreme is that of open and close, and only the price is a repair', () => {
  const { bar, reasons } = judgeOne({ timeHighUs: null, high: null });
  expect(bar).toMatchObject({
    high: 11,
    timeHighUs: CLOSE_US,
    repairedTimeHigh: false,
    repairedHigh: true,
  });
  expect(reasons).toEqual(['repaired_high']);
});

test('a negative volume becomes null, and is kept as given in the rejects', () => {
  const { bar, rejects } = judgeOne({ volume: -5 });
  expect(bar?.volume).toBeNull();
  expect(rejects).toMatchObject([{ action: 'repaired', reason: 'repaired_volume', price: { volume: -5 } }]);
  expect(judgeOne({ volume: Number.NEGATIVE_INFINITY }).reasons).toEqual([]);
});

test('a row that was loaded before its day was over, and not again, is accepted and remarked upon', () => {
  const { bar, rejects } = judgeOne({ loadTsUs: CLOSE_US });
  expect(bar).toMatchObject({ close: 11 });
  expect(rejects).toMatchObject([{ action: 'accepted', reason: 'unconfirmed' }]);
  expect(judgeOne({ loadTsUs: CLOSE_US + 1 }).reasons).toEqual([]);
});
