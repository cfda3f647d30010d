/** Prices of an asset with what spoils them, for laws about the replaced system. */
import fc from 'fast-check';
import { DAY_US } from '../../../src/domain/calendar/day.js';
import type { DailyPrice } from '../../../src/domain/prices/price.js';

export const FIRST_DAY = 19_000;

const FLAWS = [
  'none',
  'none',
  'none',
  'none',
  'gap',
  'late low',
  'early high',
  'no times',
  'swapped',
  'above',
  'no cap',
] as const;

type History = readonly { flaw: (typeof FLAWS)[number]; close: number }[];

/** Days of one asset, each with a flaw or none. */
export const histories: fc.Arbitrary<History> = fc.array(
  fc.record({ flaw: fc.constantFrom(...FLAWS), close: fc.double({ min: 1, max: 1e5, noNaN: true }) }),
  { minLength: 40, maxLength: 120 },
);

/** Rows of the price table. */
export function pricesOf(history: History): DailyPrice[] {
  return history.flatMap(({ flaw, close }, index) => {
    if (flaw === 'gap' && index > 0) return [];
    const startUs = (FIRST_DAY + index) * DAY_US;
    const endUs = startUs + DAY_US - 1000;
    const open = history[index - 1]?.close ?? close;
    const [high, low] = [Math.max(open, close) * 1.02, Math.min(open, close) * 0.97];
    const isSwapped = flaw === 'swapped';
    const [timeHighUs, timeLowUs] = [startUs + 5e9, startUs + 9e9];
    return {
      ...{ timestampUs: endUs, timeOpenUs: startUs, timeCloseUs: endUs, open, close },
      timeHighUs: flaw === 'no times' ? null : flaw === 'early high' ? startUs - 7e9 : timeHighUs,
      timeLowUs: flaw === 'no times' ? null : flaw === 'late low' ? endUs + 7e9 : timeLowUs,
      high: isSwapped ? low : high,
      low: isSwapped ? high : flaw === 'above' ? Math.max(open, close) * 1.01 : low,
      ...{ volume: 1000 * close, marketCap: flaw === 'no cap' ? null : close * 1e6 },
      ...{ name: null, sourceFile: null, loadTsUs: endUs + 1e9 },
    };
  });
}
