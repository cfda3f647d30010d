/** Values of flags, read from what was typed. What cannot be read is refused with what was expected. */
import { InvalidArgumentError } from 'commander';
import { type Day, parseDay } from '../../domain/calendar/day.js';
import { type Grace, parseGrace } from '../../domain/calendar/lateness.js';
import { currencyOfCode } from '../../domain/prices/currency.js';
import { UsageError } from '../../domain/text/errors.js';
import { parseIdList } from '../../domain/text/ids.js';
import type { SeriesCombo } from '../../orchestration/selection/select-series.js';

const MOST_SEED = 2 ** 32 - 1;
/** More than a week; timers of Node count up to 2^31 milliseconds. */
const MOST_SECONDS = 1_000_000;

/** Hours above 0. */
export function parseHours(text: string): number {
  const hours = text.trim() === '' ? Number.NaN : Number(text);
  if (!(Number.isFinite(hours) && hours > 0))
    throw new InvalidArgumentError('A number of hours above 0 was expected.');
  return hours;
}

/** Expected days that may be missing, such as 2, or hours after the end of a day, such as 12h. */
export function parseLateAfter(text: string): Grace {
  const grace = parseGrace(text);
  if (grace === null)
    throw new InvalidArgumentError(
      'Expected days from 0 to 999, such as 2, or hours, such as 12h, were expected.',
    );
  return grace;
}

/** Seconds above 0, up to eleven days. */
export function parseSeconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (!(seconds > 0 && seconds <= MOST_SECONDS))
    throw new InvalidArgumentError(`Seconds above 0, up to ${MOST_SECONDS}, were expected.`);
  return seconds;
}

/** Percent above 0, up to 100. */
export function parsePercent(text: string): number {
  const percent = text.trim() === '' ? Number.NaN : Number(text);
  if (!(percent > 0 && percent <= 100))
    throw new InvalidArgumentError('Percent above 0, up to 100, was expected.');
  return percent;
}

/** A seed of a sample. */
export function parseSeed(text: string): number {
  const seed = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seed <= MOST_SEED))
    throw new InvalidArgumentError(`A whole number from 0 to ${MOST_SEED} was expected.`);
  return seed;
}

/** A whole number from 1 to 999. */
export function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text))
    throw new InvalidArgumentError('A whole number from 1 to 999 was expected.');
  return Number(text);
}

/** A port; 0 is any free one. */
export function parsePort(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('A port from 0 to 65535 was expected.');
  return Number(text);
}

/** Names, comma-separated, each once, in lower case. */
export function parseNames(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('At least one name was expected.');
  return [...new Set(names)];
}

/** Timeframes, comma-separated, in upper case. */
export function parseTimeframes(text: string): string[] {
  return parseNames(text.toUpperCase()).map((name) => name.toUpperCase());
}

/** One timeframe. */
export function parseTimeframe(text: string): string {
  const [tf, ...others] = parseTimeframes(text);
  if (tf === undefined || others.length > 0) throw new InvalidArgumentError('One timeframe was expected.');
  return tf;
}

/** EMA periods, comma-separated. */
export function parsePeriods(text: string): number[] {
  return parseNames(text).map(parsePeriod);
}

/** One EMA period. */
export function parsePeriod(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text))
    throw new InvalidArgumentError(`A period like 21 was expected, got "${text}".`);
  return Number(text);
}

/** Pairs of timeframe and period. */
export function parseCombos(text: string): SeriesCombo[] {
  return parseNames(text).map((combo) => {
    const [tf, period, ...rest] = combo.split(':');
    if (!tf || !period || rest.length > 0) {
      throw new InvalidArgumentError(`Timeframe and period like 7D:10 were expected, got "${combo}".`);
    }
    return { tf: tf.toUpperCase(), period: parsePeriod(period) };
  });
}

/** New units for old ones. */
export interface Ratio {
  newUnits: number;
  oldUnits: number;
}

/** Both sides are stored as whole numbers that a double has exactly. */
const MOST_UNITS = 1_000_000_000_000_000;

/** A ratio of two whole numbers that are not equal, such as 4:1. */
export function parseRatio(text: string): Ratio {
  const match = /^([0-9]{1,16}):([0-9]{1,16})$/.exec(text.trim());
  const [newUnits, oldUnits] = [Number(match?.[1]), Number(match?.[2])];
  const isIn = (units: number) => units >= 1 && units <= MOST_UNITS;
  if (!isIn(newUnits) || !isIn(oldUnits))
    throw new InvalidArgumentError(
      'New units to old ones, such as 4:1, were expected: whole numbers from 1 to 10^15.',
    );
  if (newUnits === oldUnits) throw new InvalidArgumentError('A split into as many units changes nothing.');
  return { newUnits, oldUnits };
}

/** A day that a split can have. */
export function parseSplitDay(text: string): Day {
  const day = parseDay(text);
  if (day < parseDay('0001-01-01') || day > parseDay('9999-12-31'))
    throw new InvalidArgumentError('A day from 0001-01-01 to 9999-12-31 was expected.');
  return day;
}

/** One id; throws UsageError. */
export function parseSingleId(text: string): number {
  const ids = parseIdList(text);
  const id = ids?.[0];
  if (ids?.length !== 1 || id === undefined)
    throw new UsageError(`--id expects one number like "1", got "${text}"`);
  return id;
}

/** A currency: its code in upper case. */
export function parseCurrency(text: string): string {
  const currency = currencyOfCode(text);
  if (currency === null) throw new InvalidArgumentError(`A code like EUR was expected, got "${text}".`);
  return currency.token ?? currency.code;
}

/** The symbol of an asset, or a market, in upper case. */
export function parseSymbol(text: string): string {
  const symbol = text.trim().toUpperCase();
  if (!/^[^\s/:]{1,40}(?:\/[^\s/:]{1,40})?$/.test(symbol))
    throw new InvalidArgumentError(
      `A symbol like BTC, or a market like BTC/USDT, was expected, got "${text}".`,
    );
  return symbol;
}

/** What is fetched before a refresh: candles of an exchange, or CoinMarketCap's days (symbol and exchange are null). */
export interface FetchSource {
  exchange: string | null;
  symbol: string | null;
  id: number;
}

/** Sources like "kraken:BTC/USD:1" or "coinmarketcap:1027", comma-separated; the id comes last. */
export function parseFetches(text: string): FetchSource[] {
  const expected = 'A source like kraken:BTC/USD:1 or coinmarketcap:1 was expected';
  return [...new Set(text.split(',').map((part) => part.trim()))].map((part) => {
    // A symbol may have a colon of its own, as that of a contract has.
    const [exchange = '', ...rest] = part.split(':');
    const id = rest.pop() ?? '';
    const symbol = rest.join(':');
    const isApi = exchange.toLowerCase() === 'coinmarketcap';
    if (!/^\w+$/.test(exchange) || !/^[0-9]+$/.test(id) || (symbol === '') !== isApi)
      throw new InvalidArgumentError(`${expected}, got "${part}".`);
    const names = isApi ? { exchange: null, symbol: null } : { exchange, symbol };
    return { ...names, id: parseSingleId(id) };
  });
}
