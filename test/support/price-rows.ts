/** Source rows around one day, for tests of how days are judged. */
import { DAY_US, parseDay } from '../../src/domain/calendar/day.js';
import { type DailyPrice, judgePrices } from '../../src/domain/prices/price.js';

export const DAY = parseDay('2024-03-01');
export const OPEN_US = DAY * DAY_US;
export const CLOSE_US = OPEN_US + DAY_US - 1000;
export const NOON_US = OPEN_US + DAY_US / 2;

/** A sound row: open 10, high 12, low 9, close 11. */
export function price(changes: Partial<DailyPrice> = {}): DailyPrice {
  return {
    timestampUs: CLOSE_US,
    timeOpenUs: OPEN_US,
    timeCloseUs: CLOSE_US,
    timeHighUs: NOON_US,
    timeLowUs: NOON_US + 1,
    open: 10,
    high: 12,
    low: 9,
    close: 11,
    volume: 5,
    marketCap: 7,
    name: '2781',
    sourceFile: 'a.csv',
    loadTsUs: null,
    ...changes,
  };
}

/** What becomes of a sound row with these changes. */
export function judgeOne(changes: Partial<DailyPrice>) {
  const { bars, rejects } = judgePrices([price(changes)], 1);
  return { bar: bars[0] ?? null, reasons: rejects.map(({ reason }) => reason), rejects };
}

/** A row of the following days. */
export function later(dayOffset: number, changes: Partial<DailyPrice> = {}): DailyPrice {
  const shift = dayOffset * DAY_US;
  return price({
    timestampUs: CLOSE_US + shift,
    timeOpenUs: OPEN_US + shift,
    timeCloseUs: CLOSE_US + shift,
    timeHighUs: NOON_US + shift,
    timeLowUs: NOON_US + shift,
    ...changes,
  });
}
