/** Source days that a seed repeats: a random walk with every field filled, one row a day. */
import { DAY_US } from '../../src/domain/calendar/day.js';
import type { DailyPrice } from '../../src/domain/prices/price.js';
import { randomOf } from '../../test/support/histories.js';

/** Days [from, to) of an asset whose history begins with firstDay, as day numbers. */
export interface SeededRange {
  firstDay: number;
  from: number;
  to: number;
}

/** Prices of one asset. A day has the same values in whatever part it is asked for. */
export function* seededPrices(id: number, { firstDay, from, to }: SeededRange): Generator<DailyPrice> {
  const random = randomOf(id * 2_654_435_761);
  let close = 1 + 1000 * random();
  for (let day = firstDay; day < to; day += 1) {
    const open = close;
    close = Number((open * (1 + 0.08 * (random() - 0.498))).toPrecision(10));
    const [up, down, volume, atHigh, atLow] = [random(), random(), random(), random(), random()];
    if (day < from) continue;
    const dayUs = day * DAY_US;
    yield {
      timestampUs: dayUs + DAY_US - 1000,
      timeOpenUs: dayUs,
      timeCloseUs: dayUs + DAY_US - 1000,
      timeHighUs: dayUs + Math.floor(atHigh * 86_399) * 1_000_000,
      timeLowUs: dayUs + Math.floor(atLow * 86_399) * 1_000_000,
      open,
      high: Math.max(open, close) * (1 + 0.02 * up),
      low: Math.min(open, close) * (1 - 0.02 * down),
      close,
      volume: Math.floor(volume * 1e10),
      marketCap: close * 19_000_000,
      name: '2781',
      sourceFile: 'bench',
      loadTsUs: null,
    };
  }
}
