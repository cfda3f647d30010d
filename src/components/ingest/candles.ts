import { DAY_US, type Day } from '../../domain/day.js';
import type { StagedPrice } from '../../storage/price-ingest.js';
import { emptyPrice, type PriceFormat, type PriceLayout } from './price-source.js';

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

/**
 * The UTC day of a daily candle. Throws Error for one that does not begin at midnight UTC: its prices are not those of
 * one of our days.
 */
export function dayOfCandle(candle: Candle, what: string): Day {
  const [openMs] = candle;
  if (typeof openMs !== 'number' || !Number.isFinite(openMs)) {
    throw new Error(`${what}: expected candles with a time, found ${JSON.stringify(candle).slice(0, 80)}`);
  }
  if (openMs % DAY_MS === 0) return openMs / DAY_MS;
  const found = new Date(openMs).toISOString();
  throw new Error(
    `${what}: expected daily candles that begin at midnight UTC, found one that begins at ${found}: its days are not UTC days, take another exchange`,
  );
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
