import { DAY_US, type Day } from '../../../domain/calendar/day.js';
import type { StagedPrice } from '../../../storage/prices/staging.js';
import { emptyPrice, type PriceFormat, type PriceLayout } from '../prices/price-source.js';

/** Daily candles of an exchange, as they are spoken of. */
export const CANDLES: PriceFormat = {
  format: 'candles',
  volume: 'coins',
  words: { records: 'candles', record: 'candle', field: 'field', whole: 'answer' },
  describePlace: (line) => `candle ${line}`,
};

/** A candle says nothing of these: what another source has stored in them stays. */
export const CANDLE_LAYOUT: PriceLayout = {
  separator: null,
  absent: ['name', 'timehigh', 'timelow', 'marketcap', 'circulatingsupply'],
};

/** The open time in milliseconds, open, high, low, close, volume: what ccxt makes of every exchange's candles. */
export type Candle = readonly (number | null | undefined)[];

const DAY_MS = DAY_US / 1000;
/** What a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/** The day that a candle begins, and whether it begins at midnight: only then its prices are those of one of our days. */
export interface CandleDay {
  readonly day: Day;
  readonly isAtMidnight: boolean;
  /** When it begins, for people. */
  readonly begins: string;
}

/** Where a daily candle lies; null for one without a time. */
export function dayOfCandle([openMs]: Candle): CandleDay | null {
  if (typeof openMs !== 'number' || !(Math.abs(openMs) <= MAX_DATE_MS)) return null;
  const day = Math.floor(openMs / DAY_MS);
  return { day, isAtMidnight: openMs === day * DAY_MS, begins: new Date(openMs).toISOString() };
}

/**
 * A candle as our source row: a day that closes a millisecond before the next. No candle says when its high and low
 * were. Without a time for them the 1D builder would drop both prices, so they get the times that it would repair with.
 */
export function priceOfCandle(
  candle: Candle,
  { id, line, day }: { id: number; line: number; day: Day },
): StagedPrice {
  const [, open = null, high = null, low = null, close = null, volume = null] = candle.map(finiteOrNull);
  const timeOpenUs = day * DAY_US;
  const timeCloseUs = timeOpenUs + DAY_US - 1000;
  const isUp = (close ?? 0) >= (open ?? 0);
  const isDown = (close ?? 0) <= (open ?? 0);
  return {
    ...emptyPrice(id, line),
    timeOpenUs,
    timeCloseUs,
    timeHighUs: isUp ? timeCloseUs : timeOpenUs,
    timeLowUs: isDown ? timeCloseUs : timeOpenUs,
    timestampUs: timeCloseUs,
    open,
    high,
    low,
    close,
    volume,
  };
}

function finiteOrNull(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
